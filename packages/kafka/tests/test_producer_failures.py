"""The producer under faults: nothing acknowledged is lost, and nothing is lost in silence."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.core.telemetry.recording import RecordingMetrics
from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaDeliveryFailure,
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaPublishRequest,
)
from racto.testing.kafka import KafkaBroker

NOWHERE = "127.0.0.1:1"
SOON = {"delivery.timeout.ms": 600}


@pytest.fixture
def brokers() -> Iterator[KafkaBroker]:
    with KafkaBroker(brokers=2) as started:
        yield started


def producer_of(brokers: KafkaBroker, **fields: Any) -> KafkaProducerClient:
    settings = {"bootstrap_servers": brokers.bootstrap_servers, "linger_ms": 0, **fields}
    settings["extra"] = {"reconnect.backoff.max.ms": 200, **settings.get("extra", {})}
    return KafkaProducerClient(config=KafkaProducerConfig(**settings))


def read(brokers: KafkaBroker, topic: str, count: int) -> list[Any]:
    """All values of a topic, and whatever there is beyond ``count``."""
    config = KafkaConsumerConfig(
        bootstrap_servers=brokers.bootstrap_servers, topics=topic, auto_offset_reset="earliest"
    )
    found: list[Any] = []
    with KafkaConsumerClient(config=config) as consumer:
        for _ in range(200):
            found += [m.value for m in consumer.poll(timeout_ms=100)]
            if len(found) >= count:
                return found + [m.value for m in consumer.poll(timeout_ms=50)]
    return found


@pytest.mark.parametrize("fault", ["stopped", "frozen", "slow", "refusing", "led by another"])
def test_each_record_arrives_once(brokers: KafkaBroker, fault: str) -> None:
    topic = brokers.create_topic("t", partitions=1, replicas=2)
    brokers.lead(topic, 0, 1)
    faults: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "stopped": (brokers.stop, brokers.start),
        "frozen": (brokers.freeze, brokers.thaw),
        "slow": (lambda: brokers.delay(0.3), lambda: brokers.delay(0)),
        "refusing": (
            lambda: brokers.fail("Produce", *["NOT_ENOUGH_REPLICAS", "REQUEST_TIMED_OUT"] * 2),
            lambda: None,
        ),
        "led by another": (lambda: brokers.lead(topic, 0, 2), lambda: None),
    }
    break_it, mend_it = faults[fault]
    with producer_of(brokers) as producer:
        for number in range(300):
            producer.publish(topic, number, wait=False)
            if number == 100:
                break_it()
        mend_it()
        assert producer.flush(20) == 0
        assert producer.failures == ()
    assert read(brokers, topic, 300) == list(range(300))


def test_a_refusal_goes_to_whoever_waits(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    with producer_of(brokers) as producer:
        brokers.fail("Produce", "MSG_SIZE_TOO_LARGE")
        with pytest.raises(BadRequestError, match=r"raise message\.max\.bytes"):
            producer.publish(topic, 1)
        assert producer.publish(topic, 2) is not None
        brokers.fail("Produce", "TOPIC_AUTHORIZATION_FAILED")
        with pytest.raises(PermissionDeniedError, match="partition 0 of topic 't'"):
            producer.publish(topic, 3)
        # librdkafka believes it for a while, and refuses further records at once.
        with pytest.raises(PermissionDeniedError, match="queueing"):
            producer.publish(topic, 4, wait=False)
        assert producer.failures == ()


def test_a_refusal_nobody_waits_for_is_kept_counted_and_told(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    told: list[KafkaDeliveryFailure] = []
    metrics = RecordingMetrics()
    config = KafkaProducerConfig(bootstrap_servers=brokers.bootstrap_servers)
    producer = KafkaProducerClient(config=config, on_failure=told.append, metrics=metrics)
    brokers.fail("Produce", "TOPIC_AUTHORIZATION_FAILED")
    producer.publish(topic, {"n": 1}, key="k", wait=False)
    assert producer.flush(10) == 1
    assert producer.flush(10) == 0
    assert list(producer.failures) == told
    failed = told[0]
    assert isinstance(failed.error, PermissionDeniedError)
    assert (failed.topic, failed.key, failed.value) == (topic, b"k", b'{"n":1}')
    producer.close()


def test_closing_raises_what_nobody_was_told(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    producer = producer_of(brokers)
    brokers.fail("Produce", "TOPIC_AUTHORIZATION_FAILED")
    producer.publish(topic, 1, wait=False)
    with pytest.raises(PermissionDeniedError, match="1 records were not delivered"):
        producer.close()
    producer.close()


def test_a_callback_that_raises_stops_no_report(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)

    def bad(failed: KafkaDeliveryFailure) -> None:
        raise RuntimeError(failed.topic)

    config = KafkaProducerConfig(bootstrap_servers=brokers.bootstrap_servers)
    with KafkaProducerClient(config=config, on_failure=bad) as producer:
        brokers.fail("Produce", "POLICY_VIOLATION")
        producer.publish(topic, 1, wait=False)
        assert producer.flush(10) == 1
        assert producer.publish(topic, 2) is not None


def test_no_broker_at_the_start() -> None:
    config = KafkaProducerConfig(bootstrap_servers=NOWHERE, extra=SOON)
    producer = KafkaProducerClient(config=config)
    with pytest.raises(RactoGatewayTimeoutError, match=r"may arrive later.*") as caught:
        producer.publish("t", 1, timeout_s=0.3)
    assert "Connection refused" in str(caught.value)
    assert not caught.value.retryable
    with pytest.raises(RactoGatewayTimeoutError, match="_MSG_TIMED_OUT"):
        producer.publish("t", 2, timeout_s=10)
    # The second caller knows what became of the record, the first one only that it was late.
    assert producer.flush(10) == 1
    assert [failed.value for failed in producer.failures] == [b"1"]
    producer.close()


async def test_a_failure_after_the_waiting_was_broken_off_is_told() -> None:
    config = KafkaProducerConfig(bootstrap_servers=NOWHERE, extra=SOON)
    producer = KafkaProducerClient(config=config)
    requests = [KafkaPublishRequest(topic="t", value=n) for n in range(1, 4)]
    tasks = [
        asyncio.create_task(producer.apublish("t", 0)),
        asyncio.create_task(producer.apublish_many(requests)),
    ]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await producer.aflush(10) == 4
    assert sorted(failed.value or b"" for failed in producer.failures) == [b"0", b"1", b"2", b"3"]
    await producer.aclose()


def test_closing_refuses_who_waits_for_room_and_does_not_wait_for_them() -> None:
    config = KafkaProducerConfig(
        bootstrap_servers=NOWHERE, extra={"queue.buffering.max.messages": 2}
    )
    producer = KafkaProducerClient(config=config)
    for number in range(2):
        producer.publish("t", number, wait=False)
    met: list[Exception] = []

    def publish() -> None:
        try:
            producer.publish("t", "late", wait=False, timeout_s=60)
        except Exception as error:
            met.append(error)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    with pytest.raises(RactoGatewayTimeoutError, match="2 records were not delivered, 0 more"):
        producer.close(timeout=0.1)
    for thread in threads:
        thread.join(10)
    assert [type(error) for error in met] == [ConfigurationError] * 4
    assert "used after close" in str(met[0])


def test_a_signal_may_close_what_is_being_closed() -> None:
    producer = KafkaProducerClient(config=KafkaProducerConfig(bootstrap_servers=NOWHERE))
    producer.publish("t", 1, wait=False)
    before = signal.signal(signal.SIGALRM, lambda *_: producer.close())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(RactoGatewayTimeoutError):
            producer.close(timeout=0.6)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_callbacks_that_raise_disturb_no_publisher(caplog: pytest.LogCaptureFixture) -> None:
    def bad(_: object) -> None:
        raise RuntimeError("mine")

    config = KafkaProducerConfig(
        bootstrap_servers=NOWHERE,
        extra={**SOON, "error_cb": bad, "queue.buffering.max.messages": 1},
    )
    producer = KafkaProducerClient(config=config)
    producer.publish("t", 1, wait=False)
    producer.publish("t", 2, wait=False, timeout_s=20)
    assert producer.flush(20) == 2
    producer.close()
    assert "a callback of the producer raised" in caplog.messages


def test_many_that_do_not_wait_say_how_many_got_in() -> None:
    config = KafkaProducerConfig(
        bootstrap_servers=NOWHERE, extra={"queue.buffering.max.messages": 3}
    )
    producer = KafkaProducerClient(config=config)
    requests = [KafkaPublishRequest(topic="t", value=n) for n in range(5)]
    with pytest.raises(OverloadedError) as caught:
        producer.publish_many(requests, wait=False, timeout_s=0.1)
    assert caught.value.__notes__ == ["3 of 5 records were queued before it"]
    with pytest.raises(RactoGatewayTimeoutError):
        producer.close(timeout=0.1)


def test_closing_in_a_hurry_tells_what_is_lost() -> None:
    producer = KafkaProducerClient(config=KafkaProducerConfig(bootstrap_servers=NOWHERE))
    producer.publish("t", 1, wait=False)
    with pytest.raises(RactoGatewayTimeoutError, match="1 records were not delivered"):
        producer.close(timeout=0.1)
    assert [failed.value for failed in producer.failures] == [b"1"]


def test_a_record_that_is_too_large_is_refused_at_once(brokers: KafkaBroker) -> None:
    with (
        producer_of(brokers, extra={"message.max.bytes": 1000}) as producer,
        pytest.raises(BadRequestError, match=r"raise message\.max\.bytes"),
    ):
        producer.publish("t", "x" * 2000, wait=False)


def test_a_full_queue_pushes_back_and_drops_nothing(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    brokers.stop()
    producer = producer_of(brokers, extra={"queue.buffering.max.messages": 10})
    for number in range(10):
        producer.publish(topic, number, wait=False)
    for wait in (True, False):
        with pytest.raises(OverloadedError, match=r"queue\.buffering\.max\.messages") as caught:
            producer.publish(topic, "refused", wait=wait, timeout_s=0.1)
        assert caught.value.retryable
    with pytest.raises(OverloadedError) as refused:
        producer.publish_many([KafkaPublishRequest(topic=topic)] * 2, timeout_s=0.1)
    assert refused.value.__notes__ == ["2 of 2 records were not acknowledged"]
    brokers.start()
    for number in range(10, 200):
        producer.publish(topic, number, wait=False, timeout_s=20)
    producer.close()
    assert read(brokers, topic, 200) == list(range(200))


async def test_a_full_queue_does_not_block_the_loop(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    brokers.stop()
    async with producer_of(brokers, extra={"queue.buffering.max.messages": 5}) as producer:
        waiting = [asyncio.create_task(producer.apublish(topic, n)) for n in range(20)]
        # Most of them wait for room, some for their receipt; the loop still turns.
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert not any(task.done() for task in waiting)
        brokers.start()
        results = await asyncio.gather(*waiting)
    assert sorted(r.offset for r in results if r) == list(range(20))


async def test_a_cancelled_publish_is_delivered_all_the_same(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    async with producer_of(brokers) as producer:
        brokers.delay(0.3)
        task = asyncio.create_task(producer.apublish(topic, 1))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await producer.aflush() == 0
    assert read(brokers, topic, 1) == [1]


def test_a_killed_broker_is_told_for_each_record(brokers: KafkaBroker) -> None:
    topic = brokers.create_topic("t", partitions=1)
    producer = producer_of(brokers, extra=SOON)
    acknowledged = [producer.publish(topic, number) for number in range(5)]
    brokers.kill()
    receipts = [producer.submit(KafkaPublishRequest(topic=topic, value=n)) for n in range(5)]
    for receipt in receipts:
        with pytest.raises(RactoGatewayError):
            receipt.result(20)
    assert len(acknowledged) == 5
    assert producer.flush(5) == 0
    producer.close()
