"""The directory of a spill: for its owner alone, and for one process at a time."""

from __future__ import annotations

import os
import stat
import sys
import weakref
from contextlib import suppress
from pathlib import Path

from racto.core.errors import ConfigurationError, IndexLockedError

from .segments import unusable

LOCK = "lock"

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def prepared(directory: Path) -> Path:
    """Make the directory if it is missing, and see that nobody else may write into it.

    Raises:
        ConfigurationError: If others may write into it or own it, or it is no directory.
        StoreError: If it cannot be made.
    """
    directory = directory.expanduser().absolute()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except FileExistsError as error:
        raise ConfigurationError(f"audit spill {directory} is no directory") from error
    except OSError as error:
        raise unusable(directory, error) from error
    if stat.S_ISLNK(found.st_mode):
        raise ConfigurationError(f"audit spill {directory} is a link; give the directory itself")
    if sys.platform == "win32":
        return directory
    if found.st_mode & _WRITABLE_BY_OTHERS:
        raise ConfigurationError(
            f"audit spill {directory} may be written by other users; run: chmod 700 {directory}"
        )
    # Whoever owns a directory may remove what lies in it, whatever its mode says.
    if found.st_uid != os.geteuid():
        raise ConfigurationError(
            f"audit spill {directory} belongs to user {found.st_uid}, and this process to "
            f"{os.geteuid()}; give a directory inside of it, which will be made"
        )
    return directory


class Ownership:
    """A lock on a directory, which the system gives back when the process dies.

    Args:
        directory: What is to be owned.

    Raises:
        IndexLockedError: If another logger owns it.
        StoreError: If the lock file cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / LOCK
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._descriptor: int | None = os.open(path, flags, 0o600)
        except OSError as error:
            raise unusable(path, error) from error
        try:
            _seize(self._descriptor)
        except OSError as error:
            holder = _holder(self._descriptor)
            os.close(self._descriptor)
            raise IndexLockedError(
                f"audit spill {directory} is in use by {holder}; give each process and each "
                "logger a directory of its own"
            ) from error
        # Who holds it is told as a courtesy; on a full disk it stays untold.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())
        _HELD.add(self)

    def end(self) -> None:
        """Give the directory back; calling it twice is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def sync_directory(directory: Path) -> None:
    """Have the system put the names of new files on the disk itself.

    Raises:
        StoreError: If the disk fails.
    """
    # Windows neither needs it nor lets a directory be opened.
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unusable(directory, error) from error


_HELD: weakref.WeakSet[Ownership] = weakref.WeakSet()


def _forget() -> None:
    # A forked child that outlives its parent would keep the parent's successor out.
    for held in tuple(_HELD):
        held.end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _holder(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    pid = os.read(descriptor, 32).decode("ascii", "replace").strip()
    if pid == str(os.getpid()):
        return "another logger of this process"
    return f"process {pid}" if pid.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes against reading too; one far behind the text leaves the pid readable.
    _BYTE = 1 << 30

    def _seize(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _seize(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
