"""Records on disk until they are delivered: what was appended outlives the process."""

from __future__ import annotations

import errno
import itertools
import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from racto.core.errors import OverloadedError, StoreError

from .backlogs import OnFull, Parcel
from .directory import Ownership, prepared, sync_directory
from .frames import Damage, Frame, framed, scanned
from .recovery import recovered
from .refusals import Refusals
from .segments import Segment
from .watermarks import Watermark

LOGGER = logging.getLogger("racto.kafka.audit")

_CHUNK = 1 << 18
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class AuditSpillConfig(BaseModel):
    """How audit events are kept on disk.

    Attributes:
        directory: Where; made for its owner alone. One logger at a time may use it.
        max_bytes: Most bytes of all files.
        segment_bytes: Size at which a new file is begun; files go when all in them is delivered.
        sync: When events are forced from the system's memory to the disk. They outlive the process
            in any case; this is about power failures. ``background``: once a second while something
            is not delivered; ``always``: before ``log`` returns, which waits for the disk;
            ``never``: when the system does.
        on_full: What happens beyond ``max_bytes`` and on a full disk: ``raise`` an error in
            ``log``, or ``drop_oldest_counted``: delete the oldest file and count its events.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    directory: Path
    max_bytes: int = Field(default=1 << 30, ge=1 << 12)
    segment_bytes: int = Field(default=1 << 23, ge=1 << 10)
    sync: Literal["never", "background", "always"] = "background"
    on_full: OnFull = "raise"

    @model_validator(mode="after")
    def _segments_fit(self) -> Self:
        if self.segment_bytes * 4 > self.max_bytes:
            raise ValueError(
                f"segment_bytes: {self.segment_bytes} may be at most a quarter of max_bytes, "
                f"{self.max_bytes}"
            )
        return self


class Spill:
    """A backlog in files, of which the last one is written and the first one is read.

    Args:
        config: Where and how much.

    Attributes:
        recovery: What an earlier process had left.

    Raises:
        ConfigurationError: If the directory may be written by others.
        IndexLockedError: If another logger uses it.
        StoreError: If it cannot be used.
    """

    is_durable = True

    def __init__(self, config: AuditSpillConfig) -> None:
        self._config = config
        self._directory = prepared(config.directory)
        self._ownership = Ownership(self._directory)
        try:
            self._watermark = Watermark(self._directory)
            found, self.recovery = recovered(self._directory, self._watermark)
        except BaseException:
            # A logger that was not made must not keep others out.
            self._ownership.end()
            raise
        self._segments: deque[Segment] = deque(found)
        self._writer: Segment | None = None
        # Never a number twice, or the watermark of an old file would hide records of a new one.
        last = self._segments[-1].number if self._segments else 0
        self._numbers = itertools.count(max(last, self._watermark.segment) + 1)
        self._refusals = Refusals(self._directory, most=config.max_bytes)
        self._pending = sum(segment.left for segment in found)
        self._bytes = sum(segment.size for segment in found)
        self._dropped = 0
        self._is_synced, self._synced = True, 0
        self._is_closed = False
        self._lock = threading.Lock()
        # Held while a file is read, so that making room does not close it meanwhile.
        self._reading = threading.Lock()
        self._frames: Iterator[Parcel] = iter(())
        self.rewind()

    @property
    def pending(self) -> int:
        """How many records are not settled yet."""
        return self._pending

    @property
    def dropped(self) -> int:
        """How many records were given up for want of room."""
        return self._dropped

    def append(self, key: bytes, value: bytes) -> None:
        """Take one record; when this returns it outlives the process.

        Raises:
            OverloadedError: If ``max_bytes`` is reached and nothing may be dropped.
            StoreError: If the disk does not take it.
        """
        data = framed(key, value)
        with self._lock:
            if self._is_closed:
                raise StoreError(f"audit spill {self._directory} is closed")
            while self._bytes + len(data) > self._config.max_bytes:
                self._make_room(len(data))
            self._write(data)

    def take(self, most: int) -> Sequence[Parcel]:
        """The next records that were not taken yet, read from the files."""
        found: list[Parcel] = []
        while len(found) < most:
            found += itertools.islice(self._frames, most - len(found))
            if len(found) < most and not self._read_on():
                break
        return found

    def settle(self, parcel: Parcel) -> None:
        """Forget the oldest record that was taken; a dropped one is forgotten already."""
        with self._lock:
            if not self._segments or self._segments[0].number > parcel.segment:
                return
            # Damage may have taken records that were there when they were counted.
            while self._segments[0].number < parcel.segment:
                self._remove_first()
            first = self._segments[0]
            first.left -= 1
            self._pending -= 1
            self._watermark.move(parcel.segment, parcel.end)
            if first.left == 0 and first is not self._writer:
                self._remove_first()

    def set_aside(self, parcel: Parcel, reason: str) -> bool:
        """Keep a record that the broker refuses for good, in ``refused.jsonl``."""
        return self._refusals.add(parcel, reason)

    def rewind(self) -> None:
        """Let all that is not settled be taken again."""
        self._frames = iter(())
        with self._lock:
            first = self._segments[0].number if self._segments else 0
        # The watermark lies in a file that is gone when all of that file was delivered.
        at_first = self._watermark.segment == first
        self._place = (first, self._watermark.offset if at_first else 0)

    def tidy(self) -> None:
        """Note how far the delivery has come, and force to disk what is not delivered."""
        try:
            self._watermark.save()
            if self._config.sync == "background" and self._pending and not self._is_synced:
                self._sync()
        except StoreError as error:
            # Nothing is lost by it but some repetition, and the next call tries again.
            LOGGER.warning("%s", error)

    def close(self) -> None:
        """Give the directory back; what is not delivered stays in it for the next logger."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed, self._writer = True, None
        try:
            if self._config.sync != "never" and self._pending and not self._is_synced:
                self._sync()
            while self._segments and self._segments[0].left == 0:
                self._remove_first()
            self._watermark.save(at_once=True)
        finally:
            with self._reading:
                for segment in self._segments:
                    segment.close()
            self._ownership.end()

    # -- writing -----------------------------------------------------------------------------

    def _write(self, data: bytes) -> None:
        try:
            self._write_once(data)
        except StoreError as error:
            is_full = getattr(error.__cause__, "errno", None) in _FULL
            if not is_full or self._config.on_full == "raise" or len(self._segments) < 2:
                raise
            # One file and no more: if that is not enough, the disk is full of what others write.
            self._drop_first()
            self._write_once(data)

    def _write_once(self, data: bytes) -> None:
        writer = self._writer
        if writer is None or writer.is_spoiled or writer.size >= self._config.segment_bytes:
            writer = self._begin_segment()
        # What it raises for is not there; what it does not raise for will be delivered.
        writer.append(data, synced=self._config.sync == "always")
        writer.left += 1
        self._pending += 1
        self._bytes += len(data)
        self._is_synced = False

    def _begin_segment(self) -> Segment:
        segment = Segment(self._directory, next(self._numbers), is_new=True)
        if self._config.sync == "always":
            sync_directory(self._directory)
        before, self._writer = self._writer, segment
        self._segments.append(segment)
        if before is not None and before.left == 0 and before is self._segments[0]:
            self._remove_first()
        return segment

    def _make_room(self, size: int) -> None:
        if self._config.on_full == "raise" or len(self._segments) < 2:
            raise OverloadedError(
                f"the audit spill is full: {self._bytes} of max_bytes={self._config.max_bytes} "
                f"bytes in {self._directory}, and {size} more; is the broker reachable? The event "
                "was not taken"
            )
        self._drop_first()

    def _drop_first(self) -> None:
        lost = self._segments[0].left
        self._dropped += lost
        LOGGER.error("dropped %d audit events that were never delivered, for want of room", lost)
        self._remove_first()

    def _remove_first(self) -> None:
        with self._reading:
            segment = self._segments.popleft()
            self._bytes -= segment.size
            # Not zero where damage took records that were there when they were counted.
            self._pending -= segment.left
            segment.remove()

    def _sync(self) -> None:
        with self._reading:
            self._is_synced = True
            for segment in tuple(self._segments):
                # Older files have not changed since.
                if segment.number >= self._synced:
                    segment.sync()
                    self._synced = segment.number
            sync_directory(self._directory)

    # -- reading -----------------------------------------------------------------------------

    def _read_on(self) -> bool:
        """Have the next records ready; False when there are none."""
        with self._reading:
            number, start = self._place
            for segment in tuple(self._segments):
                begin = start if segment.number == number else 0
                if segment.number >= number and segment.size > begin:
                    found, end = _whole(segment, begin)
                    self._place = (segment.number, end)
                    self._frames = _parcels(segment, begin, found)
                    return True
        return False


def _parcels(segment: Segment, start: int, findings: Sequence[Frame | Damage]) -> Iterator[Parcel]:
    for found in findings:
        if isinstance(found, Frame):
            yield Parcel(segment.number, start + found.end, found.key, found.value)
        else:
            # Told when the directory was opened; this is for damage that came since.
            segment.has_damage |= not found.is_torn


def _whole(segment: Segment, start: int) -> tuple[list[Frame | Damage], int]:
    """Whole records from ``start`` on, and where they end: one read of them, or a larger one."""
    most = _CHUNK
    while True:
        data = segment.read(start, most)
        found = list(scanned(data))
        end = start + len(data)
        if end >= segment.size or (found and isinstance(found[-1], Frame)):
            return found, end
        # The read ended within a record, which looks like damage to the scanner.
        if len(found) > 1:
            return found[:-1], start + found[-1].start
        most *= 4
