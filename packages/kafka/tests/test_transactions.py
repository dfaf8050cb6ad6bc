"""With transactions outputs and offsets are committed together, or neither is.

The mock takes the calls of transactions, and keeps no offsets of them; so requests are counted.
"""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import RactoGatewayError
from racto.core.retries import RetryPolicy
from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaMessage,
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaPublishRequest,
    KafkaStreamConfig,
    KafkaStreamProcessor,
    each,
    read_dead_letter,
)
from racto.testing.kafka import KafkaBroker

Make = Callable[..., Any]


def numbers(topic: str, count: int) -> list[KafkaPublishRequest]:
    return [KafkaPublishRequest(topic=topic, value=n, key=f"k{n}") for n in range(count)]


def exact(**fields: Any) -> KafkaStreamConfig:
    defaults = {
        "guarantee": "exactly_once", "max_wait_ms": 3000, "poll_timeout_ms": 100,
        "linger_ms": 300, "retry": RetryPolicy(attempts=3, base=0.0),
    }  # fmt: skip
    return KafkaStreamConfig(**{**defaults, **fields})


def transactional(name: str) -> dict[str, Any]:
    return {"extra": {"transactional.id": name}}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("is_async", [False, True])
async def test_outputs_and_offsets_go_together(
    workers: int,
    is_async: bool,
    new_topic: Make,
    new_producer: Make,
    new_consumer: Make,
    read_all: Make,
    broker: KafkaBroker,
) -> None:
    source, target, dead = new_topic(), new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 30))
    consumer = new_consumer(source)
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=new_producer(**transactional(source)),
        config=exact(workers=workers, dead_letter_topic=dead, batch_size=10),
    )
    before = broker.requests

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        if message.value == 7:
            raise ValueError("never 7")
        return KafkaPublishRequest(topic=target, value=message.value)

    while stream.stats.handled < 29:
        if is_async:
            await stream.aprocess_once(each(handle))
        else:
            stream.process_once(each(handle))
    assert sorted(m.value for m in read_all(target, 29)) == [n for n in range(30) if n != 7]
    assert [read_dead_letter(m).offset for m in read_all(dead, 1)] == [7]
    made = broker.requests - before
    assert made["TxnOffsetCommit"] == made["EndTxn"] == stream.stats.commits >= 3
    assert made["OffsetCommit"] == 0


def test_a_failure_aborts_and_the_messages_come_again(
    new_topic: Make, new_producer: Make, new_consumer: Make, broker: KafkaBroker
) -> None:
    source, target = new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 6))
    consumer = new_consumer(source)
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=new_producer(**transactional(source)),
        config=exact(batch_size=6),
    )
    seen: list[int] = []
    is_broken = True

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        if is_broken and message.value == 4:
            raise ValueError("not 4")
        seen.append(message.value)
        return KafkaPublishRequest(topic=target, value=message.value)

    with pytest.raises(ValueError, match="not 4"):
        stream.process_once(each(handle))
    assert (stream.stats.commits, stream.stats.handled) == (0, 4)
    is_broken = False
    del seen[:]
    while not stream.stats.commits:
        stream.process_once(each(handle))
    # What was handled in the aborted transaction is handled again, for its outputs do not count.
    assert seen == list(range(6))


def test_a_transaction_that_the_coordinator_refuses_is_done_again(
    new_topic: Make, new_producer: Make, new_consumer: Make, broker: KafkaBroker, read_all: Make
) -> None:
    source, target = new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 3))
    consumer = new_consumer(source)
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=new_producer(**transactional(source)),
        config=exact(batch_size=3),
    )
    broker.fail("TxnOffsetCommit", "COORDINATOR_NOT_AVAILABLE", "UNKNOWN_MEMBER_ID")
    try:
        while not stream.stats.commits:
            stream.process_once(lambda ms: [m.value for m in ms], output_topic=target)
    finally:
        broker.heal("TxnOffsetCommit")
    assert {m.value for m in read_all(target, 3)} == {0, 1, 2}


def test_a_fenced_instance_ends(
    new_topic: Make, new_producer: Make, new_consumer: Make, broker: KafkaBroker
) -> None:
    source = new_topic()
    new_producer().publish_many(numbers(source, 1))
    consumer = new_consumer(source)
    stream = KafkaStreamProcessor(
        consumer=consumer, producer=new_producer(**transactional(source)), config=exact()
    )
    broker.fail("AddOffsetsToTxn", "INVALID_PRODUCER_EPOCH")
    try:
        with pytest.raises(RactoGatewayError, match=r"FENCED|EPOCH"):
            stream.process_once(lambda _: None)
    finally:
        broker.heal("AddOffsetsToTxn")
    assert stream.stats.commits == 0


@pytest.mark.real_kafka
@pytest.mark.skipif(
    "RACTO_TEST_KAFKA" not in os.environ,
    reason="the mock shows aborted records to read_committed: name a broker in RACTO_TEST_KAFKA",
)
def test_a_killed_process_leaves_no_duplicate_for_readers_of_committed_data() -> None:
    servers = os.environ.get("RACTO_TEST_KAFKA", "")
    source, target = (f"racto-{uuid.uuid4().hex}" for _ in range(2))
    connection: dict[str, Any] = {"bootstrap_servers": servers}
    with KafkaProducerClient(config=KafkaProducerConfig(**connection)) as producer:
        producer.publish_many(numbers(source, 100))
    options = {"servers": servers, "source": source, "target": target, "group": source}
    command = [sys.executable, str(Path(__file__).with_name("stream_process.py"))]
    dying = subprocess.run(
        [*command, json.dumps({**options, "exactly_once": True, "die_after": 37})],
        timeout=60,
        check=False,
    )
    assert dying.returncode == -signal.SIGKILL
    ending = subprocess.Popen([*command, json.dumps({**options, "exactly_once": True})])
    config = KafkaConsumerConfig(
        **connection, topics=target, group_id=target, auto_offset_reset="earliest",
        extra={"isolation.level": "read_committed"},
    )  # fmt: skip
    got: list[int] = []
    with KafkaConsumerClient(config=config) as consumer:
        while len(set(got)) < 100:
            got.extend(m.value for m in consumer.poll())
        got.extend(m.value for m in consumer.poll(timeout_ms=2000))
    ending.send_signal(signal.SIGTERM)
    assert ending.wait(30) == 0
    assert sorted(got) == list(range(100))
