"""Whatever a message is, it is handled or put aside, and no stranger's message stops the stream."""

import asyncio
import logging
from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.retries import NO_RETRIES
from racto.kafka import (
    KafkaMessage,
    KafkaPublishRequest,
    KafkaStreamProcessor,
    each,
    read_dead_letter,
)

from .scripted import ScriptedConsumer, ScriptedProducer, consumer_of, producer_of, quick, record


def stream_of(
    client: ScriptedConsumer, producer: ScriptedProducer, **fields: Any
) -> KafkaStreamProcessor:
    given_up = fields.pop("on_given_up", None)
    defaults = {"dead_letter_topic": "dead", "retry": NO_RETRIES, "commit_interval_ms": 0}
    return KafkaStreamProcessor(
        consumer=consumer_of(client),
        producer=producer_of(producer),
        config=quick(**{**defaults, **fields}),
        on_given_up=given_up,
    )


def fail(_: list[KafkaMessage]) -> None:
    raise ValueError("broken")


def test_a_message_of_the_largest_size_is_put_aside_by_its_place() -> None:
    client = ScriptedConsumer([record(0, value=b"[" + b" " * 990 + b"]", key=b"k")])
    producer = ScriptedProducer(largest=1000)
    stream = stream_of(client, producer)
    assert stream.process_once(fail) == 1
    (letter,) = [read_dead_letter(m) for m in producer.out]
    assert (letter.topic, letter.offset, letter.key, letter.value) == ("in", 0, b"k", None)
    assert letter.omitted == ("value", "headers")
    assert client.committed == [{0: 1}]


def test_what_else_is_said_of_a_message_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    client, producer = ScriptedConsumer([record(0)]), ScriptedProducer()
    plan = KafkaPublishRequest(topic="out", value="x" * 5000)
    stream = stream_of(client, producer, on_given_up=lambda m, e: [plan])
    with caplog.at_level(logging.ERROR, "racto.kafka"):
        assert stream.process_once(fail) == 1
    assert len(producer.values("dead")) == 1
    assert "could not publish to out" in caplog.text
    assert client.committed == [{0: 1}]


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_plain_handler_sees_the_portion_or_each_message(is_alone: bool) -> None:
    client, producer = ScriptedConsumer([record(0)], [record(1)]), ScriptedProducer()
    stream = stream_of(client, producer, batch_size=2)
    calls: list[Any] = []
    handler: Any = each(lambda m: calls.append(m.offset)) if is_alone else None
    stream.process_once(handler or (lambda ms: calls.append([m.offset for m in ms])))
    assert calls == ([0, 1] if is_alone else [[0, 1]])
    assert client.committed == [{0: 2}]


@pytest.mark.parametrize("is_async", [False, True])
async def test_outputs_that_the_broker_refuses_make_suspects_of_their_messages(
    is_async: bool,
) -> None:
    batch = [record(0), record(1)]
    client, producer = ScriptedConsumer(batch, [], batch, []), ScriptedProducer()
    producer.error = KafkaError(KafkaError.INVALID_RECORD)
    stream = stream_of(client, producer, batch_size=2)
    calls: list[list[int]] = []

    def handle(messages: list[KafkaMessage]) -> list[int]:
        calls.append([m.offset for m in messages])
        return [m.offset for m in messages]

    async def once() -> None:
        if is_async:
            await stream.aprocess_once(handle, output_topic="out")
        else:
            await asyncio.to_thread(stream.process_once, handle, output_topic="out")

    await once()
    assert client.sought == [(0, 0)]
    producer.error = None
    await once()
    # Once together, and then each alone.
    assert calls == [[0, 1], [0], [1]]
    assert client.committed == [{0: 2}]
    assert stream._suspects == {}


def test_suspects_of_partitions_that_are_gone_are_forgotten() -> None:
    batch = [record(0)]
    client, producer = ScriptedConsumer(batch), ScriptedProducer()
    producer.error = KafkaError(KafkaError.INVALID_RECORD)
    stream = stream_of(client, producer, batch_size=1)
    stream.process_once(lambda _: [1], output_topic="out")
    assert len(stream._suspects) == 1
    client.revoke(0)
    assert stream._suspects == {}
