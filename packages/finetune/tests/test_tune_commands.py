"""The commands on tuning jobs: what they print, where, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from racto.finetune import RactoDataset
from racto.finetune.cli import main
from racto.testing import GeminiServer, OpenAIServer

Said: TypeAlias = tuple[int, str, str]
Run: TypeAlias = Callable[..., Said]

FAST = ("--poll", "0.01")
VERTEX = ("--provider", "gemini", "--project", "p", "--location", "us-central1")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; gives its exit code, and what it printed on both channels."""

    def command(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.fixture
def server(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> OpenAIServer:
    """A server that the environment names, with its key."""
    monkeypatch.delenv("RACTO_TUNER", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", str(openai_server.key))
    return openai_server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of twelve examples."""
    pairs = [(f"question {number}", f"answer {number}") for number in range(12)]
    return RactoDataset.from_pairs(pairs).export_jsonl(tmp_path / "train.jsonl")


@pytest.fixture
def job(server: OpenAIServer, file: Path, run: Run) -> str:
    """The id of a job that is made."""
    code, out, _ = run("tune", file, "--model", "gpt-x", "--no-wait", "--json")
    assert code == 0
    return str(json.loads(out)["job_id"])


def test_a_model_is_made_and_its_name_alone_is_printed(
    server: OpenAIServer, file: Path, run: Run
) -> None:
    code, out, err = run(
        "tune", file, "--model", "gpt-x", "--validation", file, "--epochs", 2, "--batch-size", 4,
        "--learning-rate-multiplier", 0.5, "--suffix", "mine", "--seed", 7, *FAST,
    )  # fmt: skip
    assert code == 0
    assert out.startswith("ft:gpt-x:org-test:mine:")
    assert out.count("\n") == 1
    assert "to wait for it again: racto-finetune wait ftjob-" in err
    assert "succeeded after" in err
    body = next(one.json for one in reversed(server.requests) if one.path.endswith("/jobs"))
    assert body["seed"] == 7
    assert body["method"]["supervised"]["hyperparameters"] == {
        "n_epochs": 2,
        "batch_size": 4,
        "learning_rate_multiplier": 0.5,
    }


def test_settings_and_graders_are_handed_on(server: OpenAIServer, tmp_path: Path, run: Run) -> None:
    examples = tmp_path / "graded.jsonl"
    examples.write_text(
        "".join(
            json.dumps({"messages": [{"role": "user", "content": str(n)}], "answer": "b"}) + "\n"
            for n in range(10)
        )
    )
    grader = tmp_path / "grader.json"
    made = {"type": "string_check", "name": "g", "input": "i", "operation": "eq", "reference": "r"}
    grader.write_text(json.dumps(made))
    given = ("tune", examples, "--model", "o-x", "--method", "reinforcement", "--no-wait")
    code, out, _ = run(
        *given, "--grader", grader, "--set", "reasoning_effort=low", "--set", "eval_interval=2"
    )
    assert code == 0
    assert "state       validating (validating_files)" in out
    assert server.last.json["method"]["reinforcement"] == {
        "grader": made,
        "hyperparameters": {"reasoning_effort": "low", "eval_interval": 2},
    }
    grader.write_text("{")
    assert "holds no JSON" in run(*given, "--grader", grader)[2]
    assert "not NAME=VALUE" in run(*given, "--set", "beta")[2]


def test_a_job_is_shown_waited_for_and_drawn(
    server: OpenAIServer, job: str, run: Run, tmp_path: Path
) -> None:
    code, out, _ = run("status", job)
    assert (code, out.splitlines()[0]) == (0, f"job         {job}")
    code, out, err = run("wait", job, *FAST, "--json")
    assert (code, json.loads(out)["state"]) == (0, "succeeded")
    assert "New fine-tuned model created" in err
    code, out, _ = run("list", "--limit", 1)
    assert out.startswith(f"{job}  succeeded   20")
    assert json.loads(run("list", "--json")[1])[0]["job_id"] == job
    page = tmp_path / "losses.html"
    code, out, _ = run("events", job, "--limit", 2, "--plot", page)
    assert out.splitlines()[-1].endswith("info   The job has successfully completed")
    assert "train_loss" in page.read_text()
    assert run("events", job, "--plot", page)[0] == 2
    assert run("events", job, "--plot", page, "--overwrite")[0] == 0
    assert "step 3  ft:gpt-x" in run("events", job, "--checkpoints")[1]
    assert len(json.loads(run("events", job, "--json", "--limit", 3)[1])) == 3


def test_a_job_that_ends_badly_is_code_1(server: OpenAIServer, job: str, run: Run) -> None:
    code, out, _ = run("cancel", job)
    assert (code, "state       cancelled" in out) == (0, True)
    code, out, err = run("wait", job, *FAST)
    assert (code, out) == (1, "")
    assert "was ended before it had a model" in err


def test_a_wait_that_is_over_is_code_4(server: OpenAIServer, job: str, run: Run) -> None:
    server.fine_tuning.polls_per_step = None
    code, out, err = run("wait", job, *FAST, "--timeout", 0.05)
    assert (code, out) == (4, "")
    assert "it goes on" in err


def test_what_cannot_be_done_is_code_2(
    server: OpenAIServer, file: Path, run: Run, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(file.read_bytes() + b'{"messages": []}\n')
    for arguments, told in (
        (("wait", "ftjob-gone"), "Could not find fine tune"),
        (("tune", bad, "--model", "x"), "training: line 13"),
        (("tune", tmp_path / "none.jsonl", "--model", "x"), "none.jsonl"),
        (("tune", file), "--model"),
        (("list", "--limit", 0), "not a whole number"),
        (("list", "--provider", "anthropic"), "Amazon Bedrock"),
        (("list", "--key-env", "NO_SUCH_KEY"), "the environment has no NO_SUCH_KEY"),
        (("list", "--provider", "gemini", "--location", "us-central1"), "give project="),
        (("events", "1", *VERTEX), "have no events"),
        (("tune", file, "--model", "x", "--seed", 1, *VERTEX), "--seed is for openai"),
        (("tune", file, "--model", "x", *VERTEX), "staging_bucket="),
    ):
        code, out, err = run(*arguments)
        assert (code, out) == (2, ""), arguments
        assert told in err, arguments


def test_a_key_of_its_own_goes_to_another_server(
    openai_server: OpenAIServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-openai-alone")
    monkeypatch.setenv("MY_KEY", str(openai_server.key))
    assert run("list", "--base-url", openai_server.url)[0] == 2
    assert openai_server.last.headers["authorization"] == "Bearer no-key-needed"
    assert run("list", "--base-url", openai_server.url, "--key-env", "MY_KEY")[0] == 0


def test_gemini_is_tuned_from_an_address(
    gemini_server: GeminiServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import google.auth
    from google.oauth2.credentials import Credentials

    token: Any = Credentials(token="test-key")  # type: ignore[no-untyped-call]
    monkeypatch.setattr(google.auth, "default", lambda **_: (token, None))
    where = (*VERTEX, "--base-url", gemini_server.url.removesuffix("/v1beta"))
    code, out, _ = run(
        "tune", "gs://bucket/train.jsonl", "--model", "gemini-x", "--epochs", 2, "--suffix", "mine",
        "--learning-rate-multiplier", 1.5, "--set", "adapter_size=4",
        "--validation", "gs://bucket/check.jsonl", *FAST, *where,
    )  # fmt: skip
    assert (code, out) == (0, "projects/p/locations/us-central1/endpoints/1\n")
    body = next(one.json for one in gemini_server.requests if one.method == "POST")
    assert body["supervisedTuningSpec"]["hyperParameters"] == {
        "epochCount": 2,
        "learningRateMultiplier": 1.5,
        "adapterSize": "ADAPTER_SIZE_FOUR",
    }
    assert run("list", *where)[1].startswith("projects/p/locations/us-central1/tuningJobs/1  succ")
    assert run("events", "1", "--checkpoints", *where)[:2] == (0, "")


@pytest.mark.parametrize("command", ["tune", "wait", "status", "cancel", "list", "events"])
def test_help_teaches(command: str, run: Run) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--provider" in out
    if command in ("tune", "wait", "events"):
        assert "examples:" in out


@pytest.mark.parametrize("flag", ["--epochs", "--batch-size"])
def test_a_setting_of_zero_is_refused_and_not_dropped(
    server: OpenAIServer, file: Path, run: Run, flag: str
) -> None:
    code, _, err = run("tune", file, "--model", "gpt-x", flag, 0, *FAST)
    assert code == 2
    assert "not a whole number" in err
    assert server.received == 0
