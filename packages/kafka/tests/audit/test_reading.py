"""A topic is read to the end that it had, in all partitions; what hinders it is told."""

from __future__ import annotations

import pytest

from racto.core.errors import NotFoundError, RactoGatewayTimeoutError
from racto.kafka import KafkaProducerClient
from racto.kafka.audit.reading import TopicReader
from racto.testing.kafka import KafkaBroker

from .conftest import MakeProducer


def reader(broker: KafkaBroker, topic: str, **settings: float) -> TopicReader:
    connection = {"bootstrap_servers": broker.bootstrap_servers}
    return TopicReader(topic, connection, **settings)  # type: ignore[arg-type]


def publish(producer: KafkaProducerClient, topic: str, numbers: range) -> None:
    for number in numbers:
        producer.publish(topic, number, partition=number % 4, wait=False)
    assert producer.flush(10) == 0


def test_all_partitions_to_their_ends(
    broker: KafkaBroker, producer: KafkaProducerClient, topic: str
) -> None:
    publish(producer, topic, range(41))
    opened = reader(broker, topic)
    # What comes later belongs to the next reading.
    publish(producer, topic, range(41, 45))
    found = list(opened.entries())
    opened.close()
    assert opened.total == 41
    assert sorted(int(entry.value) for entry in found) == list(range(41))
    assert {entry.part for entry in found} == {0, 1, 2, 3}


def test_the_last_of_each_partition_and_what_follows(
    broker: KafkaBroker, producer: KafkaProducerClient, topic: str
) -> None:
    publish(producer, topic, range(40))
    opened = reader(broker, topic, last=1)
    entries = opened.entries(follow=True)
    first = [next(entries) for _ in range(4)]
    assert sorted(int(entry.value) for entry in first) == [36, 37, 38, 39]
    publish(producer, topic, range(40, 41))
    assert int(next(entries).value) == 40
    opened.close()


def test_an_empty_topic_is_read_at_once(broker: KafkaBroker, topic: str) -> None:
    opened = reader(broker, topic)
    assert (opened.total, list(opened.entries())) == (0, [])
    opened.close()


def test_a_broker_that_falls_silent_is_told(
    own_broker: KafkaBroker, make_producer: MakeProducer
) -> None:
    topic = own_broker.create_topic("audit")
    publish(make_producer(own_broker), topic, range(8))
    # Slow enough that it stops before the first records are on their way.
    own_broker.delay(0.15)
    opened = reader(own_broker, topic, stall_s=0.3)
    own_broker.stop()
    with pytest.raises(RactoGatewayTimeoutError, match=r"partitions \[0, 1, 2, 3\] are not read"):
        list(opened.entries())
    opened.close()


def test_a_topic_that_is_not_there_is_told(broker: KafkaBroker, topic: str) -> None:
    broker.fail_topic(topic, "UNKNOWN_TOPIC_OR_PART")
    with pytest.raises(NotFoundError, match=f"there is no topic '{topic}'"):
        reader(broker, topic)
