"""``racto-rag watch``: what changes is read again, until somebody ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.rag import DocumentIndex

pytest.importorskip("watchfiles", reason="the extra racto-rag[watch] is not installed")


@pytest.fixture
def following(
    tmp_path: Path, docs: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A command that follows the documents, and has read them once."""
    with subprocess.Popen(
        [sys.executable, "-m", "racto.rag", "watch", str(docs), "--poll"],
        cwd=tmp_path,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Shells start background jobs with SIGINT ignored; tests must not inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "Following" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield process
        finally:
            process.kill()


def wait_for(index: Path, words: str, wanted: set[str]) -> None:
    until = time.monotonic() + 60
    found: set[str] = set()
    while time.monotonic() < until:
        with DocumentIndex(index) as opened:
            found = {Path(hit.chunk.metadata.source).name for hit in opened.search(words, 20)}
        if found == wanted:
            return
        time.sleep(0.1)
    pytest.fail(f"after a minute there was {found}, and not {wanted}")


def test_changes_are_followed_until_ctrl_c(
    following: subprocess.Popen[str], docs: Path, tmp_path: Path
) -> None:
    index = tmp_path / ".racto" / "index"
    wait_for(index, "pump bread kappa", {"pump.md", "bread.txt"})
    (docs / "new.txt").write_text("A kappa lives in the river.")
    wait_for(index, "kappa", {"new.txt"})
    (docs / "new.txt").write_text("An otter lives in the river.")
    wait_for(index, "otter kappa", {"new.txt"})
    (docs / "bread.txt").unlink()
    wait_for(index, "pump bread otter", {"pump.md", "new.txt"})
    os.kill(following.pid, signal.SIGINT)
    rest, _ = following.communicate(timeout=60)
    assert following.returncode == 0
    assert "everything that was finished is kept" in rest
    assert "Traceback" not in rest
