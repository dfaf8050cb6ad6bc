"""A broker for the whole run, and topics and clients for each test."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaProducerClient,
    KafkaProducerConfig,
)
from racto.testing.kafka import KafkaBroker

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaBroker]:
    """One broker; tests that do it harm start their own."""
    with KafkaBroker() as started:
        yield started


@pytest.fixture
def new_topic(broker: KafkaBroker) -> Callable[..., str]:
    """Makes topics that no other test uses."""

    def make(name: str = "t", *, partitions: int = 1) -> str:
        unique = f"{name}-{os.getpid()}-{next(_NUMBERS)}"
        return broker.create_topic(unique, partitions=partitions)

    return make


@pytest.fixture
def new_producer(broker: KafkaBroker) -> Iterator[Callable[..., KafkaProducerClient]]:
    """Makes producers that are closed after the test."""
    with ExitStack() as stack:

        def make(**fields: Any) -> KafkaProducerClient:
            settings = {"bootstrap_servers": broker.bootstrap_servers, "linger_ms": 0, **fields}
            client = KafkaProducerClient(config=KafkaProducerConfig(**settings))
            return stack.enter_context(client)

        yield make


@pytest.fixture
def new_consumer(broker: KafkaBroker) -> Iterator[Callable[..., KafkaConsumerClient]]:
    """Makes consumers of a topic that are closed after the test."""
    with ExitStack() as stack:

        def make(topic: str, group: str = "g", **fields: Any) -> KafkaConsumerClient:
            settings: dict[str, Any] = {
                "bootstrap_servers": broker.bootstrap_servers,
                "topics": topic,
                "group_id": f"{group}-{topic}",
                "auto_offset_reset": "earliest",
                "poll_timeout_ms": 100,
                "session_timeout_ms": 1500,
            }
            client = KafkaConsumerClient(config=KafkaConsumerConfig(**{**settings, **fields}))
            return stack.enter_context(client)

        yield make


@pytest.fixture
def read_all(broker: KafkaBroker) -> Callable[..., list[Any]]:
    """Reads a topic from its beginning, in a group of its own, until so many messages came."""

    def read(topic: str, count: int, *, seconds: float = 20.0) -> list[Any]:
        config = KafkaConsumerConfig(
            bootstrap_servers=broker.bootstrap_servers,
            topics=topic,
            group_id=f"reader-{next(_NUMBERS)}",
            auto_offset_reset="earliest",
        )
        found: list[Any] = []
        with KafkaConsumerClient(config=config) as consumer:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                found.extend(consumer.poll(timeout_ms=100))
                if len(found) >= count:
                    # One more poll, so that too many are seen as well.
                    return found + consumer.poll(timeout_ms=50)
        raise AssertionError(f"{len(found)} of {count} messages came in {seconds:g} s")

    return read
