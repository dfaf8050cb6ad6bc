"""What a cache counts, here and in the metrics."""

from __future__ import annotations

import threading

from racto.core.protocols.metrics import Metrics
from racto.core.stats import CacheStats
from racto.core.telemetry.conventions import METRIC_CACHE_HITS, METRIC_CACHE_MISSES

METRIC_EVICTIONS = "racto.cache.evictions"
"""Entries that had to go before their time."""

METRIC_ERRORS = "racto.cache.errors"
"""Failures of the cache, or behind it, that no caller was told of."""


class Counts:
    """Hits, misses, evictions and errors of one cache. Safe to share between threads.

    Args:
        name: The value of the metrics' attribute ``racto.cache``.
        metrics: Told of each; None tells nobody.

    Attributes:
        evictions: Entries that had to go before their time.
        errors: Failures.
        is_watched: Whether there are metrics.
    """

    def __init__(self, name: str, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self.is_watched = metrics is not None
        self._labels = {"racto.cache": name}
        self._lock = threading.Lock()
        self._hits = self._misses = 0
        self.evictions = self.errors = 0

    def hit(self) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._hits += 1
        self.tell_hit()

    def tell_hit(self) -> None:
        """Tell the metrics of a request that was answered, and was counted elsewhere."""
        if self._metrics is not None:
            self._metrics.count(METRIC_CACHE_HITS, 1, self._labels)

    def miss(self) -> None:
        """Count a request that was not."""
        with self._lock:
            self._misses += 1
        if self._metrics is not None:
            self._metrics.count(METRIC_CACHE_MISSES, 1, self._labels)

    def evicted(self, count: int) -> None:
        """Count entries that had to go before their time."""
        with self._lock:
            self.evictions += count
        if self._metrics is not None:
            self._metrics.count(METRIC_EVICTIONS, count, self._labels)

    def failed(self, error: BaseException) -> None:
        """Count an error by its class."""
        with self._lock:
            self.errors += 1
        if self._metrics is not None:
            labels = {**self._labels, "error.type": type(error).__name__}
            self._metrics.count(METRIC_ERRORS, 1, labels)

    def reset(self) -> None:
        """Begin again with hits and misses."""
        with self._lock:
            self._hits = self._misses = 0

    def stats(self, size: int, *, hits: int = 0) -> CacheStats:
        """The counts at this moment.

        Args:
            size: Entries held now.
            hits: Requests that were answered and counted elsewhere.
        """
        with self._lock:
            return CacheStats(hits=self._hits + hits, misses=self._misses, size=size)
