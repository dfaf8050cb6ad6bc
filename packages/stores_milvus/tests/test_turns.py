"""Threads and tasks take one lock in turn, and a cancelled task leaves it free."""

from __future__ import annotations

import asyncio
from threading import Lock

from racto.core.flows import Flow, arun, run
from racto.stores.milvus.turns import seize


def holding(lock: Lock, inside: list[int]) -> Flow[int]:
    yield from seize(lock)
    try:
        inside.append(1)
        return len(inside)
    finally:
        inside.pop()
        lock.release()


async def test_tasks_are_in_one_at_a_time() -> None:
    lock, inside = Lock(), list[int]()
    assert set(await asyncio.gather(*(arun(holding(lock, inside)) for _ in range(20)))) == {1}
    assert run(holding(lock, inside)) == 1


async def test_a_cancelled_task_leaves_the_lock_free() -> None:
    lock = Lock()
    lock.acquire()
    waiting = asyncio.ensure_future(arun(holding(lock, [])))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    lock.release()
    await asyncio.sleep(0.02)
    assert lock.acquire(blocking=False)
