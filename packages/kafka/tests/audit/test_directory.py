"""A directory is its owner's alone, and one logger's at a time."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, IndexLockedError
from racto.kafka.audit.directory import Ownership, prepared

_HOLDER = """
import sys
from pathlib import Path
from racto.kafka.audit.directory import Ownership
held = Ownership(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions(tmp_path: Path) -> None:
    made = prepared(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    made.chmod(0o777)
    with pytest.raises(ConfigurationError, match="may be written by other users; run: chmod 700"):
        prepared(made)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives directories away"
)
def test_a_directory_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    os.chown(theirs, 12345, 12345)
    with pytest.raises(ConfigurationError, match="belongs to user 12345, and this process to 0"):
        prepared(theirs)
    assert prepared(theirs / "ours").is_dir()


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="is no directory"):
        prepared(tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ConfigurationError, match="is a link"):
        prepared(tmp_path / "link")


def test_one_owner_in_a_process(tmp_path: Path) -> None:
    first = Ownership(tmp_path)
    with pytest.raises(IndexLockedError, match="in use by another logger of this process"):
        Ownership(tmp_path)
    first.end()
    first.end()
    Ownership(tmp_path).end()


def test_one_owner_among_processes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(IndexLockedError, match=f"in use by process {other.pid}"):
            Ownership(tmp_path)
        # Whatever ends the holder, the system gives the lock back.
        other.kill()
        other.wait()
        Ownership(tmp_path).end()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    held = Ownership(tmp_path)
    with warnings.catch_warnings():
        # Python warns of forks beside threads; that is what is tested here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        with pytest.raises(IndexLockedError):
            Ownership(tmp_path)
        held.end()
        # The child lets go as soon as it runs.
        for _ in range(200):
            try:
                Ownership(tmp_path).end()
                break
            except IndexLockedError:
                time.sleep(0.02)
        else:
            pytest.fail("the child holds the lock of its parent")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
