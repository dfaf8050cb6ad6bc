"""Clients of the user's are checked before something is lost in them."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Producer

from racto.core.errors import ConfigurationError
from racto.kafka import KafkaConsumerClient, KafkaConsumerConfig, KafkaProducerClient
from racto.kafka.foreign import by_name, checked_client


class Awaited:
    """In the shape of confluent-kafka's clients for asyncio."""

    async def _later(self, *_: Any) -> None: ...

    produce = poll = flush = consume = subscribe = assignment = commit = close = _later


def test_a_client_whose_methods_must_be_awaited_is_refused() -> None:
    from confluent_kafka.aio import AIOProducer

    assert AIOProducer.produce.__code__.co_flags & 0x80
    with pytest.raises(ConfigurationError, match="produce, poll, flush must be awaited"):
        KafkaProducerClient(producer=Awaited())
    with pytest.raises(ConfigurationError, match="must be awaited"):
        KafkaConsumerClient(config=KafkaConsumerConfig(), consumer=Awaited())


def test_what_has_all_methods_passes_as_it_is() -> None:
    theirs = Producer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    assert checked_client(theirs, "produce poll flush", "producer") is theirs


def test_options_that_say_nothing_are_left_out() -> None:
    seen: list[tuple[Any, dict[str, Any]]] = []
    produce = by_name(lambda topic, **options: seen.append((topic, options)))

    def report(error: Any, message: Any) -> None: ...

    produce("t", b"v", None, -1, report, None, 0)
    produce("t", b"v", b"k", 3, report, None, 9, [("a", b"b")])
    assert seen == [
        ("t", {"value": b"v", "key": None, "on_delivery": report}),
        (
            "t",
            {
                "value": b"v",
                "key": b"k",
                "on_delivery": report,
                "partition": 3,
                "timestamp": 9,
                "headers": [("a", b"b")],
            },
        ),
    ]
