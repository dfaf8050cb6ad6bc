"""Our stream and a loop over bare confluent-kafka, at the same work with the same promise.

Both commit an offset only when the output of its message is acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from side_clients import PARTITIONS, TOPIC, _filled

OUT = "bench-out"
_COMMIT_SECONDS = 0.5
_BATCH = 500
# The mock answers a fetch when its time is up, whether or not something has come meanwhile.
_PROMPT_FETCH = {"fetch.wait.max.ms": 5}


def _output(value: Any) -> dict[str, Any]:
    return {"n": value["n"], "answer": value["prompt"][:40]}


def streamed(size: int, workers: int) -> Callable[[], int]:
    """Handle a topic from its beginning, and publish one output a message."""
    from racto.kafka import (
        KafkaConsumerClient,
        KafkaConsumerConfig,
        KafkaMessage,
        KafkaProducerClient,
        KafkaProducerConfig,
        KafkaStreamConfig,
        KafkaStreamProcessor,
    )

    broker = _filled(size)
    broker.create_topic(OUT, partitions=PARTITIONS)
    servers: dict[str, Any] = {"bootstrap_servers": broker.bootstrap_servers}
    consumer = KafkaConsumerClient(
        config=KafkaConsumerConfig(**servers, group_id="g", extra=_PROMPT_FETCH)
    )
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=KafkaProducerClient(
            config=KafkaProducerConfig(**servers, compression_type="none")
        ),
        config=KafkaStreamConfig(
            batch_size=_BATCH,
            max_in_flight=20 * _BATCH,
            workers=workers,
            commit_interval_ms=round(_COMMIT_SECONDS * 1000),
        ),
    )
    handled = 0

    def handle(messages: list[KafkaMessage]) -> list[dict[str, Any]]:
        nonlocal handled
        handled += len(messages)
        if handled >= size:
            stream.stop()
        return [_output(message.value) for message in messages]

    def once() -> int:
        nonlocal handled
        # The broker lives as long as whoever asks it.
        assert broker.bootstrap_servers
        handled = 0
        consumer.assign({(TOPIC, number): 0 for number in range(PARTITIONS)})
        assert stream.run(handle, output_topic=OUT) == size
        return size

    return once


def bare_streamed(size: int, workers: int) -> Callable[[], int]:
    """The same by hand: consume, handle, produce, and flush before each commit."""
    from confluent_kafka import Consumer, Producer, TopicPartition
    from pydantic_core import from_json, to_json

    broker = _filled(size)
    broker.create_topic(OUT, partitions=PARTITIONS)
    servers = {"bootstrap.servers": broker.bootstrap_servers}
    consumer = Consumer({**servers, **_PROMPT_FETCH, "group.id": "g", "enable.auto.commit": False})
    producer = Producer({**servers, "enable.idempotence": True, "linger.ms": 5})
    failed: list[Any] = []

    def report(error: Any, _: Any) -> None:
        if error is not None:
            failed.append(error)

    def committed(offsets: dict[int, int]) -> None:
        assert producer.flush() == 0
        assert not failed
        places = [TopicPartition(TOPIC, number, offset) for number, offset in offsets.items()]
        consumer.commit(offsets=places, asynchronous=False)

    def once() -> int:
        assert broker.bootstrap_servers
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
        count = 0
        offsets: dict[int, int] = {}
        due = time.monotonic() + _COMMIT_SECONDS
        while count < size:
            found = consumer.consume(1, 1.0)
            found += consumer.consume(_BATCH - 1, 0)
            for message in found:
                if message.error() is None:
                    output = to_json(_output(from_json(message.value())))
                    producer.produce(OUT, output, on_delivery=report)
                    offsets[message.partition()] = message.offset() + 1
                    count += 1
            producer.poll(0)
            if time.monotonic() >= due:
                committed(offsets)
                due = time.monotonic() + _COMMIT_SECONDS
        committed(offsets)
        return count

    return once


def _p99(delays: list[float]) -> float:
    return sorted(delays)[int(len(delays) * 0.99)]


def delayed(size: int) -> Callable[[], float]:
    """From produce to handled, one message at a time, in seconds: the 99th of a hundred."""
    import threading

    from racto.kafka import (
        KafkaConsumerClient,
        KafkaConsumerConfig,
        KafkaMessage,
        KafkaProducerClient,
        KafkaProducerConfig,
        KafkaStreamProcessor,
    )

    broker = _filled(0)
    servers: dict[str, Any] = {"bootstrap_servers": broker.bootstrap_servers}
    producer = KafkaProducerClient(config=KafkaProducerConfig(**servers, linger_ms=0))
    consumer = KafkaConsumerClient(
        config=KafkaConsumerConfig(**servers, group_id="g", extra=_PROMPT_FETCH)
    )
    consumer.assign({(TOPIC, number): 0 for number in range(PARTITIONS)})
    stream = KafkaStreamProcessor(consumer=consumer)

    def once() -> float:
        assert broker.bootstrap_servers
        delays: list[float] = []

        def handle(messages: list[KafkaMessage]) -> None:
            delays.extend(time.perf_counter() - message.value["at"] for message in messages)
            if len(delays) >= size:
                stream.stop()

        def send() -> None:
            for _ in range(size):
                producer.publish(TOPIC, {"at": time.perf_counter()}, wait=False)
                time.sleep(0.002)

        sending = threading.Thread(target=send)
        sending.start()
        stream.run(handle)
        sending.join()
        return _p99(delays)

    return once


def bare_delayed(size: int) -> Callable[[], float]:
    """The same with the client that ours uses."""
    import threading

    from confluent_kafka import Consumer, Producer, TopicPartition
    from pydantic_core import from_json, to_json

    broker = _filled(0)
    servers = {"bootstrap.servers": broker.bootstrap_servers}
    producer = Producer({**servers, "enable.idempotence": True, "linger.ms": 0})
    consumer = Consumer({**servers, **_PROMPT_FETCH, "group.id": "g", "enable.auto.commit": False})
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])

    def once() -> float:
        assert broker.bootstrap_servers
        delays: list[float] = []

        def send() -> None:
            for _ in range(size):
                producer.produce(TOPIC, to_json({"at": time.perf_counter()}))
                producer.poll(0)
                time.sleep(0.002)

        sending = threading.Thread(target=send)
        sending.start()
        while len(delays) < size:
            message = consumer.poll(0.2)
            if message is not None and message.error() is None:
                delays.append(time.perf_counter() - from_json(message.value())["at"])
        sending.join()
        return _p99(delays)

    return once
