"""The benchmark harness: cases, workers, interleaving, rows, table and exit codes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import MISSING, NOT_MET, exit_code, main
from benchmarks.harness import peers
from benchmarks.harness.case import Case, Environment, Side, is_met
from benchmarks.harness.peers import SideFailedError, Worker, interpreter
from benchmarks.harness.results import Row, write
from benchmarks.harness.rooms import available, open_room, package_name
from benchmarks.harness.table import figure, render
from benchmarks.harness.timing import measure, quartiles

SIDES = """
import neighbour

def counts(size):
    print("libraries may print")
    return lambda: size

def silent(size):
    return lambda: None

def fails(size):
    return lambda: 1 / 0

def unloadable(size):
    raise RuntimeError(neighbour.WORDS)

def dies(size):
    import os
    return lambda: os._exit(3)

def starts_another(size):
    import atexit, os, pathlib, subprocess, sys
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    atexit.register(lambda: pathlib.Path(__file__).with_name("tidied").touch())
    return lambda: child.pid

def fails_later(size):
    calls = []
    def once():
        calls.append(1)
        if len(calls) > 2:
            raise OSError("disk full")
    return once
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "side.py").write_text(SIDES)
    (tmp_path / "neighbour.py").write_text("WORDS = 'no data here'")
    return tmp_path


def case(ours: str = "counts", peer: str | None = "counts", **facts: Any) -> Case:
    sides: dict[str, Any] = {"ours": Side(file="side.py", function=ours)}
    if peer:
        sides["peer"] = Side(file="side.py", function=peer)
    settings: dict[str, Any] = {"measure": "figure", "given": {"size": 8}, "runs": 3, "seconds": 0}
    wanted = {"name": "sizes", "unit": "bytes", "better": "higher", "how": "by hand"}
    return Case(**(wanted | settings | sides | facts))


def row(**facts: Any) -> Row:
    known: dict[str, Any] = {
        "name": "sizes",
        "unit": "MB/s",
        "ours": 12.3456,
        "peer": 6.1728,
        "peer_name": "other 1.0",
        "ratio": 2.0,
        "asked": "ratio >= 0.9",
        "met": True,
        "better": "higher",
        "how": "by hand",
        "runs": 3,
    }
    return Row(**(known | facts))


@pytest.mark.parametrize(
    ("asked", "ours", "peer", "met"),
    [
        ("ratio >= 0.9", 9.0, 10.0, True),
        ("ratio > 1", 10.0, 10.0, False),
        ("ratio < 1", 9.0, None, None),
        ("ours <= 1.2", 1.2, None, True),
        ("ours < 1.2", 1.2, 5.0, False),
        ("ours < 1.2", None, 5.0, None),
        ("difference <= 30", 131.0, 100.0, False),
        ("difference <= -0.5", 1.0, 2.0, True),
        ("", 1.0, 2.0, None),
    ],
)
def test_what_is_asked_is_judged(
    asked: str, ours: float | None, peer: float | None, met: bool | None
) -> None:
    assert is_met(asked, ours, peer) is met


@pytest.mark.parametrize("asked", ["fast", "ratio = 1", "ratio >= x", "ours<=1"])
def test_a_case_refuses_what_it_cannot_judge(asked: str) -> None:
    with pytest.raises(ValueError, match="write for example"):
        case(asked=asked)


def test_a_case_refuses_a_comparison_without_a_peer() -> None:
    with pytest.raises(ValueError, match="needs a peer"):
        case(peer=None, asked="ratio >= 1")


def test_a_figure_is_measured_on_both_sides(folder: Path) -> None:
    measured = measure(case(asked="ratio >= 1", scale=0.5, peer_name="the same"), folder)
    assert (measured.ours, measured.peer, measured.ratio, measured.met) == (4.0, 4.0, 1.0, True)
    assert measured.note == ""
    assert measured.how == "by hand [cpu time, median of 3, 1 thread(s)]"


def test_rates_and_times_follow_the_clock(folder: Path) -> None:
    rate = measure(case(measure="rate", peer="silent", clock="wall", seconds=0.01), folder)
    assert rate.ours is not None
    assert rate.peer is not None
    assert rate.ours > rate.peer > 0
    time = measure(case(measure="time", scale=1e3, peer=None, clock="wall"), folder)
    assert time.ours is not None
    assert time.ours > 0
    assert time.ratio is None


def test_quick_takes_small_sizes_and_few_runs_and_judges_nothing(folder: Path) -> None:
    measured = measure(case(runs=9, quick={"size": 2}, asked="ours > 5"), folder, quick=True)
    assert (measured.ours, measured.runs, measured.met) == (2.0, 3, None)


