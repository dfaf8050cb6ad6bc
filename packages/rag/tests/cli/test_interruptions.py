"""Ctrl-C, crashes and second writers: what was finished stays, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.rag import DocumentIndex

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

FILES = 40


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(FILES):
        # Eight passages a file, so that a batch of 256 takes 32 files.
        text = "\n\n".join(f"Note {number}.{part}: " + "kappa " * 80 for part in range(8))
        (folder / f"n{number:03}.txt").write_text(text)
    return folder


def start(environment: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    """A command that ingests slowly, after its first batch has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "racto.rag", "ingest", "many", "--concurrency", "1"],
        cwd=folder,
        env=environment | {"RACTO_EMBEDDER": "slow"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Shells start background jobs with SIGINT ignored; tests must not inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "embedding\n"
    return process


@pytest.mark.parametrize("batches", [1, 2])
def test_ctrl_c_keeps_what_was_finished(
    command: Run, environment: dict[str, str], many: Path, tmp_path: Path, batches: int
) -> None:
    process = start(environment, tmp_path)
    assert process.stderr is not None
    for _ in range(batches - 1):
        assert process.stderr.readline() == "embedding\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again" in errors
    assert "Traceback" not in errors

    with DocumentIndex(tmp_path / ".racto" / "index") as index:
        finished = [record for record in index.sources() if record.chunks]
        assert index.count() == sum(record.chunks for record in finished)
        if batches == 2:
            assert finished
    again = command("ingest", "many", RACTO_EMBEDDER="slow")
    assert again.returncode == 0, again.stderr
    assert f"{FILES - len(finished)} ingested" in again.stdout
    assert f"{len(finished)} unchanged" in again.stdout


def test_a_killed_process_leaves_a_whole_index(
    command: Run, environment: dict[str, str], many: Path, tmp_path: Path
) -> None:
    process = start(environment, tmp_path)
    process.kill()
    process.communicate()
    again = command("ingest", "many", RACTO_EMBEDDER="slow")
    assert again.returncode == 0, again.stderr
    with DocumentIndex(tmp_path / ".racto" / "index") as index:
        assert len(index.sources()) == FILES


def test_a_second_writer_is_told_who_writes_and_readers_go_on(
    command: Run, environment: dict[str, str], docs: Path, many: Path, tmp_path: Path
) -> None:
    assert command("ingest", "docs", RACTO_EMBEDDER="slow").returncode == 0
    process = start(environment, tmp_path)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        refused = command("ingest", "docs", RACTO_EMBEDDER="slow")
        asked = command("ask", "How long is the pump guaranteed?", RACTO_EMBEDDER="slow")
    finally:
        os.kill(process.pid, signal.SIGCONT)
        process.communicate(timeout=60)
    assert refused.returncode == 2
    assert f"process {process.pid}" in refused.stderr
    assert asked.returncode == 0, asked.stderr
    assert "five years" in asked.stdout
    assert process.returncode == 0
