"""No failure loses a message: it is tried again, put aside, or the stream stops in front of it."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    RactoGatewayAuthError,
    RactoGatewayError,
)
from racto.core.retries import RetryPolicy
from racto.kafka import (
    KafkaConsumerClient,
    KafkaMessage,
    KafkaPublishRequest,
    KafkaStreamConfig,
    KafkaStreamProcessor,
    each,
    read_dead_letter,
)
from racto.testing.kafka import KafkaBroker

Make = Callable[..., Any]
AT_ONCE = RetryPolicy(attempts=3, base=0.0)


def quick(**fields: Any) -> KafkaStreamConfig:
    defaults = {"max_wait_ms": 3000, "linger_ms": 300, "poll_timeout_ms": 100, "retry": AT_ONCE}
    return KafkaStreamConfig(**{**defaults, **fields})


def position(consumer: KafkaConsumerClient, topic: str) -> int | None:
    return consumer.committed().get((topic, 0))


def numbers(topic: str, count: int) -> list[KafkaPublishRequest]:
    return [KafkaPublishRequest(topic=topic, value=n, key=f"k{n % 5}") for n in range(count)]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_failed_batch_is_not_committed_by_a_later_success(
    is_async: bool, new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    # Defect 39: the reference commits the failed batch with the next one, and it is lost.
    source = new_topic()
    consumer = new_consumer(source)
    new_producer().publish_many(numbers(source, 6))
    stream = KafkaStreamProcessor(consumer=consumer, config=quick(batch_size=3))
    seen: list[int] = []
    is_broken = True

    def handle(messages: list[KafkaMessage]) -> None:
        if is_broken and any(m.value == 1 for m in messages):
            raise ValueError("cannot handle 1")
        seen.extend(m.value for m in messages)

    def once() -> int:
        work = stream.aprocess_once(handle) if is_async else None
        return asyncio.run(work) if work else stream.process_once(handle)

    for _ in range(2):
        with pytest.raises(ValueError, match="cannot handle 1") as caught:
            once()
        assert f"{source}[0] at offset 1" in caught.value.__notes__[0]
        assert position(consumer, source) == 1
    is_broken = False
    while len(set(seen)) < 6:
        once()
    assert sorted(set(seen)) == list(range(6))
    assert position(consumer, source) == 6


def test_a_poison_handler_input_is_isolated_from_its_neighbours(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, target, dead = new_topic(), new_topic(), new_topic()
    consumer, producer = new_consumer(source), new_producer()
    producer.publish_many(numbers(source, 9))
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=quick(batch_size=9, dead_letter_topic=dead),
    )
    calls: Counter[int] = Counter()

    def handle(messages: list[KafkaMessage]) -> list[int]:
        calls.update(m.value for m in messages)
        if any(m.value == 4 for m in messages):
            raise RuntimeError("4 with password=hunter2hunter2")
        return [m.value for m in messages]

    assert stream.process_once(handle, output_topic=target) == 9
    assert sorted(m.value for m in read_all(target, 8)) == [0, 1, 2, 3, 5, 6, 7, 8]
    letter = read_dead_letter(read_all(dead, 1)[0])
    assert (letter.topic, letter.partition, letter.offset) == (source, 0, 4)
    assert (letter.error_type, letter.attempts, letter.value) == ("RuntimeError", 3, b"4")
    assert letter.key == b"k4"
    assert "hunter2" not in letter.error_message
    assert position(consumer, source) == 9
    # Halves: few of the neighbours are called more often than log2(9) times.
    assert max(count for value, count in calls.items() if value != 4) <= 4


def test_poison_json_goes_aside_as_it_came(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, dead = new_topic(), new_topic()
    consumer, producer = new_consumer(source), new_producer()
    for value in (b"1", b'{"a": ', b"\xff", b"2"):
        producer.publish(source, value, headers={"trace": "t1"})
    stream = KafkaStreamProcessor(
        consumer=consumer, producer=producer, config=quick(dead_letter_topic=dead)
    )
    seen: list[Any] = []
    while stream.stats.handled + stream.stats.dead_lettered < 4:
        stream.process_once(each(lambda m: seen.append(m.value)))
    assert seen == [1, 2]
    letters = [read_dead_letter(m) for m in read_all(dead, 2)]
    assert [letter.value for letter in letters] == [b'{"a": ', b"\xff"]
    assert [letter.attempts for letter in letters] == [0, 0]
    assert letters[0].headers == (("trace", b"t1"),)
    assert position(consumer, source) == 4


def test_poison_without_a_dead_letter_topic_stops_the_stream_in_front_of_it(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    consumer, producer = new_consumer(source), new_producer()
    for value in (b"1", b"{"):
        producer.publish(source, value)
    stream = KafkaStreamProcessor(consumer=consumer, config=quick(batch_size=1))
    with pytest.raises(RactoGatewayError):
        stream.run(lambda _: None)
    assert position(consumer, source) == 1


def test_retries_are_bounded_and_an_accident_heals(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    new_producer().publish_many(numbers(source, 1))
    stream = KafkaStreamProcessor(consumer=new_consumer(source), config=quick())
    calls = 0

    def handle(_: list[KafkaMessage]) -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise APIConnectionError("away")

    assert stream.process_once(handle) == 1
    assert (calls, stream.stats.retried, stream.stats.handled) == (3, 2, 1)


def test_a_final_error_is_not_tried_again_and_a_broken_set_up_stops(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, dead = new_topic(), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    producer.publish_many(numbers(source, 2))
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=quick(dead_letter_topic=dead, batch_size=1),
        on_given_up=lambda m, e: [KafkaPublishRequest(topic=dead, value=f"sorry {m.offset}: {e}")],
    )

    def handle(messages: list[KafkaMessage]) -> None:
        if messages[0].value == 0:
            raise BadRequestError("no")
        raise RactoGatewayAuthError("the key is wrong")

    with pytest.raises(RactoGatewayAuthError, match="key is wrong"):
        stream.run(handle)
    assert stream.stats.retried == 0
    assert position(consumer, source) == 1
    # The letter comes last: once it is delivered the message counts as handled.
    assert [m.value for m in read_all(dead, 2)] == ["sorry 0: no", 0]


@pytest.mark.parametrize(("workers", "is_async"), [(1, False), (4, False), (4, True)])
def test_a_handler_that_fails_at_random_loses_nothing(
    workers: int,
    is_async: bool,
    new_topic: Make,
    new_producer: Make,
    new_consumer: Make,
    read_all: Make,
) -> None:
    source, target, dead = new_topic(partitions=3), new_topic(), new_topic()
    producer = new_producer()
    producer.publish_many(numbers(source, 1000))
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source),
        producer=producer,
        config=quick(
            workers=workers, dead_letter_topic=dead, linger_ms=0, batch_size=16,
            retry=RetryPolicy(attempts=2, base=0.0),
        ),
    )  # fmt: skip
    chance, lock = random.Random(8), threading.Lock()

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        with lock:
            is_bad = chance.random() < 0.05
        if is_bad:
            raise RuntimeError("by chance")
        return KafkaPublishRequest(topic=target, value=message.value, key=message.key)

    async def ahandle(message: KafkaMessage) -> KafkaPublishRequest:
        await asyncio.sleep(0)
        return handle(message)

    def settled() -> int:
        return stream.stats.handled + stream.stats.dead_lettered

    def watch() -> None:
        while settled() < 1000:
            threading.Event().wait(0.01)
        stream.stop()

    watching = threading.Thread(target=watch)
    watching.start()
    count = asyncio.run(stream.arun(each(ahandle))) if is_async else stream.run(each(handle))
    watching.join()
    assert count == 1000
    answered = Counter(m.value for m in read_all(target, stream.stats.handled))
    letters = stream.stats.dead_lettered
    given_up = Counter(m.value for m in read_all(dead, letters)) if letters else Counter()
    assert sorted((answered + given_up).elements()) == list(range(1000))
    assert stream.stats.retried >= 20


def test_an_output_that_is_too_large_is_its_messages_failure(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, target, dead = new_topic(), new_topic(), new_topic()
    producer = new_producer(extra={"message.max.bytes": 2000})
    producer.publish_many(numbers(source, 4))
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source),
        producer=producer,
        config=quick(dead_letter_topic=dead, batch_size=4),
    )

    def handle(messages: list[KafkaMessage]) -> list[str]:
        return ["x" * 5000 if m.value == 2 else "fine" for m in messages]

    assert stream.process_once(handle, output_topic=target) == 4
    # Outputs that went out before the refusal may come twice, as at-least-once allows.
    assert {m.value for m in read_all(target, 3)} == {"fine"}
    letter = read_dead_letter(read_all(dead, 1)[0])
    assert (letter.offset, letter.error_type) == (2, "BadRequestError")


def test_an_output_that_the_broker_refuses_is_put_aside(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make, broker: KafkaBroker
) -> None:
    source, target, dead = new_topic(), new_topic(), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    producer.publish_many(numbers(source, 1))
    broker.fail("Produce", "INVALID_RECORD", "INVALID_RECORD")
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=quick(dead_letter_topic=dead, batch_size=1),
    )
    calls: list[int] = []

    def handle(messages: list[KafkaMessage]) -> list[int]:
        calls.extend(m.value for m in messages)
        return [m.value for m in messages]

    try:
        while not stream.stats.dead_lettered:
            stream.run(handle, output_topic=target, iterations=1)
    finally:
        broker.heal("Produce")
    # Refused as it was sent along with others, and again when it was sent alone.
    assert calls == [0, 0]
    letter = read_dead_letter(read_all(dead, 1)[0])
    assert (letter.offset, letter.value) == (0, b"0")
    assert position(consumer, source) == 1


def test_a_dead_letter_topic_that_refuses_stops_the_stream(
    new_topic: Make, new_producer: Make, new_consumer: Make, broker: KafkaBroker
) -> None:
    source, dead = new_topic(), new_topic()
    producer, consumer = new_producer(), new_consumer(source)
    producer.publish_many(numbers(source, 1))
    broker.fail_topic(dead, "TOPIC_AUTHORIZATION_FAILED")
    stream = KafkaStreamProcessor(
        consumer=consumer, producer=producer, config=quick(dead_letter_topic=dead)
    )

    def handle(_: list[KafkaMessage]) -> None:
        raise BadRequestError("no")

    try:
        with pytest.raises(RactoGatewayAuthError, match="AUTHORIZATION") as caught:
            stream.process_once(handle)
    finally:
        broker.fail_topic(dead, "NO_ERROR")
    assert "while putting aside" in caught.value.__notes__[0]
    assert position(consumer, source) is None


def test_a_broker_that_goes_and_comes_back_loses_nothing(read_all: Make) -> None:
    from racto.kafka import KafkaConsumerConfig, KafkaProducerClient, KafkaProducerConfig

    with KafkaBroker() as broker:
        servers: dict[str, Any] = {"bootstrap_servers": broker.bootstrap_servers}
        source, target = broker.create_topic("in"), broker.create_topic("out")
        fast = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100}
        config = KafkaConsumerConfig(
            **servers, topics=source, group_id="g", auto_offset_reset="earliest", extra=fast
        )
        with (
            KafkaProducerClient(config=KafkaProducerConfig(**servers, extra=fast)) as producer,
            KafkaConsumerClient(config=config) as consumer,
        ):
            producer.publish_many(numbers(source, 300))
            stream = KafkaStreamProcessor(
                consumer=consumer,
                producer=producer,
                config=quick(linger_ms=0, batch_size=20, commit_interval_ms=20),
            )
            handled = 0

            def handle(messages: list[KafkaMessage]) -> list[int]:
                nonlocal handled
                before, handled = handled, handled + len(messages)
                if before < 100 <= handled:
                    broker.stop()
                    threading.Timer(0.5, broker.start).start()
                if handled >= 300:
                    stream.stop()
                return [m.value for m in messages]

            stream.run(handle, output_topic=target)
            got: list[int] = []
            reader = config.model_copy(update={"topics": (target,), "group_id": "r"})
            with KafkaConsumerClient(config=reader) as reading:
                while len(set(got)) < 300:
                    got.extend(m.value for m in reading.poll())
            assert sum(consumer.committed().values()) == 300
