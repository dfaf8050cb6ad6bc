"""A stream handles what comes, publishes what its handler returns, and commits what is done."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.core.telemetry import RecordingMetrics
from racto.kafka import (
    KafkaConsumerClient,
    KafkaMessage,
    KafkaProducerClient,
    KafkaPublishRequest,
    KafkaStreamConfig,
    KafkaStreamProcessor,
    each,
)

Make = Callable[..., Any]


def fill(producer: KafkaProducerClient, topic: str, count: int, *, keys: int = 0) -> None:
    producer.publish_many(
        [
            KafkaPublishRequest(topic=topic, value=n, key=f"k{n % keys}" if keys else None)
            for n in range(count)
        ]
    )


def doubled(messages: list[KafkaMessage]) -> list[int]:
    return [m.value * 2 for m in messages]


async def adoubled(messages: list[KafkaMessage]) -> list[int]:
    return doubled(messages)


def position(consumer: KafkaConsumerClient, topic: str, partition: int = 0) -> int | None:
    return consumer.committed().get((topic, partition))


def quick(**fields: Any) -> KafkaStreamConfig:
    return KafkaStreamConfig(**{"max_wait_ms": 3000, "poll_timeout_ms": 100, **fields})


def test_one_batch(new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make) -> None:
    source, target = new_topic(), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    fill(producer, source, 5)
    stream = KafkaStreamProcessor(
        consumer=consumer, producer=producer, config=quick(linger_ms=1000, batch_size=5)
    )
    assert stream.process_once(doubled, output_topic=target) == 5
    assert [m.value for m in read_all(target, 5)] == [0, 2, 4, 6, 8]
    assert position(consumer, source) == 5
    stats = stream.stats
    assert (stats.consumed, stats.handled, stats.published, stats.in_flight) == (5, 5, 5, 0)


async def test_one_batch_without_blocking_the_loop(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, target = new_topic(), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    fill(producer, source, 3)
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=quick(linger_ms=500, batch_size=3, max_wait_ms=300),
    )
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    while stream.stats.consumed < 2:
        await stream.aprocess_once(adoubled, output_topic=target)
    while stream.stats.consumed < 3:
        await stream.aprocess_once(doubled, output_topic=target)
    assert await stream.aprocess_once(doubled, output_topic=target) == 0
    ticking.cancel()
    assert ticks > 20
    assert len(await asyncio.to_thread(read_all, target, 3)) == 3


def test_a_batch_is_collected_and_left_to_the_caller(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    consumer = new_consumer(source)
    fill(new_producer(), source, 4)
    stream = KafkaStreamProcessor(consumer=consumer, config=quick(batch_size=3, linger_ms=1000))
    assert [m.value for m in stream.collect_batch()] == [0, 1, 2]
    assert [m.value for m in asyncio.run(stream.acollect_batch())] == [3]
    assert position(consumer, source) is None
    assert stream.stats.in_flight == 0


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_run_ends_when_it_is_told(
    workers: int,
    is_async: bool,
    new_topic: Make,
    new_producer: Make,
    new_consumer: Make,
    read_all: Make,
) -> None:
    source, target = new_topic(partitions=2), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    fill(producer, source, 200, keys=7)
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=quick(workers=workers, commit_interval_ms=20, max_in_flight=40),
    )
    seen: list[KafkaMessage] = []
    lock = threading.Lock()

    def handle(messages: list[KafkaMessage]) -> list[KafkaPublishRequest]:
        with lock:
            seen.extend(messages)
            if len(seen) == 200:
                stream.stop()
        return [KafkaPublishRequest(topic=target, value=m.value, key=m.key) for m in messages]

    async def ahandle(messages: list[KafkaMessage]) -> list[KafkaPublishRequest]:
        await asyncio.sleep(0)
        return handle(messages)

    count = asyncio.run(stream.arun(ahandle)) if is_async else stream.run(handle)
    assert count == 200
    assert sorted(m.value for m in seen) == list(range(200))
    for key in range(7):
        values = [m.value for m in seen if m.key == f"k{key}"]
        assert values == sorted(values)
    assert sorted(m.value for m in read_all(target, 200)) == list(range(200))
    committed = [position(consumer, source, n) or 0 for n in range(2)]
    assert sum(committed) == 200


def test_handlers_run_side_by_side(new_topic: Make, new_producer: Make, new_consumer: Make) -> None:
    source = new_topic()
    fill(new_producer(), source, 8)
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source), config=quick(workers=8, linger_ms=500, batch_size=8)
    )
    # Passes only when all eight wait at once.
    gate = threading.Barrier(8, timeout=20)

    def handle(_: KafkaMessage) -> None:
        gate.wait()

    assert stream.process_once(each(handle)) == 8


def test_what_is_in_flight_is_limited(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    fill(new_producer(), source, 60)
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source),
        config=quick(workers=2, batch_size=4, max_in_flight=8),
    )
    most = handled = 0
    lock = threading.Lock()

    def handle(_: KafkaMessage) -> None:
        nonlocal most, handled
        most = max(most, stream.stats.in_flight)
        with lock:
            handled += 1
            if handled == 60:
                stream.stop()

    assert stream.run(each(handle)) == 60
    assert 1 < most <= 8


def test_a_slow_handler_pauses_the_consumer_and_keeps_its_membership(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    fill(new_producer(), source, 4)
    consumer = new_consumer(source, extra={"max.poll.interval.ms": 6000})
    stream = KafkaStreamProcessor(
        consumer=consumer,
        config=quick(poll_while_handling=True, batch_size=1, max_in_flight=1),
    )
    polls: list[int] = []

    def handle(message: KafkaMessage) -> None:
        if message.value == 0:
            # Long enough for the loop to pause; it must resume by itself.
            threading.Event().wait(1.5)
        polls.append(message.value)
        if len(polls) == 4:
            stream.stop()

    assert stream.run(each(handle)) == 4
    assert polls == [0, 1, 2, 3]
    assert position(consumer, source) == 4


def test_without_waiting_offsets_follow_their_outputs(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, target = new_topic(), new_topic()
    producer, consumer = new_producer(linger_ms=300), new_consumer(source)
    producer.publish_many([KafkaPublishRequest(topic=source, value=1)])
    stream = KafkaStreamProcessor(
        consumer=consumer, producer=producer, config=quick(wait_for_publish=False, max_wait_ms=500)
    )
    while not stream.process_once(doubled, output_topic=target):
        assert stream.stats.commits == 0
    assert position(consumer, source) is None
    assert producer.flush(10) == 0
    assert stream.process_once(doubled, output_topic=target) == 0
    assert position(consumer, source) == 1
    assert len(read_all(target, 1)) == 1


def test_commits_can_be_left_to_the_caller(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    consumer = new_consumer(source)
    fill(new_producer(), source, 2)
    stream = KafkaStreamProcessor(consumer=consumer, config=quick(commit_on_success=False))
    while stream.stats.handled < 2:
        stream.process_once(lambda _: None)
    assert position(consumer, source) is None


def test_metrics_tell_of_work_and_lag(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    fill(new_producer(), source, 10)
    metrics = RecordingMetrics()
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source),
        config=quick(batch_size=2, commit_interval_ms=0),
        metrics=metrics,
    )
    while stream.stats.handled < 10:
        stream.run(lambda _: None, iterations=1)
    assert metrics.total("racto.kafka.stream.handled") == 10
    assert metrics.current("racto.kafka.stream.lag") == 0
    assert metrics.values("racto.kafka.stream.handler.duration")


def test_one_run_at_a_time(new_topic: Make, new_producer: Make, new_consumer: Make) -> None:
    source = new_topic()
    fill(new_producer(), source, 1)
    stream = KafkaStreamProcessor(consumer=new_consumer(source), config=quick())
    caught: list[ConfigurationError] = []

    def handle(_: list[KafkaMessage]) -> None:
        with pytest.raises(ConfigurationError, match="one run at a time") as error:
            stream.process_once(handle)
        caught.append(error.value)

    assert stream.process_once(handle) == 1
    assert len(caught) == 1


def test_parts_that_do_not_fit_are_refused(new_topic: Make, new_consumer: Make) -> None:
    topic = new_topic()
    with pytest.raises(ConfigurationError, match="enable_auto_commit"):
        KafkaStreamProcessor(consumer=new_consumer(topic, enable_auto_commit=True))
    with pytest.raises(ConfigurationError, match="producer"):
        KafkaStreamProcessor(
            consumer=new_consumer(topic), config=KafkaStreamConfig(dead_letter_topic="d")
        )
    with pytest.raises(ValueError, match="max_in_flight"):
        KafkaStreamConfig(batch_size=10, max_in_flight=5)
    with pytest.raises(ConfigurationError, match="group_id"):
        KafkaStreamProcessor(consumer=new_consumer(topic, group_id=None))
    with pytest.raises(ConfigurationError, match=r"transactional\.id"):
        KafkaStreamProcessor(
            consumer=new_consumer(topic), config=KafkaStreamConfig(guarantee="exactly_once")
        )
