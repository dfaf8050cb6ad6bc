"""A file that takes the place of another whole or not at all, written by one process at a time."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from racto.core.errors import IndexLockedError


@contextmanager
def replacement(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside ``path`` that becomes it at the end, and is removed on failure.

    Args:
        path: What is to be replaced; need not be there.

    Raises:
        IndexLockedError: If somebody else is replacing it now.
        OSError: If it cannot be written.
    """
    with _lock(path.with_name(f".{path.name}.lock"), path):
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


@contextmanager
def _lock(path: Path, wanted: Path) -> Iterator[None]:
    # The operating system lets go of the lock when its owner dies, however that happens.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _seize(descriptor)
        except OSError as error:
            raise IndexLockedError(
                f"somebody else is saving to {wanted}; try again when they are done"
            ) from error
        yield
        with suppress(OSError):
            path.unlink()
    finally:
        os.close(descriptor)


def _seize(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
