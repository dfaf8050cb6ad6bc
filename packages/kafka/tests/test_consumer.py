"""Reading: each message once, in order, and committed only when the caller says so."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RactoGatewayError,
)
from racto.core.telemetry.recording import RecordingMetrics
from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaMessage,
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaPublishRequest,
)
from racto.testing.kafka import KafkaBroker

NewProducer = Callable[..., KafkaProducerClient]
NewConsumer = Callable[..., KafkaConsumerClient]
NewTopic = Callable[..., str]


@pytest.fixture
def filled(new_topic: NewTopic, new_producer: NewProducer) -> Callable[..., str]:
    """Makes topics that hold values already."""

    def make(*values: Any, partitions: int = 1) -> str:
        topic = new_topic(partitions=partitions)
        places = [
            KafkaPublishRequest(topic=topic, value=value, partition=index % partitions)
            for index, value in enumerate(values)
        ]
        new_producer().publish_many(places)
        return topic

    return make


def taken(consumer: KafkaConsumerClient, count: int, **options: Any) -> list[KafkaMessage]:
    found: list[KafkaMessage] = []
    for _ in range(300):
        found += consumer.poll(timeout_ms=100, **options)
        if len(found) >= count:
            return found
    raise AssertionError(f"{len(found)} of {count} messages came")


def test_polls_return_what_is_there(filled: Callable[..., str], new_consumer: NewConsumer) -> None:
    consumer = new_consumer(filled(*range(20)))
    first = taken(consumer, 1, max_records=7)
    assert len(first) <= 7
    rest = taken(consumer, 20 - len(first))
    assert [m.value for m in first + rest] == list(range(20))
    assert consumer.poll(timeout_ms=0) == []


def test_a_loop_of_empty_polls_does_not_spin(
    broker: KafkaBroker, filled: Callable[..., str]
) -> None:
    waits: list[float] = []

    class Counting(Consumer):
        def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Any]:
            waits.append(timeout)
            return super().consume(num_messages, timeout)

    theirs = Counting({"bootstrap.servers": broker.bootstrap_servers, "group.id": "spin"})
    config = KafkaConsumerConfig(topics=filled(), group_id="spin")
    with KafkaConsumerClient(config=config, consumer=theirs) as consumer:
        for _ in range(10):
            assert consumer.poll(timeout_ms=0) == []
    # librdkafka sleeps that long; with 0 it would return at once, ten thousand times a second.
    assert sum(wait > 0.0005 for wait in waits) >= 10
    assert len(waits) < 100


@pytest.mark.parametrize("how", ["everything", "message", "offsets", "asynchronous"])
def test_a_restart_begins_where_it_was_committed(
    filled: Callable[..., str], new_consumer: NewConsumer, how: str
) -> None:
    topic = filled(*range(10))
    consumer = new_consumer(topic)
    messages = taken(consumer, 10)
    if how == "message":
        consumer.commit(messages[3])
    elif how == "offsets":
        consumer.commit(offsets={(topic, 0): 4})
    else:
        consumer.commit(asynchronous=how == "asynchronous")
    begin = 4 if how in ("message", "offsets") else 10
    while how == "asynchronous" and not consumer.committed():
        consumer.poll(timeout_ms=10)
    assert consumer.committed() == {(topic, 0): begin}
    consumer.close()
    other = new_consumer(topic)
    assert [m.value for m in (taken(other, 1) if begin < 10 else other.poll())][:1] == (
        [4] if begin < 10 else []
    )


def test_what_no_caller_has_taken_is_not_committed(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    topic = filled(*range(10))
    consumer = new_consumer(topic)
    messages = taken(consumer, 10)
    consumer._inbox.keep(messages[6:])
    consumer.commit()
    assert consumer.committed() == {(topic, 0): 6}
    assert consumer.position() == {(topic, 0): 6}
    assert [m.value for m in consumer.poll()] == [6, 7, 8, 9]


async def test_a_cancelled_poll_loses_nothing(
    new_topic: NewTopic, new_producer: NewProducer, new_consumer: NewConsumer
) -> None:
    topic = new_topic()
    consumer = new_consumer(topic)
    found: list[Any] = []
    task = asyncio.create_task(consumer.apoll(timeout_ms=5000))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # The poll goes on in its thread, and this is what it reads.
    await new_producer().apublish(topic, "kept")
    for _ in range(50):
        found += [m.value for m in await consumer.apoll(timeout_ms=100)]
        if found:
            break
    assert found == ["kept"]
    await consumer.acommit()
    assert await consumer.acommitted() == {(topic, 0): 1}
    await consumer.aclose()


async def test_what_a_cancelled_poll_raises_the_next_one_raises(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    consumer = new_consumer(filled(1, 2))

    class Bad(Watcher):
        def assigned(self, places: tuple[tuple[str, int], ...]) -> None:
            raise KeyError("mine")

    consumer.listen(Bad())
    task = asyncio.create_task(consumer.apoll(timeout_ms=20_000))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(KeyError, match="mine"):
        await consumer.apoll(timeout_ms=20_000)
    found: list[Any] = []
    while len(found) < 2:
        found += [m.value for m in await consumer.apoll(timeout_ms=1000)]
    assert found == [1, 2]
    await consumer.aclose()
    with pytest.raises(ConfigurationError, match="used after close"):
        await consumer.apoll()


def test_poison_stops_nobody(filled: Callable[..., str], new_consumer: NewConsumer) -> None:
    topic = filled({"a": 1}, b"{broken", None, b"\xff\xfe", {"b": 2})
    messages = taken(new_consumer(topic), 5)
    assert [m.value for m in messages] == [{"a": 1}, b"{broken", None, b"\xff\xfe", {"b": 2}]
    assert [m.error is None for m in messages] == [True, False, True, False, True]
    error = messages[1].error
    assert isinstance(error, InvalidResponseError)
    assert f"{topic}, partition 0, offset 1" in str(error)
    assert "broken" not in str(error)
    assert messages[1].raw_value == b"{broken"


def test_injected_consumers_deserialise_too(
    broker: KafkaBroker, filled: Callable[..., str]
) -> None:
    topic = filled({"a": 1}, {"a": 2})
    theirs = Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": topic,
            "auto.offset.reset": "earliest",
        }
    )
    config = KafkaConsumerConfig(topics=topic, group_id=topic)
    with KafkaConsumerClient(
        config=config, consumer=theirs, value_deserializer=lambda data, to: (to, len(data))
    ) as consumer:
        assert consumer.raw is theirs
        assert [m.value for m in taken(consumer, 2)] == [(topic, 7), (topic, 7)]
    with pytest.raises(ConfigurationError, match="without subscribe"):
        KafkaConsumerClient(config=config, consumer=object())


def test_pause_resume_and_seek(filled: Callable[..., str], new_consumer: NewConsumer) -> None:
    topic = filled(*range(6), partitions=2)
    consumer = new_consumer(topic)
    taken(consumer, 6)
    assert sorted(consumer.assignment()) == [(topic, 0), (topic, 1)]
    consumer.pause([(topic, 0)])
    consumer.seek(topic, 0, 0)
    consumer.seek(topic, 1, 1)
    assert {m.partition for m in taken(consumer, 2)} == {1}
    assert consumer.poll(timeout_ms=50) == []
    consumer.resume([(topic, 0)])
    assert [m.value for m in taken(consumer, 3)] == [0, 2, 4]
    with pytest.raises(RactoGatewayError, match="seeking"):
        consumer.seek("other", 0, 0)


def test_lag_and_ends(filled: Callable[..., str], broker: KafkaBroker) -> None:
    topic = filled(*range(10))
    metrics = RecordingMetrics()
    config = KafkaConsumerConfig(
        bootstrap_servers=broker.bootstrap_servers,
        topics=topic,
        group_id=topic,
        auto_offset_reset="earliest",
        extra={"statistics.interval.ms": 50},
    )
    with KafkaConsumerClient(config=config, metrics=metrics) as consumer:
        assert len(taken(consumer, 4, max_records=4)) == 4
        assert consumer.lag() == {(topic, 0): 6}
        assert consumer.watermarks(topic, 0) == (0, 10)
        with pytest.raises(RactoGatewayError):
            consumer.watermarks("no-such-topic", 99, timeout_s=5)


def test_without_a_group_all_is_read_and_nothing_committed(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    topic = filled(*range(6), partitions=3)
    consumer = new_consumer(topic, group_id=None)
    assert sorted(m.value for m in taken(consumer, 6)) == list(range(6))
    for call in (consumer.commit, consumer.committed, lambda: consumer.subscribe([topic])):
        with pytest.raises(ConfigurationError, match="needs a group_id"):
            call()


def test_a_pattern_without_a_group_is_looked_up(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    topic = filled(1, 2, 3, partitions=3)
    # The name itself matches too, and no partition is read twice.
    consumer = new_consumer("", topics=(topic, f"^{topic}$"), group_id=None)
    found = taken(consumer, 3) + consumer.poll(timeout_ms=200)
    assert sorted(m.value for m in found) == [1, 2, 3]
    with pytest.raises(NotFoundError, match="no topic matches"):
        new_consumer("^no-such-topic", group_id=None).poll()
    with pytest.raises(ConfigurationError, match="is no pattern"):
        new_consumer("^(", group_id=None).poll()


def test_a_commit_that_nobody_waits_for_fails_into_the_log(
    filled: Callable[..., str], new_consumer: NewConsumer, caplog: pytest.LogCaptureFixture
) -> None:
    with KafkaBroker() as own:
        topic = own.create_topic("t", partitions=1)
        config = KafkaProducerConfig(bootstrap_servers=own.bootstrap_servers)
        with KafkaProducerClient(config=config) as producer:
            producer.publish(topic, 1)
        consumer = new_consumer(topic, bootstrap_servers=own.bootstrap_servers)
        taken(consumer, 1)
        own.fail("OffsetCommit", "GROUP_AUTHORIZATION_FAILED")
        consumer.commit(asynchronous=True)
        for _ in range(100):
            consumer.poll(timeout_ms=20)
            if "GROUP_AUTHORIZATION_FAILED" in caplog.text:
                break
        assert "GROUP_AUTHORIZATION_FAILED" in caplog.text
        consumer.close()


def test_assigning_by_hand(
    broker: KafkaBroker, filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    topic = filled(*range(10))
    consumer = new_consumer((), group_id="by-hand")
    with pytest.raises(ConfigurationError, match="nothing to read"):
        consumer.poll()
    consumer.assign({(topic, 0): 7})
    assert [m.value for m in taken(consumer, 3)] == [7, 8, 9]
    consumer.assign([(topic, 0)])
    assert [m.value for m in taken(consumer, 10)] == list(range(10))


class Watcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def assigned(self, places: tuple[tuple[str, int], ...]) -> None:
        self.told.append(("assigned", len(places)))

    def revoked(self, places: tuple[tuple[str, int], ...]) -> None:
        self.told.append(("revoked", len(places)))

    def lost(self, places: tuple[tuple[str, int], ...]) -> None:
        self.told.append(("lost", len(places)))


def test_partitions_move_without_a_message_twice(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    topic = filled(*range(40), partitions=4)
    first, watcher = new_consumer(topic, extra={"heartbeat.interval.ms": 100}), Watcher()
    first.listen(watcher)
    seen = [m.value for m in taken(first, 40)]
    first.commit()
    second = new_consumer(topic, extra={"heartbeat.interval.ms": 100})
    for _ in range(200):
        seen += [m.value for m in first.poll(timeout_ms=50)]
        seen += [m.value for m in second.poll(timeout_ms=50)]
        if len(first.assignment()) == len(second.assignment()) == 2:
            break
    assert watcher.told[:2] == [("assigned", 4), ("revoked", 4)]
    assert sorted(seen) == list(range(40))


def test_what_a_listener_raises_reaches_the_poll(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    consumer = new_consumer(filled(1, 2))

    class Bad(Watcher):
        def assigned(self, places: tuple[tuple[str, int], ...]) -> None:
            raise KeyError("mine")

    consumer.listen(Bad())
    with pytest.raises(KeyError, match="mine"):
        taken(consumer, 2)
    assert [m.value for m in taken(consumer, 2)] == [1, 2]


def test_closing_ends_a_poll_elsewhere(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    consumer = new_consumer(filled())
    ended = threading.Event()

    def poll() -> None:
        assert consumer.poll(timeout_ms=60_000) == []
        ended.set()

    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.1)
    consumer.close()
    consumer.close()
    assert ended.wait(10)
    thread.join()
    for call in (consumer.poll, consumer.commit, consumer.assignment, consumer.lag):
        with pytest.raises(ConfigurationError, match="used after close"):
            call()


def test_no_broker_is_told_once_polled() -> None:
    config = KafkaConsumerConfig(bootstrap_servers="127.0.0.1:1", topics="t", group_id="g")
    with (
        KafkaConsumerClient(config=config) as consumer,
        pytest.raises(APIConnectionError, match="Connection refused"),
    ):
        consumer.poll(timeout_ms=1000)


def test_an_error_of_a_topic_comes_after_the_messages(
    broker: KafkaBroker, filled: Callable[..., str], new_topic: NewTopic, new_consumer: NewConsumer
) -> None:
    topic, forbidden = filled(1, 2), new_topic()
    broker.fail_topic(forbidden)
    consumer = new_consumer(topic, topics=[topic, forbidden])
    found: list[Any] = []

    def poll() -> None:
        for _ in range(100):
            found.extend(consumer.poll())

    with pytest.raises(PermissionDeniedError, match=forbidden):
        poll()
    while len(found) < 2:
        found += consumer.poll()
    assert [m.value for m in found] == [1, 2]


def test_no_offset_is_an_error_if_wanted(
    filled: Callable[..., str], new_consumer: NewConsumer
) -> None:
    consumer = new_consumer(filled(1), auto_offset_reset="none")
    with pytest.raises(RactoGatewayError, match=r"seek\(\) to where to begin"):
        taken(consumer, 1)


@pytest.mark.parametrize("options", [{"max_records": 0}, {"timeout_ms": -1}])
def test_bad_limits_are_refused(
    filled: Callable[..., str], new_consumer: NewConsumer, options: dict[str, int]
) -> None:
    with pytest.raises(ConfigurationError, match="poll"):
        new_consumer(filled(1)).poll(**options)


@pytest.mark.parametrize("fault", ["stopped", "slow", "refused commit"])
def test_faults_in_mid_stream(fault: str) -> None:
    with KafkaBroker() as own:
        topic = own.create_topic("t", partitions=1)
        config = KafkaConsumerConfig(
            bootstrap_servers=own.bootstrap_servers,
            topics=topic,
            group_id="g",
            auto_offset_reset="earliest",
            extra={"reconnect.backoff.max.ms": 200},
        )
        producer_config = KafkaProducerConfig(bootstrap_servers=own.bootstrap_servers)
        with (
            KafkaProducerClient(config=producer_config) as producer,
            KafkaConsumerClient(config=config) as consumer,
        ):
            producer.publish_many(KafkaPublishRequest(topic=topic, value=n) for n in range(50))
            found = taken(consumer, 10, max_records=10)
            if fault == "stopped":
                own.stop()
                found += consumer.poll(timeout_ms=300)
                own.start()
            elif fault == "slow":
                own.delay(0.3)
            else:
                own.fail("OffsetCommit", "GROUP_AUTHORIZATION_FAILED")
                with pytest.raises(PermissionDeniedError):
                    consumer.commit()
            found += taken(consumer, 50 - len(found))
            consumer.commit()
            assert consumer.committed() == {(topic, 0): 50}
        assert [m.value for m in found] == list(range(50))
