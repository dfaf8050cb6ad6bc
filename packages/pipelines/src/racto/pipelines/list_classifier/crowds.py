"""Many texts at once: so many workers that share one list, in threads or as tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeAlias, TypeVar

from racto.core import flows
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow

T = TypeVar("T")
R = TypeVar("R")

Done: TypeAlias = Callable[[int, R], None]
"""Told of each result, with the place of its item, in the order in which they are finished."""

MOST_TASKS = 64
"""Calls at a time in an event loop, when nobody says how many."""


def crowd(
    items: Sequence[T], make: Callable[[T], Flow[R]], *, width: int | None, done: Done[R]
) -> Flow[None]:
    """Run a flow an item; the first error ends the others and is raised.

    Args:
        items: What to work on.
        make: Makes the flow of an item.
        width: How many run at once; None is one after the other in a thread, and
            :data:`MOST_TASKS` in an event loop.
        done: Told of each result, by one caller at a time.

    Raises:
        ConfigurationError: If ``width`` is below 1.
    """
    if width is not None and width < 1:
        raise ConfigurationError(f"max_concurrency is at least 1, not {width}")
    return flows.step(_by_threads, _by_tasks, items, make, width, done)


def _by_threads(
    items: Sequence[T], make: Callable[[T], Flow[R]], width: int | None, done: Done[R]
) -> None:
    if width is None or width <= 1 or len(items) <= 1:
        for place, item in enumerate(items):
            done(place, flows.run(make(item)))
        return
    with ThreadPoolExecutor(max_workers=min(width, len(items))) as pool:
        from concurrent.futures import as_completed

        # Each thread sees the caller's context, so that spans find their parent.
        waiting = {
            pool.submit(copy_context().run, flows.run, make(item)): place
            for place, item in enumerate(items)
        }
        try:
            for future in as_completed(waiting):
                done(waiting[future], future.result())
        finally:
            for future in waiting:
                future.cancel()


async def _by_tasks(
    items: Sequence[T], make: Callable[[T], Flow[R]], width: int | None, done: Done[R]
) -> None:
    # A task an item would cost more than a call; these take the next one when they are free.
    shared = iter(enumerate(items))
    # Providers refuse thousands of calls at once, and each would hold a connection.
    count = min(MOST_TASKS if width is None else width, len(items))
    workers = [asyncio.ensure_future(_worker(shared, make, done)) for _ in range(count)]
    try:
        await asyncio.gather(*workers)
    except BaseException:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        raise


async def _worker(
    shared: Iterator[tuple[int, T]], make: Callable[[T], Flow[R]], done: Done[R]
) -> None:
    for place, item in shared:
        done(place, await flows.arun(make(item)))
