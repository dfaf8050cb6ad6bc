"""Publishing: what is acknowledged is there, and what is not is told."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Producer, SerializingProducer

from racto.core.errors import BadRequestError, ConfigurationError
from racto.kafka import (
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaProduceResult,
    KafkaPublishRequest,
)
from racto.testing.kafka import KafkaBroker

NewProducer = Callable[..., KafkaProducerClient]
NewTopic = Callable[..., str]
ReadAll = Callable[..., list[Any]]


def test_waiting_tells_the_place(
    new_topic: NewTopic, new_producer: NewProducer, read_all: ReadAll
) -> None:
    topic, producer = new_topic(partitions=3), new_producer()
    first = producer.publish(topic, {"n": 1}, key="k", headers={"a": "b"}, partition=2)
    second = producer.publish(topic, None, key=b"\xff", partition=2, timestamp_ms=86_400_000)
    assert isinstance(first, KafkaProduceResult)
    assert isinstance(second, KafkaProduceResult)
    assert [(r.topic, r.partition, r.offset) for r in (first, second)] == [
        (topic, 2, 0),
        (topic, 2, 1),
    ]
    read = read_all(topic, 2)
    assert [(m.key, m.value, m.headers) for m in read] == [
        ("k", {"n": 1}, (("a", b"b"),)),
        (b"\xff", None, ()),
    ]
    assert read[1].timestamp_ms == 86_400_000


async def test_both_ways_of_waiting_in_async_code(
    new_topic: NewTopic, new_producer: NewProducer
) -> None:
    topic, producer = new_topic(), new_producer()
    results = await asyncio.gather(*(producer.apublish(topic, n) for n in range(20)))
    assert sorted(r.offset for r in results if r) == list(range(20))
    receipt = await producer.asubmit(KafkaPublishRequest(topic=topic, value=1))
    assert (await receipt).offset == 20
    assert await producer.apublish(topic, 1, wait=False) is None
    assert (await producer.apublish_json(topic, [1])) is not None
    assert [r.offset for r in await producer.apublish_many([])] == []
    assert await producer.aflush() == 0


def test_receipts_come_without_polling(new_topic: NewTopic, new_producer: NewProducer) -> None:
    topic, producer = new_topic(), new_producer()
    receipt = producer.submit(KafkaPublishRequest(topic=topic, value=1))
    assert not receipt.cancel()
    assert receipt.result(10).offset == 0


def test_many_keep_their_order(
    new_topic: NewTopic, new_producer: NewProducer, read_all: ReadAll
) -> None:
    topic, producer = new_topic(), new_producer()
    results = producer.publish_many(KafkaPublishRequest(topic=topic, value=n) for n in range(500))
    assert [r.offset for r in results] == list(range(500))
    assert producer.publish_many([KafkaPublishRequest(topic=topic, value=500)], wait=False) == []
    assert producer.flush() == 0
    assert [m.value for m in read_all(topic, 501)] == list(range(501))


def test_nothing_is_queued_when_one_of_many_is_bad(
    new_topic: NewTopic, new_producer: NewProducer
) -> None:
    topic, producer = new_topic(), new_producer()
    requests = [KafkaPublishRequest(topic=topic, value=v) for v in (1, 2, object())]
    with pytest.raises(BadRequestError, match="cannot be serialised"):
        producer.publish_many(requests)
    result = producer.publish(topic, 3)
    assert result is not None
    assert result.offset == 0


@pytest.mark.parametrize(
    "fields",
    [{"headers": {"a": 1}}, {"headers": [("a",)]}, {"partition": "x"}, {"timestamp_ms": "now"}],
)
def test_wrong_kinds_are_refused(
    new_topic: NewTopic, new_producer: NewProducer, fields: dict[str, Any]
) -> None:
    producer = new_producer()
    with pytest.raises(BadRequestError):
        producer.publish(new_topic(), 1, wait=False, **fields)
    assert producer.flush() == 0


def test_serialisers_of_the_user(
    broker: KafkaBroker, new_topic: NewTopic, read_all: ReadAll
) -> None:
    topic = new_topic()
    config = KafkaProducerConfig(bootstrap_servers=broker.bootstrap_servers)
    with KafkaProducerClient(
        config=config,
        key_serializer=lambda key: f"<{key}>".encode(),
        value_serializer=lambda value, to: f'"{value} for {to}"'.encode(),
    ) as producer:
        producer.publish(topic, 1, key="k")
        producer.publish(topic, None, key="k")
        producer.publish_json(topic, {"a": 1})
    assert [(m.key, m.value) for m in read_all(topic, 3)] == [
        ("<k>", f"1 for {topic}"),
        ("<k>", None),
        (None, {"a": 1}),
    ]


@pytest.mark.parametrize("returned", [3.5, None])
@pytest.mark.parametrize("which", ["key_serializer", "value_serializer"])
def test_a_serialiser_that_returns_no_bytes_is_told(
    broker: KafkaBroker, which: str, returned: float | None
) -> None:
    config = KafkaProducerConfig(bootstrap_servers=broker.bootstrap_servers)
    serialisers: dict[str, Any] = {which: lambda given: returned}
    # None would delete the key's value for everybody who reads the topic.
    with KafkaProducerClient(config=config, **serialisers) as producer:
        for wait in (True, False):
            with pytest.raises(BadRequestError, match=rf"{which} returned (float|NoneType)"):
                producer.publish("any", 1, key="k", wait=wait)
        assert producer.flush() == 0


@pytest.mark.parametrize("kind", [Producer, SerializingProducer])
def test_injected_producers_get_bytes_and_stay_open(
    broker: KafkaBroker, new_topic: NewTopic, read_all: ReadAll, kind: Any
) -> None:
    topic = new_topic()
    theirs = kind({"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0})
    with KafkaProducerClient(producer=theirs) as producer:
        assert producer.raw is theirs
        result = producer.publish(topic, {"a": 1}, key="k", headers={"h": "v"}, timestamp_ms=9)
        assert result is not None
        producer.publish(topic, None, key="k", partition=0, wait=False)
    theirs.produce(topic, value=b"2")
    assert theirs.flush(10) == 0
    found = [(m.key, m.value, m.header("h")) for m in read_all(topic, 3)]
    assert found == [("k", {"a": 1}, "v"), ("k", None, None), (None, 2, None)]


def test_another_kind_of_producer_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="without produce, poll"):
        KafkaProducerClient(producer=object())


def test_bad_values_of_options_are_refused() -> None:
    config = KafkaProducerConfig(extra={"partitioner": "no-such"})
    with pytest.raises(ConfigurationError, match="partitioner"):
        KafkaProducerClient(config=config)


def test_use_after_closing_is_refused(new_producer: NewProducer) -> None:
    producer = new_producer()
    producer.close()
    producer.close()
    for call in (
        lambda: producer.publish("t", 1),
        lambda: producer.publish_json("t", 1, wait=False),
        lambda: producer.publish_many([KafkaPublishRequest(topic="t")]),
        lambda: producer.submit(KafkaPublishRequest(topic="t")),
    ):
        with pytest.raises(ConfigurationError, match="used after close"):
            call()
    assert producer.flush() == 0


def test_a_forgotten_producer_still_delivers(
    broker: KafkaBroker, new_topic: NewTopic, read_all: ReadAll
) -> None:
    topic = new_topic()
    config = KafkaProducerConfig(bootstrap_servers=broker.bootstrap_servers, linger_ms=5000)
    producer = KafkaProducerClient(config=config)
    producer.publish(topic, 1, wait=False)
    del producer
    gc.collect()
    assert [m.value for m in read_all(topic, 1)] == [1]


def test_the_end_of_the_process_delivers(
    broker: KafkaBroker, new_topic: NewTopic, read_all: ReadAll
) -> None:
    topic = new_topic()
    program = f"""
        from racto.kafka import KafkaProducerClient, KafkaProducerConfig
        config = KafkaProducerConfig(bootstrap_servers={broker.bootstrap_servers!r}, linger_ms=900)
        producer = KafkaProducerClient(config=config)
        for number in range(100):
            producer.publish({topic!r}, number, wait=False)
        """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=60)
    assert sorted(m.value for m in read_all(topic, 100)) == list(range(100))
