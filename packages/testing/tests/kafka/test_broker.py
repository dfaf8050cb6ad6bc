"""The brokers speak Kafka's protocol to the official client, and break when they are told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.testing import KafkaBroker

confluent_kafka = pytest.importorskip("confluent_kafka")


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaBroker]:
    with KafkaBroker(brokers=2) as started:
        yield started


def producer(broker: KafkaBroker, **options: object) -> Any:
    settings = {"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0, "log_level": 0}
    return confluent_kafka.Producer({**settings, **options})


def test_records_come_back(broker: KafkaBroker) -> None:
    topic = broker.create_topic("back", partitions=1)
    client = producer(broker)
    client.produce(topic, b"value", key=b"key", headers={"h": b"v"})
    assert client.flush(10) == 0
    reader = confluent_kafka.Consumer(
        {"bootstrap.servers": broker.bootstrap_servers, "group.id": "g", "log_level": 0}
    )
    reader.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    found = reader.poll(10)
    reader.close()
    assert found is not None
    assert (found.key(), found.value(), found.headers()) == (b"key", b"value", [("h", b"v")])
    assert broker.requests["Produce"] >= 1
    assert broker.requests["Fetch"] >= 1


def test_requests_are_refused_as_often_as_told(broker: KafkaBroker) -> None:
    topic = broker.create_topic("refused", partitions=1)
    client = producer(broker)
    errors: list[str | None] = []
    broker.fail("Produce", "NOT_ENOUGH_REPLICAS", "MSG_SIZE_TOO_LARGE")
    for _ in range(2):
        client.produce(topic, b"1", on_delivery=lambda e, m: errors.append(e and e.name()))
        assert client.flush(10) == 0
    assert errors == ["MSG_SIZE_TOO_LARGE", None]
    broker.fail("Produce", *["MSG_SIZE_TOO_LARGE"] * 3)
    broker.heal("Produce")
    client.produce(topic, b"1", on_delivery=lambda e, m: errors.append(e and e.name()))
    assert client.flush(10) == 0
    assert errors[2:] == [None]


def test_brokers_go_and_come_back(broker: KafkaBroker) -> None:
    topic = broker.create_topic("gone", partitions=1, replicas=2)
    client = producer(broker, **{"reconnect.backoff.max.ms": 100})
    for break_it, mend_it in ((broker.stop, broker.start), (broker.freeze, broker.thaw)):
        break_it()
        try:
            assert any(is_held_up(client, topic) for _ in range(20))
        finally:
            # The tests that follow share the brokers.
            mend_it()
        assert client.flush(20) == 0


def is_held_up(client: Any, topic: str) -> bool:
    """Whether a record stays; one may still slip through while brokers go."""
    client.produce(topic, b"1")
    return bool(client.flush(0.2))


def test_leaders_coordinators_and_retention(broker: KafkaBroker) -> None:
    topic = broker.create_topic("led", partitions=1, replicas=2)
    client = producer(broker)
    broker.lead(topic, 0, 2)
    assert client.list_topics(topic, 10).topics[topic].partitions[0].leader == 2
    broker.coordinate("group", "g", broker=1)
    client.produce(topic, b"1")
    client.produce(topic, b"2")
    assert client.flush(10) == 0
    broker.trim(topic, 0, before=1)
    broker.delay(0.001)
    broker.delay(0)
    reader = confluent_kafka.Consumer(
        {"bootstrap.servers": broker.bootstrap_servers, "group.id": "g", "log_level": 0}
    )
    place = confluent_kafka.TopicPartition(topic, 0)
    assert reader.get_watermark_offsets(place, 10) == (1, 2)
    reader.close()


def test_topics_can_be_forbidden(broker: KafkaBroker) -> None:
    topic = broker.create_topic("forbidden")
    broker.fail_topic(topic)
    error = producer(broker).list_topics(topic, 10).topics[topic].error
    assert error.name() == "TOPIC_AUTHORIZATION_FAILED"
    broker.fail_topic(topic, "NO_ERROR")
    assert producer(broker).list_topics(topic, 10).topics[topic].error is None


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (lambda b: b.fail("Nonsense", "NO_ERROR"), "no request of Kafka's"),
        (lambda b: b.fail("Produce", "NONSENSE"), "no error of Kafka's"),
        (lambda b: b.stop(99), "was refused"),
        (lambda b: b._do("__init__"), "is no command"),
        (lambda b: b._do("create_topic", "t", "many", 1), "wrong type"),
        (lambda b: b.create_topic("t", partitions=0), "0 partitions"),
        (lambda b: b.create_topic(""), "topic ''"),
        (lambda b: KafkaBroker(brokers=0), "must be 1 or more"),
    ],
)
def test_wrong_commands_are_refused(broker: KafkaBroker, command: object, reason: str) -> None:
    assert callable(command)
    with pytest.raises(ConfigurationError, match=reason):
        command(broker)


def test_frozen_and_dead_brokers_take_no_commands() -> None:
    broker = KafkaBroker()
    broker.freeze()
    with pytest.raises(ConfigurationError, match="thaw"):
        broker.create_topic("t")
    broker.thaw()
    broker.kill()
    with pytest.raises(ConfigurationError, match="are gone"):
        broker.create_topic("t")
    broker.close()
    broker.close()


def test_an_interrupt_of_the_terminal_leaves_the_brokers_be(broker: KafkaBroker) -> None:
    os.kill(broker._process.pid, signal.SIGINT)
    assert broker.create_topic("interrupted") == "interrupted"


def test_brokers_end_with_whoever_started_them() -> None:
    program = (
        "import os; from racto.testing import KafkaBroker; "
        "b = KafkaBroker(); print(b._process.pid, flush=True); os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", done.stdout.decode().strip()], capture_output=True, check=False
    )
    # A container without an init keeps the ended process's entry.
    assert state.stdout.strip() in (b"", b"Z") or state.stdout.strip().startswith(b"Z")


def test_the_fixture(kafka_broker: KafkaBroker) -> None:
    assert kafka_broker.create_topic("t") == "t"
