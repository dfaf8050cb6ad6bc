"""What only a real broker shows; runs where ``RACTO_TEST_KAFKA`` names one."""

from __future__ import annotations

import os
import uuid
from typing import Any

import pytest

from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaProducerClient,
    KafkaProducerConfig,
)

SERVERS = os.environ.get("RACTO_TEST_KAFKA", "")

pytestmark = [
    pytest.mark.real_kafka,
    pytest.mark.skipif(
        not SERVERS, reason="RACTO_TEST_KAFKA names no broker, and the mock cannot show this"
    ),
]


def consumer_of(topic: str, **fields: Any) -> KafkaConsumerClient:
    settings: dict[str, Any] = {"group_id": topic, "auto_offset_reset": "earliest", **fields}
    return KafkaConsumerClient(
        config=KafkaConsumerConfig(bootstrap_servers=SERVERS, topics=topic, **settings)
    )


def read(consumer: KafkaConsumerClient, count: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(100):
        found += [m.value for m in consumer.poll(timeout_ms=200)]
        if len(found) >= count:
            break
    return found + [m.value for m in consumer.poll(timeout_ms=500)]


def test_aborted_transactions_stay_hidden() -> None:
    topic = f"racto-{uuid.uuid4().hex}"
    config = KafkaProducerConfig(bootstrap_servers=SERVERS, extra={"transactional.id": topic})
    with KafkaProducerClient(config=config) as producer:
        producer.raw.init_transactions(30)
        for value, commits in ((1, True), (2, False), (3, True)):
            producer.raw.begin_transaction()
            producer.publish(topic, value, wait=False)
            if commits:
                producer.raw.commit_transaction(30)
            else:
                producer.raw.abort_transaction(30)
    with consumer_of(topic, extra={"isolation.level": "read_committed"}) as consumer:
        assert read(consumer, 2) == [1, 3]


def test_partitions_can_be_committed_while_they_are_revoked() -> None:
    topic = f"racto-{uuid.uuid4().hex}"
    with KafkaProducerClient(config=KafkaProducerConfig(bootstrap_servers=SERVERS)) as producer:
        for number in range(20):
            producer.publish(topic, number)

    class Committing:
        def assigned(self, places: object) -> None: ...

        def revoked(self, places: object) -> None:
            first.commit()

        def lost(self, places: object) -> None: ...

    with consumer_of(topic) as first:
        first.listen(Committing())
        seen = read(first, 20)
        with consumer_of(topic) as second:
            for _ in range(100):
                seen += [m.value for each in (first, second) for m in each.poll(timeout_ms=100)]
                if second.assignment():
                    break
    assert sorted(seen) == list(range(20))


def test_times_are_kept() -> None:
    topic = f"racto-{uuid.uuid4().hex}"
    with KafkaProducerClient(config=KafkaProducerConfig(bootstrap_servers=SERVERS)) as producer:
        result = producer.publish(topic, 1, timestamp_ms=1_700_000_000_000)
    assert result is not None
    assert result.timestamp_ms == 1_700_000_000_000
