"""How far the delivery has come, in a small file that is replaced whole."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

from .segments import unusable

NAME = "delivered"

_SECONDS_BETWEEN = 1.0


class Watermark:
    """The end of the last record before which all are delivered.

    Args:
        directory: Where the file lies.

    Attributes:
        segment: Number of the segment; 0 when nothing is known, as after damage to the file.
        offset: Bytes of the segment that are delivered.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self.segment, self.offset = _read(self._path)
        self._saved = (self.segment, self.offset)
        self._last = 0.0

    def move(self, segment: int, offset: int) -> None:
        """Set both; the file follows with :meth:`save`."""
        self.segment, self.offset = segment, offset

    def save(self, *, at_once: bool = False) -> None:
        """Write the file, if there is news and the last time is a while ago.

        Raises:
            StoreError: If the disk does not take it.
        """
        state, now = (self.segment, self.offset), time.monotonic()
        if state == self._saved or (not at_once and now - self._last < _SECONDS_BETWEEN):
            return
        # Replaced rather than overwritten: half a number would be a wrong one.
        text = f"{state[0]} {state[1]}"
        part = self._path.with_suffix(".part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{text} {zlib.crc32(text.encode())}\n")
            part.replace(self._path)
        except OSError as error:
            raise unusable(self._path, error) from error
        self._saved, self._last = state, now


def _read(path: Path) -> tuple[int, int]:
    try:
        with path.open("rb") as file:
            segment, offset, check = file.read(100).decode("ascii", "replace").split()
    except (FileNotFoundError, ValueError):
        return 0, 0
    except OSError as error:
        raise unusable(path, error) from error
    # A wrong one would skip events; with none at all they are delivered again.
    if check != str(zlib.crc32(f"{segment} {offset}".encode())):
        return 0, 0
    return int(segment), int(offset)
