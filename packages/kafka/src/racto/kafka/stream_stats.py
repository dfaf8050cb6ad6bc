"""What a stream has done so far, in numbers."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from racto.core.protocols.metrics import Metrics
from racto.core.telemetry import NOOP_METRICS

from .consumer import KafkaConsumerClient

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

    def stats(self, in_flight: int) -> StreamStats:
        """The counts now."""
        with self._lock:
            return StreamStats(in_flight=in_flight, **self._counts)

    def _add(self, name: str, count: int) -> None:
        with self._lock:
            self._counts[name] += count


class Gauges:
    """Tells the metrics library now and then how much is under way, and how much is still to do.

    Args:
        metrics: Where measurements go.
        consumer: Knows how far behind it is.
        interval: Seconds from one time to the next.
    """

    def __init__(self, metrics: Metrics, consumer: KafkaConsumerClient, *, interval: float) -> None:
        self._metrics = metrics
        self._consumer = consumer
        self._interval = interval
        self._due = time.monotonic() if metrics is not NOOP_METRICS else math.inf

    def tell(self, in_flight: int) -> None:
        """Tell it, if the interval has passed.

        Args:
            in_flight: Messages that are read and not handled yet.
        """
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._interval
        self._metrics.gauge(IN_FLIGHT, in_flight)
        for (topic, partition), count in self._consumer.lag().items():
            self._metrics.gauge(LAG, count, {"topic": topic, "partition": partition})
