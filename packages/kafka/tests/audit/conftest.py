"""Topics, producers and readers for the tests of the audit log, and a broker to do harm to."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from racto.kafka import KafkaProducerClient, KafkaProducerConfig
from racto.kafka.audit.reading import TopicReader
from racto.testing.kafka import KafkaBroker

_numbers = count()

Read = Callable[[str], list[dict[str, Any]]]
MakeProducer = Callable[..., KafkaProducerClient]


@pytest.fixture
def own_broker() -> Iterator[KafkaBroker]:
    """A broker to stop and to start."""
    with KafkaBroker() as broker:
        yield broker


@pytest.fixture
def topic(broker: KafkaBroker) -> str:
    """A topic of four partitions that no other test has."""
    return broker.create_topic(f"audit-{next(_numbers)}", partitions=4)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 kB; the test is skipped where the system lets nobody make one."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=128k,mode=700", "none", str(directory)]
    if mount is None or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a disk")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


@pytest.fixture
def make_producer() -> Iterator[MakeProducer]:
    """A function that makes producers for a broker; ``extra`` are librdkafka's options."""
    made: list[KafkaProducerClient] = []

    def make(broker: KafkaBroker, **extra: Any) -> KafkaProducerClient:
        # Short, so that a test of a broker that comes back does not wait for the back-off.
        extra = {"reconnect.backoff.max.ms": 100, "reconnect.backoff.ms": 20} | extra
        config = KafkaProducerConfig(
            bootstrap_servers=broker.bootstrap_servers, linger_ms=0, extra=extra
        )
        made.append(KafkaProducerClient(config=config))
        return made[-1]

    yield make
    # Away brokers and errors on purpose are the subject here, and no loss of the producer's.
    logging.getLogger("racto.kafka").setLevel(logging.CRITICAL)
    for producer in made:
        producer.raw.purge()
        producer.raw.flush(1)
        producer.flush(1)
        producer.close(timeout=1)
    logging.getLogger("racto.kafka").setLevel(logging.NOTSET)


@pytest.fixture
def producer(broker: KafkaBroker, make_producer: MakeProducer) -> KafkaProducerClient:
    """A producer for the shared broker."""
    return make_producer(broker)


@pytest.fixture
def read(broker: KafkaBroker) -> Read:
    """A function that reads all events of a topic of the shared broker."""
    return reader_of(broker)


def reader_of(broker: KafkaBroker) -> Read:
    """A function that reads all events of a topic, partition by partition."""

    def read(topic: str) -> list[dict[str, Any]]:
        reader = TopicReader(topic, {"bootstrap_servers": broker.bootstrap_servers})
        try:
            found = [entry.fields() for entry in reader.entries()]
        finally:
            reader.close()
        return [fields for fields in found if fields is not None]

    return read
