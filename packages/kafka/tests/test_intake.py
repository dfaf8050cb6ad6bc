"""No message that was read is forgotten, and none is taken that has become somebody else's."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.errors import RactoGatewayAuthError, RactoGatewayError
from racto.core.retries import NO_RETRIES
from racto.kafka import KafkaMessage, KafkaStreamProcessor, each

from .scripted import ScriptedConsumer, consumer_of, quick, record, refused


def stream_of(client: ScriptedConsumer, **fields: Any) -> KafkaStreamProcessor:
    defaults = {"commit_interval_ms": 0, "retry": NO_RETRIES}
    return KafkaStreamProcessor(
        consumer=consumer_of(client), config=quick(**{**defaults, **fields})
    )


def noted(seen: list[tuple[int, int]]) -> Callable[[list[KafkaMessage]], None]:
    return lambda messages: seen.extend((m.partition, m.offset) for m in messages)


def test_what_was_read_before_a_poll_failed_comes_next() -> None:
    forbidden = refused(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    client = ScriptedConsumer([record(0)], [], forbidden, [record(1)])
    stream = stream_of(client, batch_size=5, linger_ms=15)
    seen: list[tuple[int, int]] = []
    with pytest.raises(RactoGatewayAuthError):
        stream.process_once(noted(seen))
    assert client.committed == []
    while len(seen) < 2:
        stream.process_once(noted(seen))
    assert seen == [(0, 0), (0, 1)]
    assert client.committed[-1] == {0: 2}


async def test_what_was_read_before_a_cancelled_poll_comes_next() -> None:
    client = ScriptedConsumer([record(0)], [])
    stream = stream_of(client, batch_size=2, linger_ms=10_000, max_wait_ms=10_000)
    seen: list[tuple[int, int]] = []
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stream.aprocess_once(noted(seen)), 0.1)
    assert seen == []
    client.script.append([record(1)])
    await stream.aprocess_once(noted(seen))
    assert seen == [(0, 0), (0, 1)]


def test_a_partition_that_goes_while_a_batch_lingers_is_left_to_its_new_owner() -> None:
    client = ScriptedConsumer(partitions=2)

    def moved() -> list[KafkaMessage]:
        client.revoke(0)
        return [record(7, 1)]

    client.script.extend([[record(3)], [], moved, []])
    stream = stream_of(client, batch_size=5, linger_ms=15)
    seen: list[tuple[int, int]] = []
    while not seen:
        stream.process_once(noted(seen))
    assert seen == [(1, 7)]
    assert client.committed == [{1: 8}]


def test_what_cannot_be_sought_is_sought_by_the_next_run_before_it_reads() -> None:
    client = ScriptedConsumer([record(0), record(0, 1)], partitions=2)
    stream = stream_of(client)
    is_broken = True
    seen: list[tuple[int, int]] = []

    def handle(messages: list[KafkaMessage]) -> None:
        if is_broken:
            raise ValueError("broken")
        noted(seen)(messages)

    client.failures["seek"] = refused(KafkaError._TIMED_OUT)
    with pytest.raises(ValueError, match="broken") as caught:
        stream.process_once(handle)
    assert "could not be wound up" in caught.value.__notes__[-1]
    is_broken = False
    with pytest.raises(RactoGatewayError, match="seeking"):
        stream.process_once(handle)
    assert (seen, client.sought) == ([], [])
    del client.failures["seek"]
    stream.process_once(handle)
    assert sorted(client.sought) == [(0, 0), (1, 0)]


def test_a_partition_that_is_gone_is_not_sought_and_holds_up_no_other() -> None:
    client = ScriptedConsumer([record(4), record(5, 1)], partitions=2)
    stream = stream_of(client)

    def handle(_: list[KafkaMessage]) -> None:
        # Manually, so that nobody is told.
        client.mine.discard(("in", 0))
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as caught:
        stream.process_once(handle)
    assert client.sought == [(1, 5)]
    assert not any("wound up" in note for note in caught.value.__notes__)


def test_a_commit_that_fails_at_the_end_keeps_nobody_from_reading_again() -> None:
    client = ScriptedConsumer([record(0), record(1)])
    stream = stream_of(client)

    def handle(message: KafkaMessage) -> None:
        if message.offset == 1:
            raise ValueError("broken")

    client.failures["commit"] = refused(KafkaError.GROUP_AUTHORIZATION_FAILED)
    with pytest.raises(ValueError, match="broken"):
        stream.process_once(each(handle))
    assert client.sought == [(0, 1)] or stream.stats.in_flight == 0
    del client.failures["commit"]
    client.script.append([record(1)])
    assert stream.process_once(each(lambda _: None)) == 1
    assert client.sought == [(0, 1)]
    assert client.committed[-1] == {0: 2}


async def test_a_run_that_was_cancelled_is_resumed_by_the_next() -> None:
    client = ScriptedConsumer([record(0), record(1)])
    stream = stream_of(client, batch_size=2)
    begun, seen = asyncio.Event(), list[tuple[int, int]]()

    async def hang(_: list[KafkaMessage]) -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(stream.aprocess_once(hang))
    await begun.wait()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    client.script.append([record(0), record(1)])
    await stream.aprocess_once(noted(seen))
    assert client.sought == [(0, 0)]
    assert seen == [(0, 0), (0, 1)]
    assert stream.stats.in_flight == 0
    assert client.committed[-1] == {0: 2}


def test_while_handlers_are_slow_no_rebalance_brings_more_than_there_is_room_for() -> None:
    client = ScriptedConsumer([record(0)], partitions=1)
    stream = stream_of(
        client, batch_size=1, max_in_flight=1, poll_while_handling=True, drain_timeout_s=30.0
    )
    paused = threading.Event()

    def given() -> list[KafkaMessage]:
        assert ("in", 0) in client.paused
        client.assign_too(1)
        return [record(0, 1)]

    def looked() -> list[KafkaMessage]:
        # The new partition too, and no more than one record is asked for at a time.
        assert client.paused == {("in", 0), ("in", 1)}
        assert set(client.asked[-2:]) == {1}
        paused.set()
        return []

    client.script.extend([given, looked])
    seen: list[tuple[int, int]] = []

    def handle(messages: list[KafkaMessage]) -> None:
        if messages[0].partition == 0:
            assert paused.wait(20)
        noted(seen)(messages)
        if len(seen) == 2:
            stream.stop()

    assert stream.run(handle) == 2
    assert seen == [(0, 0), (1, 0)]
    assert client.paused == set()
