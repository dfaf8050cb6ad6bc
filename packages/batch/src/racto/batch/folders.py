"""Folders of a job's state: the user's alone, and for one process at a time."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from racto.core.errors import ConfigurationError, JobError

# Windows says no permission, or a deadlock, where others say that it would block.
_TAKEN = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def state_folder(given: str | Path | None = None) -> Path:
    """The folder of all jobs' state; made when it is missing.

    Args:
        given: The folder; ``racto/batch`` in the user's folder for state when None:
            ``$XDG_STATE_HOME``, ``~/.local/state``, or ``%LOCALAPPDATA%``.

    Raises:
        ConfigurationError: If it cannot be made, or other users may write into it.
    """
    folder = Path(given) if given is not None else _users_own() / "racto" / "batch"
    return private_folder(folder.expanduser().absolute())


def private_folder(folder: Path) -> Path:
    """Make a folder for this user alone, if it is missing.

    Raises:
        ConfigurationError: If it cannot be made, or other users may write into it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.lstat().st_mode
    except OSError as error:
        raise _unusable(folder, error) from error
    if stat.S_ISLNK(mode):
        raise ConfigurationError(f"the state folder {folder} is a link; name the folder itself")
    if sys.platform != "win32" and mode & _WRITABLE_BY_OTHERS:
        raise ConfigurationError(
            f"other users may write into the state folder {folder}; run: chmod 700 {folder}"
        )
    return folder


def private_file(path: Path, mode: str) -> BinaryIO:
    """Open a file of prompts or replies for binary writing, readable by this user alone.

    Args:
        path: The file; a link in its place is refused.
        mode: ``ab`` or ``wb``.
    """
    return open(path, mode, opener=_private)  # type: ignore[return-value]


def unwritable(path: Path, error: OSError) -> JobError:
    """The error for state that the disk does not take."""
    return JobError(
        f"the state {path} cannot be written: {error.strerror or error}; make room, or give another "
        "folder as state=",
        retryable=True,
    )


class Claim:
    """One process's right to work on a job; the system takes it back when the process dies.

    Args:
        folder: The job's folder.

    Raises:
        JobError: If another process, or another thread of this one, has it.
        ConfigurationError: If the folder takes no such files.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._file: BinaryIO | None = private_file(folder / "claim", "ab")
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            _seize(self._file.fileno())
        except OSError as error:
            self.end()
            # Whoever waits for the other process must not wait for a disk that knows no locks.
            if error.errno not in _TAKEN:
                raise _unusable(folder, error) from error
            raise JobError(
                f"another process is at work on job {folder.name}; leave it to that one",
                retryable=True,
            ) from error

    def end(self) -> None:
        """Give the right back; doing so twice is fine."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _unusable(folder: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"the state folder {folder} cannot be used: {error}")


def _users_own() -> Path:
    for name in ("XDG_STATE_HOME", *(("LOCALAPPDATA",) if sys.platform == "win32" else ())):
        # The standard has relative paths in it ignored.
        if (found := os.environ.get(name)) and Path(found).is_absolute():
            return Path(found)
    return Path.home() / ".local" / "state"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


if sys.platform == "win32":
    import msvcrt

    def _seize(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _seize(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
