"""The way into librdkafka's queue: what goes in, what is refused, and who waits for room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from racto.core.deadlines import Deadline
from racto.core.errors import BadRequestError, ConfigurationError, OverloadedError
from racto.core.flows import arun, run
from racto.kafka.deliveries import Deliveries
from racto.kafka.outbox import Outbox

SMALL = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0, "queue.buffering.max.messages": 2}


@pytest.fixture
def client() -> Iterator[Producer]:
    """A producer with a small queue, which no broker ever empties."""
    made = Producer(SMALL)
    yield made
    made.purge()
    made.flush(1)


def outbox_of(client: Any, **serialisers: Any) -> Outbox:
    settings = {"key": None, "value": None, "by_keyword": False, **serialisers}
    return Outbox(client, Deliveries(), **settings)


def room_of(client: Any) -> int:
    """How many records still fit; it fills the queue."""
    box = outbox_of(client)
    return sum(box.took_at_once("t", 1, None, None, None, None) for _ in range(3))


def soon(seconds: float = 0.05) -> Deadline:
    return Deadline.after(seconds)


def test_records_are_what_librdkafka_takes(client: Producer) -> None:
    box = outbox_of(client)
    assert box.record("t", {"a": 1}, None, None, None, None) == ("t", b'{"a":1}', None, -1, None, 0)
    assert box.record("t", None, "k", {"h": "v"}, 3, 9) == ("t", None, "k", 3, [("h", "v")], 9)
    assert box.record("t", b"raw", 7, [("h", None)], 0, None)[1:5] == (
        b"raw", b"7", 0, [("h", None)],
    )  # fmt: skip


def test_serialisers_are_given_the_topic_and_not_asked_about_nothing(client: Producer) -> None:
    box = outbox_of(
        client,
        key=lambda key, topic: f"{topic}:{key}".encode(),
        value=lambda value, topic: f"{topic}={value}",
    )
    assert box.record("t", 1, 2, None, None, None)[1:3] == (b"t=1", b"t:2")
    assert box.record("t", None, None, None, None, None)[1:3] == (None, None)
    assert box.json_record("t", [1], 2, None, None, None)[1:3] == (b"[1]", b"t:2")


@pytest.mark.parametrize("returned", [None, 3.5, [1]], ids=["None", "float", "list"])
def test_what_is_no_bytes_is_refused_on_both_ways(client: Producer, returned: Any) -> None:
    box = outbox_of(client, value=lambda value, topic: returned)
    assert not box.took_at_once("t", 1, None, None, None, None)
    with pytest.raises(BadRequestError, match="value_serializer returned"):
        box.record("t", 1, None, None, None, None)
    assert room_of(client) == 2


@pytest.mark.parametrize("way", ["run", "arun"])
def test_a_full_queue_is_waited_for_and_then_told(client: Producer, way: str) -> None:
    box = outbox_of(client)
    record = box.record("t", 1, None, None, None, None)
    for _ in range(2):
        run(box.sent(record, False, soon()))
    assert not box.took_at_once("t", 1, None, None, None, None)
    drive = run if way == "run" else lambda flow: asyncio.run(arun(flow))
    with pytest.raises(OverloadedError, match=r"queue\.buffering\.max\.messages"):
        drive(box.sent(record, True, soon()))
    assert not box._deliveries.is_awaited()
    assert room_of(client) == 0


def test_a_shut_outbox_refuses_every_way_and_says_why(client: Producer) -> None:
    box = outbox_of(client)
    record = box.record("t", 1, None, None, None, None)
    box.shut("closed for the night")
    assert not box.took_at_once("t", 1, None, None, None, None)
    for flow in (
        box.sent(record, False, soon()),
        box.sent(record, True, soon()),
        box.submitted(record, soon()),
    ):
        with pytest.raises(ConfigurationError, match="closed for the night"):
            run(flow)
    assert not box._deliveries.is_awaited()
    assert room_of(client) == 2
