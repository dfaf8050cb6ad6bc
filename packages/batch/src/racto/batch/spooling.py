"""Spools: files of lines on their way to the provider, cut where a job of the provider ends."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from racto.core.errors import ConfigurationError

from .folders import private_file, unwritable
from .hosts import BatchLimits

# Enough that files are not opened for each line, little enough for many lanes at once.
_BUFFER = 256 * 1024


class Place(NamedTuple):
    """Where a line stands: number of the part, offset and length in bytes."""

    part: int
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One upload, and the job that is to be made of it.

    Attributes:
        number: Its number within the job, from 0.
        lane: What its lines have in common.
        path: Path of its first request.
        model: Model of its first request.
        count: Items in it.
        weight: Requests in it, as the provider counts them.
        size: Bytes of its lines.
        headers: Headers that its requests need.
    """

    number: int
    lane: str
    path: str
    model: str
    count: int = 0
    weight: int = 0
    size: int = 0
    headers: dict[str, str] = field(default_factory=dict)


class Spool:
    """Writes lines into as few parts as the provider's limits allow.

    Args:
        folder: Where the files go.
        limits: What a part may hold.
    """

    def __init__(self, folder: Path, limits: BatchLimits) -> None:
        self._folder = folder
        self._limits = limits
        self._parts: list[_Growing] = []
        self._current: dict[str, _Growing] = {}

    def add(
        self,
        line: bytes,
        *,
        lane: str,
        path: str,
        model: str,
        weight: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> Place:
        """Write a line into its lane's part, or into a new one when that is full.

        Args:
            line: The line without its line break.
            lane: What it has in common with the lines that may stand beside it.
            path: Path of its request.
            model: Model of its request.
            weight: Requests that the provider counts it for.
            headers: Headers that it needs.

        Raises:
            ConfigurationError: If the line alone is above the limits.
            JobError: If the disk does not take it.
        """
        part = self._current.get(lane)
        if part is None or not part.takes(len(line) + 1, weight, self._limits):
            if len(line) + 1 + self._limits.frame_bytes > self._limits.bytes:
                raise ConfigurationError(
                    f"a request of {len(line)} bytes is above the {self._limits.bytes} of a job"
                )
            # The full part is left for good, though a small line might still fit: order is kept.
            part = _Growing(self._folder, len(self._parts), lane=lane, path=path, model=model)
            self._parts.append(part)
            self._current[lane] = part
        return part.add(line, weight, headers)

    def finish(self) -> list[Part]:
        """Write what waits, have the system put it on the disk, and return the parts.

        Raises:
            JobError: If the disk does not take it.
        """
        return [part.finish() for part in self._parts]


class _Growing:
    """A part while lines come; its file is open only while it is written to."""

    __slots__ = (
        "_facts",
        "_file",
        "_held",
        "_lines",
        "count",
        "headers",
        "number",
        "size",
        "weight",
    )

    def __init__(self, folder: Path, number: int, **facts: str) -> None:
        self._file = spool_path(folder, number)
        self._facts = facts
        self._lines: list[bytes] = []
        self._held = 0
        self.number = number
        self.count = self.weight = self.size = 0
        self.headers: dict[str, str] = {}

    def takes(self, size: int, weight: int, limits: BatchLimits) -> bool:
        """Whether a line of so many bytes still fits."""
        return (
            self.weight + weight <= limits.requests
            and self.size + size + limits.frame_bytes <= limits.bytes
        )

    def add(self, line: bytes, weight: int, headers: Mapping[str, str] | None) -> Place:
        """Take a line."""
        place = Place(self.number, self.size, len(line))
        self._lines += (line, b"\n")
        self._held += len(line) + 1
        self.count += 1
        self.weight += weight
        self.size += len(line) + 1
        if headers:
            self.headers = joined(self.headers, headers)
        if self._held >= _BUFFER:
            self._flush()
        return place

    def finish(self) -> Part:
        """Have all lines on the disk."""
        self._flush()
        try:
            # The ledger must not promise lines that a power cut takes away.
            with self._file.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(self._file, error) from error
        return Part(
            number=self.number,
            count=self.count,
            weight=self.weight,
            size=self.size,
            headers=self.headers,
            **self._facts,
        )

    def _flush(self) -> None:
        try:
            with private_file(self._file, "ab") as file:
                file.write(b"".join(self._lines))
        except OSError as error:
            raise unwritable(self._file, error) from error
        self._lines, self._held = [], 0


def spool_path(folder: Path, number: int) -> Path:
    """The file of a part's lines."""
    return folder / f"part-{number:04d}.jsonl"


def line_at(folder: Path, place: Place) -> bytes:
    """A line that was written before.

    Raises:
        OSError: If the spool is gone.
    """
    with spool_path(folder, place.part).open("rb") as file:
        file.seek(place.start)
        return file.read(place.length)


def joined(one: Mapping[str, str], two: Mapping[str, str]) -> dict[str, str]:
    """Headers that serve both: values of one name become a comma-separated list."""
    # Names of headers are the same in any case, and the first spelling stands.
    both = dict(one)
    for name, value in two.items():
        key = next((known for known in both if known.lower() == name.lower()), name)
        values = [part.strip() for part in f"{both.get(key, '')},{value}".split(",")]
        both[key] = ",".join(dict.fromkeys(filter(None, values)))
    return both
