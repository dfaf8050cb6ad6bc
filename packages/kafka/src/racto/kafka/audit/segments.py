"""One file of spilled records: written at its end, read from any record on, removed when done."""

from __future__ import annotations

import os
import re
from pathlib import Path

from racto.core.errors import StoreError

NAME = re.compile(r"([0-9]{12})\.spill")
"""What the files are called; nothing else in the directory is touched."""

# Not there on Windows, where creating a file that exists fails all the same.
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class Segment:
    """A file of records.

    Args:
        directory: Where it lies.
        number: Its place among the others.
        is_new: Whether it is to be made, for its owner alone, rather than opened for reading.

    Attributes:
        number: Its place among the others.
        size: Bytes that are written whole.
        left: How many of its records are not delivered yet.
        has_damage: Whether some of it could not be read, so that the file must be kept.
        is_spoiled: Whether bytes lie behind its end that could not be cut off; nothing more may be
            appended.

    Raises:
        StoreError: If it cannot be opened or made.
    """

    def __init__(self, directory: Path, number: int, *, is_new: bool) -> None:
        self.path = directory / f"{number:012d}.spill"
        self.number = number
        self.left = 0
        self.has_damage = False
        self.is_spoiled = False
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND if is_new else os.O_RDONLY
        try:
            # Exclusive and through no link: nobody may have put a file of their own here.
            self._descriptor = os.open(self.path, flags | _NO_LINKS | _BINARY, 0o600)
            self.size = os.fstat(self._descriptor).st_size
        except OSError as error:
            raise unusable(self.path, error) from error

    def append(self, data: bytes, *, synced: bool = False) -> None:
        """Write a record, whole or not at all.

        Args:
            data: The record.
            synced: Whether to wait until it is on the disk itself.

        Raises:
            StoreError: If the disk takes no more, or fails.
        """
        rest = memoryview(data)
        try:
            # A disk that is nearly full takes a part, and says at the next call that it is full.
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            if synced:
                os.fsync(self._descriptor)
        except OSError as error:
            self._cut()
            raise unusable(self.path, error) from error
        # Readers go by it, and must not see what may yet be taken back.
        self.size += len(data)

    def read(self, start: int, most: int) -> bytes:
        """What is written from ``start`` on, at most ``most`` bytes of it.

        Raises:
            StoreError: If the disk does not give it.
        """
        wanted = min(self.size - start, most)
        parts = []
        try:
            while wanted > 0:
                part = _read_at(self._descriptor, wanted, start)
                if not part:
                    break
                parts.append(part)
                start, wanted = start + len(part), wanted - len(part)
        except OSError as error:
            raise unusable(self.path, error) from error
        return b"".join(parts)

    def sync(self) -> None:
        """Have the system put it on the disk itself, where a power failure leaves it.

        Raises:
            StoreError: If the disk fails.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise unusable(self.path, error) from error

    def close(self) -> None:
        """Give the file back; it stays on the disk."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Close and delete the file; a damaged one is kept under another name.

        Raises:
            StoreError: If the directory does not let it go.
        """
        self.close()
        try:
            if self.has_damage:
                self.path.replace(self.path.with_suffix(".damaged"))
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise unusable(self.path, error) from error

    def _cut(self) -> None:
        # What half a record leaves behind would be told as damage at the next start.
        try:
            os.ftruncate(self._descriptor, self.size)
        except OSError:
            self.is_spoiled = True


def unusable(path: Path, error: OSError) -> StoreError:
    """The error for a file of the spill that the system refuses."""
    return StoreError(
        f"audit spill {path}: {error.strerror or error}; free space, or check the directory's "
        "permissions"
    )


if hasattr(os, "pread"):
    _read_at = os.pread
else:

    def _read_at(descriptor: int, count: int, start: int) -> bytes:
        os.lseek(descriptor, start, os.SEEK_SET)
        return os.read(descriptor, count)
