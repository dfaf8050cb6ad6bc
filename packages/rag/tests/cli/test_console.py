"""Logs and pipes get plain lines; a terminal gets colours and a bar, and never a broken name."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.rag.cli.console import Console, duration, megabytes


def test_tables_are_aligned_and_rows_are_lines() -> None:
    stream = io.StringIO()
    Console(stream).table(("skipped", "reason"), [("a\nb.txt", "empty"), ("[red]c", "too\tlarge")])
    assert stream.getvalue() == ("  skipped  reason\n  a b.txt  empty\n  [red]c   too large\n")


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    stream = io.StringIO()
    Console(stream).say("\x1b]0;pwned\x07 a\tb\nc\r\x9b2J \u202etxt.exe Zoë")
    assert stream.getvalue() == ("\\x1b]0;pwned\\x07 a\tb\nc\\r\\x9b2J \\u202etxt.exe Zoë\n")


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0 bytes"), (1234, "1.2 kB"), (12_345_678, "12.3 MB")]
)
def test_sizes(value: int, shown: str) -> None:
    assert megabytes(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.0123, "12 ms"), (3.21, "3.2 s")])
def test_durations(value: float, shown: str) -> None:
    assert duration(value) == shown


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("has_rich", [True, False])
def test_a_terminal(
    environment: dict[str, str], docs: Path, tmp_path: Path, has_rich: bool
) -> None:
    (docs / "[bold]odd[1].txt").touch()
    if not has_rich:
        # A module that fails to import stands for a library that is not installed.
        (tmp_path / "installed" / "rich.py").write_text("raise ImportError('not installed')\n")
    shown, code = _in_terminal(["ingest", "docs"], environment, tmp_path)
    assert code == 3, shown
    assert "2 ingested" in shown
    assert "[bold]odd[1].txt" in shown
    assert ("\x1b[" in shown) == has_rich
    assert "Traceback" not in shown


def _in_terminal(
    arguments: list[str], environment: dict[str, str], folder: Path
) -> tuple[str, int]:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "racto.rag", *arguments],
        cwd=folder, env=environment | {"TERM": "xterm"}, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    pieces: list[bytes] = []
    # Reading fails when the last process has closed its side.
    try:
        while piece := os.read(ours, 4096):
            pieces.append(piece)
    except OSError:
        pass
    os.close(ours)
    return b"".join(pieces).decode(), process.wait()


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_reader_that_has_seen_enough_is_no_error(
    environment: dict[str, str], docs: Path, tmp_path: Path
) -> None:
    (docs / "long.txt").write_text("The pump again. " * 5000)
    start = [sys.executable, "-m", "racto.rag"]
    subprocess.run(
        [*start, "ingest", "docs"], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    search = subprocess.Popen(
        [*start, "search", "pump", "--top-k", "200", "--json"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert search.stdout is not None
    assert search.stderr is not None
    search.stdout.read(10)
    search.stdout.close()
    assert search.stderr.read() == b""
    search.stderr.close()
    assert search.wait() == 0
