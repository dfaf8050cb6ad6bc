"""The other side: a bare task of Celery, its own result and its own group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from process import cpu_ms, start  # type: ignore[import-not-found]


def task(count: int) -> Callable[[], int]:
    """One task after another, each waited for."""
    bare = _task()

    def once() -> int:
        for number in range(count):
            bare.delay(f"question {number}").get(timeout=60)
        return count

    once()
    return once


def group(count: int) -> Callable[[], int]:
    """Many tasks at once, all waited for."""
    from celery import group as grouped  # type: ignore[import-untyped]

    bare = _task()
    texts = [f"question {number}" for number in range(count)]

    def once() -> int:
        found = grouped(bare.s(text) for text in texts).apply_async().get(timeout=120)
        assert len(found) == count
        return count

    once()
    return once


def task_cpu(count: int) -> Callable[[], float]:
    """CPU milliseconds of a task, on both ends."""
    return _cpu(task(count), count)


def group_cpu(count: int) -> Callable[[], float]:
    """CPU milliseconds of an item of a group, on both ends."""
    return _cpu(group(count), count)


def _cpu(once: Callable[[], int], count: int) -> Callable[[], float]:
    def measured() -> float:
        before = cpu_ms()
        once()
        return float((cpu_ms() - before) / count)

    return measured


def _task() -> Any:
    start("bare")
    from shop import bare  # type: ignore[import-not-found]

    return bare
