"""The lock that lets one process at a time write to an index, and says who holds it."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

from racto.core.errors import IndexLockedError, StoreError

LOCK_NAME = "writer.lock"


class WriterLock:
    """An exclusive lock on a file, given back by the system when the process dies.

    Threads and tasks of one process that share the object share the lock: their changes are
    kept apart by transactions.

    Args:
        path: The lock file; created when missing, never removed, so that two processes cannot
            come to hold locks on two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._depth = 0
        self._guard = threading.Lock()

    def __enter__(self) -> WriterLock:
        with self._guard:
            if self._depth == 0:
                self._file = self._acquire()
            self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._depth -= 1
            if self._depth == 0 and self._file is not None:
                self._file.close()
                self._file = None

    def _acquire(self) -> FileIO:
        try:
            file = self._path.open("ab+", buffering=0)
        except OSError as error:
            raise StoreError(
                f"index {self._path.parent} cannot be written: {error.strerror}; "
                "check the folder's permissions or choose another with --index"
            ) from error
        try:
            _lock(file)
        except OSError as error:
            # Whoever holds the lock has written its number into the file.
            holder = self._holder(file)
            file.close()
            raise IndexLockedError(
                f"index {self._path.parent} is being written by {holder}; wait until it has "
                "finished, or stop it, and run the command again (reading works meanwhile)"
            ) from error
        # Who holds it is told as a courtesy; on a full disk it stays untold.
        with suppress(OSError):
            file.seek(0)
            file.truncate()
            file.write(f"{os.getpid()} {int(time.time())}\n".encode())
        return file

    def _holder(self, file: FileIO) -> str:
        file.seek(0)
        pid, _, since = (file.read(64) or b"").decode("ascii", "replace").partition(" ")
        if not pid.strip().isdigit():
            return "another process"
        if int(pid) == os.getpid():
            return f"this very process (pid {pid}), through another object"
        when = ""
        if since.strip().isdigit():
            when = time.strftime(", since %H:%M:%S", time.localtime(int(since)))
        return f"process {pid.strip()}{when}"


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes against reading too; one far behind the text leaves the pid readable.
    _BYTE = 1 << 30

    def _lock(file: FileIO) -> None:
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
