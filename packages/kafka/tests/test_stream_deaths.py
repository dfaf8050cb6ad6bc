"""However a stream ends, by signal, kill or rebalance, every message is handled in the end."""

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.kafka import (
    KafkaConsumerClient,
    KafkaMessage,
    KafkaPublishRequest,
    KafkaStreamConfig,
    KafkaStreamProcessor,
    each,
)
from racto.testing.kafka import KafkaBroker

Make = Callable[..., Any]
PROCESS = Path(__file__).with_name("stream_process.py")


def start(broker: KafkaBroker, **options: Any) -> subprocess.Popen[str]:
    options["servers"] = broker.bootstrap_servers
    return subprocess.Popen(
        [sys.executable, str(PROCESS), json.dumps(options)],
        stdout=subprocess.PIPE,
        text=True,
        # Shells start background jobs with SIGINT ignored; tests must not inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def numbers(topic: str, count: int) -> list[KafkaPublishRequest]:
    return [KafkaPublishRequest(topic=topic, value=n, key=f"k{n % 8}") for n in range(count)]


@pytest.mark.parametrize("workers", [1, 4])
def test_a_process_that_is_killed_before_its_commit_loses_nothing(
    workers: int,
    broker: KafkaBroker,
    new_topic: Make,
    new_producer: Make,
    new_consumer: Make,
    read_all: Make,
) -> None:
    source, target = new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 100))
    options = {"source": source, "target": target, "group": f"g-{source}", "workers": workers}
    with start(broker, **options, die_after=40, interval=60_000) as dying:
        dying.communicate(timeout=30)
    assert dying.returncode == -signal.SIGKILL
    seen: list[int] = []
    lock = threading.Lock()

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        with lock:
            seen.append(message.value)
            if len(set(seen)) == 100:
                stream.stop()
        return KafkaPublishRequest(topic=target, value=message.value)

    # The dead member's session must end before its partition moves.
    stream = KafkaStreamProcessor(
        consumer=new_consumer(source), producer=new_producer(), config=KafkaStreamConfig()
    )
    stream.run(each(handle))
    assert set(seen) == set(range(100))
    # The process had answered some, and as it could not commit them they are answered again.
    answered = Counter(m.value for m in read_all(target, len(seen) + 30))
    assert answered[0] > 1
    assert stream.stats.in_flight == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_the_stream(
    number: signal.Signals,
    broker: KafkaBroker,
    new_topic: Make,
    new_producer: Make,
    new_consumer: Make,
    read_all: Make,
) -> None:
    source, target = new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 200))
    options = {"source": source, "target": target, "group": f"g-{source}", "workers": 4}
    with start(broker, **options, seconds=0.02, interval=60_000) as process:
        assert process.stdout is not None
        for _ in range(30):
            process.stdout.readline()
        process.send_signal(number)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "ended" in rest
    consumer = new_consumer(source)
    assert consumer.poll(timeout_ms=10_000)
    committed = consumer.committed()[(source, 0)]
    answered = sorted(m.value for m in read_all(target, committed))
    # In order, committed up to the first that was not handled, and what is committed answered.
    assert 30 <= committed < 200
    assert answered[:committed] == list(range(committed))


def test_a_second_signal_ends_it_at_once(
    broker: KafkaBroker, new_topic: Make, new_producer: Make
) -> None:
    source, target = new_topic(), new_topic()
    new_producer().publish_many(numbers(source, 5))
    options = {"source": source, "target": target, "group": f"g-{source}", "workers": 2}
    with start(broker, **options, seconds=60, announce=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("begun")
        process.send_signal(signal.SIGTERM)
        threading.Event().wait(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode not in (0, None)


def test_a_rebalance_in_mid_batch_loses_nothing_and_commits_nobodys_else(
    new_topic: Make, new_producer: Make, new_consumer: Make, read_all: Make
) -> None:
    source, target = new_topic(partitions=4), new_topic()
    producer = new_producer()
    producer.publish_many(numbers(source, 400))
    seen: Counter[int] = Counter()
    lock = threading.Lock()
    streams: list[KafkaStreamProcessor] = []
    consumers: list[KafkaConsumerClient] = []

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        threading.Event().wait(0.002)
        with lock:
            seen[message.value] += 1
            if len(seen) == 400:
                for stream in streams:
                    stream.stop()
        return KafkaPublishRequest(topic=target, value=message.value)

    def work() -> None:
        # Each in its thread, as two processes would.
        streams[-1].run(each(handle))

    threads = []
    for _ in range(2):
        consumers.append(new_consumer(source))
        streams.append(
            KafkaStreamProcessor(
                consumer=consumers[-1],
                producer=producer,
                config=KafkaStreamConfig(workers=2, batch_size=8, commit_interval_ms=50),
            )
        )
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        while len(seen) < 60:
            threading.Event().wait(0.005)
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert sorted(seen) == list(range(400))
    assert min(stream.stats.handled for stream in streams) > 0
    answered = Counter(m.value for m in read_all(target, sum(seen.values())))
    assert answered == seen
    # The mock takes no commit while members come and go, as Kafka does, so that the other member
    # handles again what was handled meanwhile; never is that more than once.
    assert max(seen.values()) <= 2
    for consumer in consumers:
        consumer.close()
    third = new_consumer(source)
    while len(third.assignment()) < 4:
        third.poll(timeout_ms=100)
    assert sum(third.committed().values()) == 400


def test_partitions_that_are_taken_away_are_committed_and_forgotten(
    new_topic: Make, new_producer: Make, new_consumer: Make
) -> None:
    source = new_topic()
    new_producer().publish_many(numbers(source, 3))
    first = new_consumer(source)
    stream = KafkaStreamProcessor(
        consumer=first, config=KafkaStreamConfig(commit_interval_ms=60_000, max_wait_ms=3000)
    )
    # Closing gives partitions back in the midst of a run: what was handled is committed then.
    handled: list[int] = []

    def handle(messages: list[KafkaMessage]) -> None:
        handled.extend(m.value for m in messages)
        if len(handled) == 3:
            stream.stop()

    stream.run(handle)
    first.close()
    second = new_consumer(source)
    while not second.assignment():
        second.poll(timeout_ms=100)
    assert second.committed() == {(source, 0): 3}
    assert stream.stats.in_flight == 0