@pytest.mark.parametrize(
    ("peer", "reason"),
    [
        ("fails", "peer: ZeroDivisionError"),
        ("fails_later", "peer: OSError: disk full"),
        ("unloadable", "peer: RuntimeError: no data here"),
        ("missing", "peer: AttributeError"),
        ("dies", "peer: the worker died"),
    ],
)
def test_a_failing_side_leaves_a_note_and_the_other_side(
    folder: Path, peer: str, reason: str
) -> None:
    measured = measure(case(peer=peer, asked="ratio >= 1"), folder)
    assert measured.ours == 8.0
    assert (measured.peer, measured.ratio, measured.met) == (None, None, None)
    assert reason in measured.note
    assert exit_code([measured]) == MISSING


def test_our_side_may_fail_too(folder: Path) -> None:
    measured = measure(case(ours="fails", asked="ours >= 1"), folder)
    assert (measured.ours, measured.peer, measured.met) == (None, 8.0, None)
    assert measured.note.startswith("ours: ZeroDivisionError")


def test_a_hanging_side_is_ended(folder: Path) -> None:
    (folder / "hang.py").write_text("import time\ndef f():\n    return lambda: time.sleep(60)\n")
    side = Side(file="hang.py", function="f")
    with Worker(side, folder, given={}, limit=1.5) as worker, pytest.raises(SideFailedError):
        worker.run(0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("ending", ["stopped", "hung"])
def test_what_a_side_starts_ends_with_it(folder: Path, ending: str) -> None:
    side = Side(file="side.py", function="starts_another")
    with Worker(side, folder, given={"size": 1}) as worker:
        pid = int(worker.run(0.0)["work"])
        assert _is_alive(pid)
        if ending == "hung":
            # As the alarm does when a side is silent for too long.
            worker._kill()
    end = time.monotonic() + 10
    while _is_alive(pid):
        assert time.monotonic() < end, f"process {pid} was left behind"
        time.sleep(0.02)
    assert (folder / "tidied").exists() is (ending == "stopped")


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return facts.rpartition(")")[2].split()[0] != "Z"


def test_an_environment_that_cannot_be_installed_is_a_failed_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 2\n")
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))
    monkeypatch.setattr(peers, "PEERS", tmp_path / "peers")
    with pytest.raises(SideFailedError, match="cannot install other: no route to host"):
        interpreter(Environment(name="other", requirements=("other==1",)))


def test_our_own_environment_is_this_one() -> None:
    assert interpreter(None) == Path(sys.executable)


def test_quartiles_of_few_values() -> None:
    assert quartiles([1.0]) is None
    assert quartiles([1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 4.0]


def test_rows_are_kept_as_a_list_with_stable_keys(tmp_path: Path) -> None:
    path = write(tmp_path / "results", "racto-x", [row(ours=1234.5678)])
    (kept,) = json.loads(path.read_text())
    assert list(kept) == list(asdict(row()))
    assert kept["ours"] == 1235.0
    machine = json.loads((tmp_path / "results/machines/racto-x.json").read_text())
    assert {"processor", "cores", "python"} <= machine.keys()


def test_the_table_shows_each_row_and_how_it_was_measured() -> None:
    missing = row(name="gone", peer=None, ratio=None, met=None, note="peer: cannot install other")
    text = render({"racto-x": [row(), row(name="slow", met=False), missing]})
    assert "\nracto-x\n  sizes " in text
    assert " NO " in text
    assert "by hand\n    MISSING: peer: cannot install other" in text
    assert exit_code([row(), missing]) == MISSING
    assert exit_code([row(met=False), missing]) == NOT_MET
    assert exit_code([row()]) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (12345.6, "12,346"), (12.34, "12.3"), (1.234, "1.23"), (0.01234, "0.0123")],
)
def test_figures_are_short(value: float | None, text: str) -> None:
    assert figure(value) == text


def every_case() -> Iterator[tuple[Path, Case]]:
    for package in available():
        room = open_room(package)
        yield from ((room.folder, found) for found in room.cases)


def test_every_room_belongs_to_a_package_and_names_its_cases_once() -> None:
    packages = Path(__file__).resolve().parents[2] / "packages"
    assert available()
    for package, folder in available().items():
        assert package == package_name(folder.name)
        assert (packages / folder.name).is_dir()
        names = [found.name for found in open_room(package).cases]
        assert len(names) == len(set(names)) > 0


def test_every_side_is_there() -> None:
    for folder, found in every_case():
        for side in filter(None, (found.ours, found.peer)):
            text = (folder / side.file).read_text()
            assert f"def {side.function}(" in text, f"{found.name}: {side}"


def test_the_command_line_lists_and_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "racto-stores-memory: " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["racto-nowhere"])
    assert "there are some for" in capsys.readouterr().err
