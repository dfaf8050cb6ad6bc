"""The counts of a batcher: what came, joined, was refused, ran and failed, and how fast it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tickets import Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class BatcherStats:
    """A snapshot of a batcher.

    Args:
        submitted: Requests that got a place in the queue.
        joined: Requests that shared the place of an identical one.
        refused: Requests that found the queue full.
        abandoned: Requests that were dropped from the queue as nobody waited any more.
        failed: Requests that ended with an error of the engine.
        batches: Batches that were started.
        items: Requests in those batches.
        waited_s: Seconds in the queue, summed over those requests.
        busy_s: Seconds in which a batch ran, summed over batches.
        waiting: Requests in the queue now.
        running: Batches that run now.
    """

    submitted: int
    joined: int
    refused: int
    abandoned: int
    failed: int
    batches: int
    items: int
    waited_s: float
    busy_s: float
    waiting: int
    running: int


class Counts:
    """The running totals behind :class:`BatcherStats`; touched by one event loop only."""

    __slots__ = (
        "abandoned", "batches", "busy_s", "failed", "items", "joined", "refused", "submitted",
        "waited_s",
    )  # fmt: skip

    def __init__(self) -> None:
        self.submitted = self.joined = self.refused = self.abandoned = 0
        self.failed = self.batches = self.items = 0
        self.waited_s = self.busy_s = 0.0

    def begin(self, batch: Sequence[Ticket], now: float) -> None:
        """Count a batch that starts."""
        self.batches += 1
        self.items += len(batch)
        self.waited_s += now * len(batch) - sum(ticket.since for ticket in batch)

    def patience(self, waiting: int) -> float:
        """Estimate, in seconds, when so many waiting requests will be done."""
        # Before anything has run there is no rate to go by: a second is a polite guess.
        each = self.busy_s / self.items if self.items and self.busy_s else 1.0 / max(1, waiting)
        return min(60.0, max(0.1, round(waiting * each, 1)))

    def seen(self, *, waiting: int, running: int) -> BatcherStats:
        """Make a snapshot."""
        totals = {name: getattr(self, name) for name in self.__slots__}
        return BatcherStats(waiting=waiting, running=running, **totals)
