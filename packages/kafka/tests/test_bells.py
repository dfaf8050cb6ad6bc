"""Whoever waits is woken when what is waited for becomes true, and not before."""

import asyncio
import threading

from racto.kafka.bells import Bell


def test_what_is_true_is_not_waited_for() -> None:
    assert Bell().until(lambda: True, 0.0)


def test_a_wait_ends_in_time() -> None:
    assert not Bell().until(lambda: False, 0.01)


def test_a_thread_is_woken() -> None:
    bell, facts = Bell(), list[int]()

    def change() -> None:
        facts.append(1)
        bell.ring()

    thread = threading.Timer(0.02, change)
    thread.start()
    assert bell.until(lambda: bool(facts), 30)
    thread.join()


async def test_a_task_is_woken_by_a_thread() -> None:
    bell, facts = Bell(), list[int]()

    def change() -> None:
        facts.append(1)
        bell.ring()

    waits = asyncio.create_task(bell.auntil(lambda: bool(facts)))
    await asyncio.sleep(0)
    bell.ring()
    await asyncio.sleep(0.01)
    assert not waits.done()
    await asyncio.to_thread(change)
    assert await waits


async def test_a_task_waits_in_time_and_can_be_cancelled() -> None:
    bell = Bell()
    assert not await bell.auntil(lambda: False, 0.01)
    waits = asyncio.create_task(bell.auntil(lambda: False))
    await asyncio.sleep(0)
    waits.cancel()
    assert (await asyncio.gather(waits, return_exceptions=True))[0].__class__ is (
        asyncio.CancelledError
    )
    bell.ring()


def test_a_bell_outlives_the_loop_of_who_waited() -> None:
    bell = Bell()

    async def wait_and_leave() -> None:
        task = asyncio.ensure_future(bell.auntil(lambda: False))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(wait_and_leave())
    bell.ring()
