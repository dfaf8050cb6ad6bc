"""What a stream has done so far, in numbers."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from racto.core.protocols.metrics import Metrics

HANDLED = "racto.kafka.stream.handled"
PUBLISHED = "racto.kafka.stream.published"
RETRIED = "racto.kafka.stream.retried"
DEAD_LETTERED = "racto.kafka.stream.dead_lettered"
DURATION = "racto.kafka.stream.handler.duration"
IN_FLIGHT = "racto.kafka.stream.in_flight"
LAG = "racto.kafka.stream.lag"


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamStats:
    """Counts since the processor was made.

    Attributes:
        consumed: Messages read; one that is read again counts again.
        handled: Messages whose handler has ended well.
        published: Outputs handed to the producer.
        retried: Calls of the handler that repeated a failed one.
        dead_lettered: Messages put aside on the dead-letter topic.
        commits: Commits that the broker took.
        in_flight: Messages that are read and not handled yet, now.
    """

    consumed: int = 0
    handled: int = 0
    published: int = 0
    retried: int = 0
    dead_lettered: int = 0
    commits: int = 0
    in_flight: int = 0


class StreamCounter:
    """Counts for :class:`StreamStats`, and tells the metrics library the same.

    Args:
        metrics: Where measurements go.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(
            ("consumed", "handled", "published", "retried", "dead_lettered", "commits"), 0
        )

    def consumed(self, count: int) -> None:
        """Note messages that were read."""
        self._add("consumed", count)

    def handled(self, count: int, published: int, seconds: float) -> None:
        """Note a call of the handler that ended well, and what it led to."""
        with self._lock:
            self._counts["handled"] += count
            self._counts["published"] += published
        self._metrics.count(HANDLED, count)
        if published:
            self._metrics.count(PUBLISHED, published)
        self._metrics.record(DURATION, seconds)

    def retried(self, error: str) -> None:
        """Note that a failed call is repeated."""
        self._add("retried", 1)
        self._metrics.count(RETRIED, 1, {"error.type": error})

    def dead_lettered(self, error: str) -> None:
        """Note a message that is put aside."""
        self._add("dead_lettered", 1)
        self._metrics.count(DEAD_LETTERED, 1, {"error.type": error})

    def committed(self) -> None:
        """Note a commit."""
        self._add("commits", 1)

    def levels(self, in_flight: int, lag: dict[tuple[str, int], int]) -> None:
        """Tell how much is under way, and how far the stream is behind each partition's end."""
        self._metrics.gauge(IN_FLIGHT, in_flight)
        for (topic, partition), count in lag.items():
            self._metrics.gauge(LAG, count, {"topic": topic, "partition": partition})

    def stats(self, in_flight: int) -> StreamStats:
        """The counts now."""
        with self._lock:
            return StreamStats(in_flight=in_flight, **self._counts)

    def _add(self, name: str, count: int) -> None:
        with self._lock:
            self._counts[name] += count
