"""Events that the broker refuses for good, kept for a person to look at."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic_core import to_json

from .backlogs import Parcel
from .segments import unusable

NAME = "refused.jsonl"


class Refusals:
    """A file of JSON lines: the reason, the key and the event.

    Args:
        directory: Where it lies.
        most: Bytes that it may have.
    """

    def __init__(self, directory: Path, *, most: int) -> None:
        self._path, self._most = directory / NAME, most

    def add(self, parcel: Parcel, reason: str) -> bool:
        """Keep an event; False when the file is full.

        Raises:
            StoreError: If the disk does not take it.
        """
        line = to_json(
            {
                "reason": reason,
                "key": parcel.key.decode(errors="replace"),
                "value": parcel.value.decode(errors="replace"),
            }
        )
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            with os.fdopen(os.open(self._path, flags, 0o600), "ab") as file:
                if file.tell() + len(line) > self._most:
                    return False
                file.write(line + b"\n")
        except OSError as error:
            raise unusable(self._path, error) from error
        return True
