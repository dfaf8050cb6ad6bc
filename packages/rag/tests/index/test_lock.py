"""One process writes to an index at a time, and the others are told who it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from racto.core.errors import IndexLockedError, StoreError
from racto.rag.index import lock
from racto.rag.index.lock import WriterLock

HOLDER = """
import sys
from pathlib import Path
from racto.rag.index.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(IndexLockedError, match=f"process {holder.pid}") as caught:
            WriterLock(path).__enter__()
        assert "run the command again" in str(caught.value)
        assert caught.value.retryable
        # A process that dies gives the lock back, however it dies.
        holder.kill()
        holder.wait()
        with WriterLock(path):
            assert path.read_text().startswith(f"{os.getpid()} ")


def test_another_object_of_this_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with WriterLock(path), pytest.raises(IndexLockedError, match="this very process"):
        WriterLock(path).__enter__()


def test_blocks_of_one_object_nest(tmp_path: Path) -> None:
    one = WriterLock(tmp_path / "writer.lock")
    with one:
        with one:
            pass
        with pytest.raises(IndexLockedError):
            WriterLock(tmp_path / "writer.lock").__enter__()
    with WriterLock(tmp_path / "writer.lock"):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_not_taken_for_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_lock", lambda file: None)
    with WriterLock(Path("/dev/full")):
        pass


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        WriterLock(tmp_path / "gone" / "writer.lock").__enter__()
