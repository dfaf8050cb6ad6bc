"""Locks that flows take in both voices: threads wait for them, tasks look again."""

from __future__ import annotations

import asyncio
from threading import Lock

from racto.core.flows import Flow, step

_PAUSE = 0.002


def seize(lock: Lock) -> Flow[None]:
    """Take a lock; whoever asked for it releases it in a ``finally``.

    Args:
        lock: Held for a few requests at most.
    """

    def now() -> None:
        lock.acquire()

    async def later() -> None:
        # Not in a thread: a task that is cancelled would leave it to take the lock for nobody.
        while not lock.acquire(blocking=False):  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE)

    yield from step(now, later)
