"""What an earlier process had left in a spill: counted, with damage told and nothing thrown away."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .frames import Damage, Frame, scanned
from .segments import NAME, Segment
from .watermarks import Watermark

LOGGER = logging.getLogger("racto.kafka.audit")


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRecovery:
    """What was found when a spill was opened.

    Attributes:
        events: Events that wait for delivery.
        torn_bytes: Bytes of events that were being written when the process died; ``log`` had not
            returned for them.
        damaged_bytes: Bytes that are no event although they should be.
        damaged_files: Files that hold such bytes. They are kept as ``*.damaged`` when the events
            around the damage are delivered.
    """

    events: int = 0
    torn_bytes: int = 0
    damaged_bytes: int = 0
    damaged_files: tuple[str, ...] = ()


def recovered(directory: Path, watermark: Watermark) -> tuple[list[Segment], AuditRecovery]:
    """Open what is not delivered, oldest first; remove what is.

    Raises:
        StoreError: If a file cannot be read.
    """
    numbers = sorted(int(m[1]) for p in directory.iterdir() if (m := NAME.fullmatch(p.name)))
    kept: list[Segment] = []
    torn, damaged = 0, Counter[str]()
    for number in numbers:
        segment = Segment(directory, number, is_new=False)
        start = watermark.offset if number == watermark.segment else 0
        # Records are settled in order, so that all before the watermark are delivered.
        is_done = number < watermark.segment or start > segment.size
        for found in () if is_done else scanned(segment.read(start, segment.size)):
            if isinstance(found, Frame):
                segment.left += 1
            elif found.is_torn:
                torn += found.end - found.start
            else:
                damaged[segment.path.name] += _told(segment, start, found)
                segment.has_damage = True
        if segment.left:
            kept.append(segment)
        else:
            segment.remove()
    summary = AuditRecovery(
        events=sum(segment.left for segment in kept),
        torn_bytes=torn,
        damaged_bytes=sum(damaged.values()),
        damaged_files=tuple(damaged),
    )
    if summary.events or torn:
        LOGGER.warning(
            "%d audit events of an earlier process wait in %s; %d bytes of one that was cut short",
            summary.events, directory, torn,
        )  # fmt: skip
    return kept, summary


def _told(segment: Segment, start: int, damage: Damage) -> int:
    size = damage.end - damage.start
    LOGGER.error(
        "%s: %d bytes from byte %d on are damaged", segment.path, size, start + damage.start
    )
    return size
