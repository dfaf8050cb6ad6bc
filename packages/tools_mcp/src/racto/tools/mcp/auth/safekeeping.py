"""Files for secrets: read by their owner only, replaced whole, changed by one process at a time."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from racto.core import ConfigurationError

_log = logging.getLogger("racto.tools.mcp")

# Far more than logins need, and far less than would fill the memory.
_LARGEST = 8 * 2**20
_PATIENCE = 10.0
_PAUSE = 0.02


def read(path: Path) -> bytes | None:
    """The file's content; None when there is no such file.

    Raises:
        ConfigurationError: If it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, f"be read: {error.strerror}") from error
    if len(raw) > _LARGEST:
        raise _unusable(path, f"be read: it is larger than {_LARGEST:,} bytes")
    return raw


def replace(path: Path, content: bytes) -> None:
    """Put new content in the place of the old, whole or not at all, with mode 0600.

    Raises:
        ConfigurationError: If it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # Nobody else may read it at any moment, so its mode is set as it is made.
        with FileIO(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            if file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise _unusable(path, f"be written: {error.strerror}") from error
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes and threads from changing a file inside this block.

    The lock is a file beside it that is never removed; the system gives it back when a process
    dies. The folder is made when it is missing.

    Raises:
        ConfigurationError: If somebody else holds it for long, or it cannot be made.
    """
    beside = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = FileIO(os.open(beside, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise _unusable(path, f"be written: {error.strerror}") from error
    with file:
        _wait_for(file, beside)
        yield


def check_owner(path: Path) -> None:
    """Do nothing, unless somebody else could have put this file here.

    Raises:
        ConfigurationError: If it belongs to another user.
    """
    if sys.platform == "win32":
        return
    found = path.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise _unusable(path, "be trusted: it belongs to another user")
    if found.st_mode & 0o077:
        _log.warning("others may read the logins in %s; chmod 600 keeps them out", path)


def _wait_for(file: FileIO, path: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not _taken(file):
        if time.monotonic() > until:
            raise ConfigurationError(
                f"another process has held the lock {path} for {_PATIENCE:g} s; end it, try again"
            )
        time.sleep(_PAUSE)


def _unusable(path: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(f"the file of logins {path} cannot {problem}")


if sys.platform == "win32":
    import msvcrt

    def _taken(file: FileIO) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(file: FileIO) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
