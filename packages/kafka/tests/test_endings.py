"""A run that is told to end takes no longer than it may, and says nothing went wrong."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from racto.core.flows import arun, run
from racto.core.retries import RetryPolicy
from racto.kafka import KafkaMessage, KafkaStreamProcessor, each
from racto.kafka.bells import Bell
from racto.kafka.endings import Ending

from .scripted import ScriptedConsumer, consumer_of, quick, record

SLOW = RetryPolicy(attempts=9, base=60.0, jitter="none")


def later(call: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.05, call)
    timer.start()
    return timer


def test_the_time_counts_from_the_first_word() -> None:
    ending = Ending(Bell(), seconds=60)
    assert not ending.has_begun
    assert ending.left() == float("inf")
    ending.begin()
    first = ending.left()
    ending.begin()
    assert ending.has_begun
    assert ending.left() <= first <= 60
    assert not ending.is_over
    ending.now()
    ending.begin()
    assert ending.is_over
    assert ending.left() == 0


@pytest.mark.parametrize("seconds", [0.05, 60.0])
async def test_a_pause_is_cut_short_by_the_end(seconds: float) -> None:
    for drive in (lambda flow: asyncio.to_thread(run, flow), arun):
        ending = Ending(Bell(), seconds=seconds)
        timer = later(ending.begin if seconds < 1 else ending.now)
        began = time.monotonic()
        assert await drive(ending.pause(50))
        assert time.monotonic() - began < 30
        timer.join()


def test_a_pause_without_an_end_is_as_long_as_it_should_be() -> None:
    assert not run(Ending(Bell(), seconds=1).pause(0.01))


def test_who_waits_learns_whether_it_is_true() -> None:
    ending, facts = Ending(Bell(), seconds=0.05), list[int]()
    assert not run(ending.until(lambda: bool(facts), 0.01))
    ending.begin()
    assert not run(ending.until(lambda: bool(facts)))
    facts.append(1)
    assert run(ending.until(lambda: bool(facts)))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("is_async", [False, True])
def test_no_wait_between_attempts_outlives_the_time_for_draining(
    workers: int, is_async: bool
) -> None:
    client = ScriptedConsumer([record(0)], [record(1), record(2)])
    stream = KafkaStreamProcessor(
        consumer=consumer_of(client),
        config=quick(workers=workers, batch_size=3, retry=SLOW, drain_timeout_s=0.2),
    )
    begun = threading.Event()

    def handle(message: KafkaMessage) -> None:
        if message.offset == 1:
            begun.set()
            raise ValueError("again, please")

    def watch() -> None:
        assert begun.wait(20)
        stream.stop()

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.monotonic()
    # In order: no error, what is handled is committed, and the rest comes again.
    assert (asyncio.run(stream.arun(each(handle))) if is_async else stream.run(each(handle))) == 3
    watching.join()
    assert time.monotonic() - began < 15
    assert client.committed[-1] == {0: 1}
    assert client.sought == [(0, 1)]


async def test_a_handler_that_outlives_the_drain_is_cancelled_and_nobody_else_is() -> None:
    client = ScriptedConsumer([record(0)], [record(1)])
    stream = KafkaStreamProcessor(
        consumer=consumer_of(client),
        config=quick(workers=2, batch_size=2, drain_timeout_s=0.1),
    )
    ended: list[str] = []

    async def handle(message: KafkaMessage) -> None:
        if message.offset == 1:
            stream.stop()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

    assert await stream.arun(each(handle)) == 2
    assert ended == ["cancelled"]
    assert client.committed[-1] == {0: 1}
    assert client.sought == [(0, 1)]


def test_a_thread_that_outlives_the_drain_is_left_behind() -> None:
    client = ScriptedConsumer([record(0)], [record(1)])
    stream = KafkaStreamProcessor(
        consumer=consumer_of(client),
        config=quick(workers=2, batch_size=2, drain_timeout_s=0.1),
    )
    go_on = threading.Event()

    def handle(message: KafkaMessage) -> None:
        if message.offset == 1:
            stream.stop()
            go_on.wait(20)

    assert stream.run(each(handle)) == 2
    go_on.set()
    assert client.committed[-1] == {0: 1}
    assert client.sought == [(0, 1)]


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), -1.0])
@pytest.mark.parametrize("field", ["drain_timeout_s", "revoke_timeout_s"])
def test_a_time_that_no_lock_can_wait_for_is_refused(field: str, seconds: Any) -> None:
    with pytest.raises(ValueError, match=field):
        quick(**{field: seconds})
