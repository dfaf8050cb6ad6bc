"""Our side: generate and parallel_batch with a kit that answers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from process import cpu_ms, start  # type: ignore[import-not-found]


def generate(count: int) -> Callable[[], int]:
    """One task after another, each waited for."""
    return _one_by_one("racto", count)


def generate_once(count: int) -> Callable[[], int]:
    """The same with an idempotency layer."""
    return _one_by_one("once", count)


def batch(count: int) -> Callable[[], int]:
    """Many tasks at once, all waited for."""
    worker = _worker("racto")
    items = [f"question {number}" for number in range(count)]

    def once() -> int:
        found = worker.wait_parallel(worker.parallel_batch(items), timeout_s=120)
        assert all(result.ok for result in found)
        return count

    once()
    return once


def generate_cpu(count: int) -> Callable[[], float]:
    """CPU milliseconds of a task, on both ends."""
    return _cpu(generate(count), count)


def batch_cpu(count: int) -> Callable[[], float]:
    """CPU milliseconds of an item of a batch, on both ends."""
    return _cpu(batch(count), count)


def _cpu(once: Callable[[], int], count: int) -> Callable[[], float]:
    def measured() -> float:
        before = cpu_ms()
        once()
        return float((cpu_ms() - before) / count)

    return measured


def _one_by_one(side: str, count: int) -> Callable[[], int]:
    worker = _worker(side)

    def once() -> int:
        for number in range(count):
            assert worker.wait(worker.generate(f"question {number}").id, timeout_s=60).ok
        return count

    once()
    return once


def _worker(side: str) -> Any:
    start(side)
    import shop  # type: ignore[import-not-found]

    return shop.worker
