"""Our clients and bare confluent-kafka's, at the same work on a broker of their own each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from racto.testing.kafka import KafkaBroker

TOPIC = "bench"
PARTITIONS = 4
KEYS = [f"k{number}" for number in range(100)]


def _value(number: int) -> dict[str, Any]:
    return {"prompt": "x" * 120, "user": "u123", "n": number, "tags": ["a", "b"]}


def _started() -> KafkaBroker:
    broker = KafkaBroker()
    broker.create_topic(TOPIC, partitions=PARTITIONS)
    return broker


def published(size: int, compression: str) -> Callable[[], int]:
    """Publish without waiting, then flush."""
    from racto.kafka import KafkaProducerClient, KafkaProducerConfig

    broker = _started()
    producer = KafkaProducerClient(
        config=KafkaProducerConfig(
            bootstrap_servers=broker.bootstrap_servers, compression_type=compression
        )
    )

    def once() -> int:
        # The broker lives as long as whoever asks it.
        assert broker.bootstrap_servers
        for number in range(size):
            producer.publish(TOPIC, _value(number), key=KEYS[number % 100], wait=False)
        assert producer.flush() == 0
        return size

    return once


def bare_published(
    size: int, compression: str, report: Callable[[Any, Any], None] | None = None
) -> Callable[[], int]:
    """The same with the client that ours uses."""
    from confluent_kafka import Producer
    from pydantic_core import to_json

    broker = _started()
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "enable.idempotence": True,
            "linger.ms": 5,
            "compression.type": compression,
        }
    )

    def once() -> int:
        assert broker.bootstrap_servers
        for number in range(size):
            data, key = to_json(_value(number)), KEYS[number % 100]
            producer.produce(TOPIC, data, key=key, on_delivery=report)
            producer.poll(0)
        assert producer.flush() == 0
        return size

    return once


def bare_reported(size: int, compression: str) -> Callable[[], int]:
    """The same again with what ours promises: each failure is noticed."""
    failures: list[Any] = []

    def report(error: Any, message: Any) -> None:
        if error is not None:
            failures.append((error, message))

    return bare_published(size, compression, report)


def _filled(size: int) -> KafkaBroker:
    from confluent_kafka import Producer
    from pydantic_core import to_json

    broker = _started()
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
    for number in range(size):
        producer.produce(TOPIC, to_json(_value(number)), key=KEYS[number % 100])
    assert producer.flush() == 0
    return broker


def polled(size: int) -> Callable[[], int]:
    """Read a topic from its beginning."""
    from racto.kafka import KafkaConsumerClient, KafkaConsumerConfig

    broker = _filled(size)
    consumer = KafkaConsumerClient(
        config=KafkaConsumerConfig(bootstrap_servers=broker.bootstrap_servers, group_id="g")
    )

    def once() -> int:
        assert broker.bootstrap_servers
        consumer.assign({(TOPIC, number): 0 for number in range(PARTITIONS)})
        count = 0
        while count < size:
            for message in consumer.poll(timeout_ms=1000, max_records=500):
                count += message.value["n"] >= 0
        return count

    return once


def bare_polled(size: int) -> Callable[[], int]:
    """The same with the client that ours uses."""
    from confluent_kafka import Consumer, TopicPartition
    from pydantic_core import from_json

    broker = _filled(size)
    consumer = Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": "g",
            "enable.auto.commit": False,
        }
    )

    def once() -> int:
        assert broker.bootstrap_servers
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
        count = 0
        while count < size:
            # consume() waits until it has so many or the time is up; this is the quick way.
            found = consumer.consume(1, 1.0)
            found += consumer.consume(499, 0)
            for message in found:
                if message.error() is None:
                    count += from_json(message.value())["n"] >= 0
        return count

    return once
