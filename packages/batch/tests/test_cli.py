"""The command line: from a file of items to a file of results."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.batch.cli import main
from racto.batch.jobs import BatchStatus
from racto.batch.processor import HostedBatchProcessor
from racto.core import ServerError

from .harness.codecs import ChatCodec
from .harness.depot import Depot, DepotHost

Run = Callable[..., int]


@pytest.fixture
def run(depot: Depot, state: Path) -> Run:
    """Runs a command in a process of its own, as far as the state tells."""

    def made(_options: object) -> HostedBatchProcessor:
        return HostedBatchProcessor(ChatCodec(), DepotHost(depot), state=state)

    return lambda *arguments: main([str(one) for one in arguments], make_processor=made)


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    lines = [json.dumps({"custom_id": f"i{n}", "user_message": f"q{n}"}) for n in range(3)]
    path.write_text("\n".join(lines))
    return path


def test_submit_wait_and_write(
    run: Run, depot: Depot, items: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    depot.steps = 2
    output = tmp_path / "out.jsonl"
    code = run(
        "submit", items, "--provider", "openai", "--interval", 0.001, "--output", output,
        "--system", "Be brief.",
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0
    assert "job-1  in_progress  0/3" in told.out
    assert "3 answered; 18 tokens for 0.0000 USD" in told.out
    assert "completed: 3 of 3 done" in told.err
    assert len(output.read_text().splitlines()) == 3
    messages = depot.jobs["job-1"].lines[0]["body"]["messages"]
    assert [message["content"] for message in messages] == ["Be brief.", "q0"]


def test_step_by_step(
    run: Run, depot: Depot, items: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", items, "--provider", "openai", "--json") == 0
    assert json.loads(capsys.readouterr().out)["job_id"] == "job-1"
    assert run("status", "job-1") == 0
    assert run("results", "job-1") == 2
    assert "has not ended" in capsys.readouterr().err
    assert run("resume", "--provider", "openai") == 0
    assert "job-1" in capsys.readouterr().out
    depot.finish("job-1", BatchStatus.EXPIRED, without=("i2",))
    table = tmp_path / "out.parquet"
    assert run("results", "job-1", "--output", table, "--json") == 1
    summary = json.loads(capsys.readouterr().out)
    assert summary["counts"] == {"answered": 2, "expired": 1}
    assert table.exists()
    assert run("retry", "job-1", "--only", "expired") == 0
    assert run("cancel", "job-2") == 0
    assert run("list", "--provider", "openai", "--limit", 1) == 0
    assert "job-2  cancelling" in capsys.readouterr().out
    assert run("forget", "job-1") == 0
    assert run("forget", "job-1") == 2


def test_a_wait_that_is_too_short_has_its_own_code(
    run: Run, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("submit", items, "--provider", "openai")
    assert run("wait", "job-1", "--interval", 0.001, "--timeout", 0.02) == 3
    assert "It goes on at the provider" in capsys.readouterr().err


def test_all_faulty_lines_are_named(
    run: Run, depot: Depot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"custom_id": "a"}\nno json\n[1]\n{"custom_id": "b", "user_message": "x"}')
    assert run("submit", path, "--provider", "openai", "--system", "x") == 2
    told = capsys.readouterr().err
    assert "3 of 4 items cannot be sent" in told
    assert all(f"items[{number}]" in told for number in range(3))
    assert depot.calls == []


def test_an_output_that_is_there_is_refused_before_anything_is_paid_for(
    run: Run, depot: Depot, items: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.jsonl").write_text("mine")
    output = tmp_path / "out.jsonl"
    assert run("submit", items, "--provider", "openai", "--output", output) == 2
    assert run("submit", items, "--provider", "openai", "--output", tmp_path / "out.csv") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert depot.calls == []


def test_columns_that_are_no_pairs_are_refused(
    run: Run, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", items, "--provider", "openai", "--columns", "question") == 2
    assert "FIELD=COLUMN" in capsys.readouterr().err


def test_what_a_provider_says_cannot_drive_the_terminal(
    run: Run, depot: Depot, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("submit", items, "--provider", "openai")
    depot.finish("job-1", BatchStatus.FAILED, errors=("bad \x1b[2J line",))
    run("status", "job-1")
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\\u001b[2J" in told


def test_ctrl_c_says_that_the_job_goes_on(
    run: Run, depot: Depot, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("submit", items, "--provider", "openai")

    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    depot.on_call = interrupted
    assert run("wait", "job-1") == 130
    assert "go on" in capsys.readouterr().err


def test_help_and_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "Exit codes" in capsys.readouterr().out
    assert main(["submit"]) == 2
    assert main(["status", "job-1", "--state", "/dev/null/nowhere"]) == 2
    assert "state folder" in capsys.readouterr().err


def test_a_job_from_elsewhere_needs_its_provider(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "job-1", "--state", str(state)]) == 2
    assert "--provider" in capsys.readouterr().err


def test_jobs_in_trouble_do_not_hide_the_others(
    run: Run, depot: Depot, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run("submit", items, "--provider", "openai") == 0
    capsys.readouterr()
    left = [ServerError("down")]

    def broken(name: str) -> None:
        if name == "look" and left:
            raise left.pop()

    depot.on_call = broken
    assert run("resume", "--provider", "openai") == 2
    told = capsys.readouterr()
    assert "job-2" in told.out
    assert "1 of 2 jobs could not be resumed" in told.err


@pytest.mark.parametrize("option", ["--interval", "--timeout"])
def test_a_wait_that_cannot_begin_is_refused_before_the_upload(
    option: str, run: Run, depot: Depot, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", items, "--provider", "openai", "--wait", option, "0") == 2
    assert "not above 0" in capsys.readouterr().err
    assert depot.jobs == {}


def test_an_output_without_a_folder_is_refused_before_the_upload(
    run: Run, depot: Depot, items: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "nowhere" / "out.jsonl"
    assert run("submit", items, "--provider", "openai", "--output", output) == 2
    assert "make it first" in capsys.readouterr().err
    assert depot.jobs == {}
