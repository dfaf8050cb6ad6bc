"""No count is lost between threads, and the metrics hear of each."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from racto.cache.counts import Counts


class Tally:
    """Metrics that remember what they were told; one call at a time is no law for them."""

    def __init__(self) -> None:
        self.told: Counter[tuple[str, str]] = Counter()

    def count(self, name: str, value: float = 1, attributes: Any = None) -> None:
        self.told[name, ",".join(map(str, attributes.values()))] += int(value)

    def record(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)

    def gauge(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)


def test_eight_threads_lose_no_count() -> None:
    counts = Counts("exact")

    def work(_: int) -> None:
        for _ in range(500):
            counts.hit()
            counts.miss()
            counts.evicted(2)
            counts.failed(ValueError("x"))

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(work, range(8)))
    stats = counts.stats(3, hits=1)
    assert (stats.hits, stats.misses, stats.size) == (4001, 4000, 3)
    assert (counts.evictions, counts.errors) == (8000, 4000)
    counts.reset()
    assert counts.stats(0).total == 0


def test_metrics_hear_of_each() -> None:
    tally = Tally()
    counts = Counts("exact", tally)
    assert counts.is_watched
    counts.hit()
    counts.tell_hit()
    counts.miss()
    counts.evicted(3)
    counts.failed(ValueError("x"))
    assert tally.told == {
        ("racto.cache.hits", "exact"): 2,
        ("racto.cache.misses", "exact"): 1,
        ("racto.cache.evictions", "exact"): 3,
        ("racto.cache.errors", "exact,ValueError"): 1,
    }
