"""Faults of the broker: what was logged arrives, each user's events in order, when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import APIConnectionError
from racto.core.telemetry.recording import RecordingMetrics
from racto.kafka import KafkaAuditLogger
from racto.testing.kafka import KafkaBroker

from .conftest import MakeProducer, Read, reader_of

TOPIC = "audit"

pytestmark = pytest.mark.filterwarnings("default::pytest.PytestUnhandledThreadExceptionWarning")


def log(audit: KafkaAuditLogger, numbers: range) -> None:
    for number in numbers:
        audit.log(user_id=f"u{number % 3}", model="m", prompt=str(number), response="r")


def until(reached: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


def check(events: list[dict[str, Any]], count: int) -> None:
    """All numbers are there, and the last copies of each user's are in order."""
    assert {int(event["prompt"]) for event in events} == set(range(count))
    assert len({event["event_id"] for event in events}) == count
    for user in ("u0", "u1", "u2"):
        mine = [int(event["prompt"]) for event in events if event["user_id"] == user]
        last = {number: place for place, number in enumerate(mine)}
        assert sorted(last, key=last.__getitem__) == sorted(last)


@pytest.fixture(params=["memory", "disk"])
def spill(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "spill" if request.param == "disk" else None


def test_broker_away_at_start(
    own_broker: KafkaBroker, make_producer: MakeProducer, spill: Path | None
) -> None:
    own_broker.create_topic(TOPIC)
    own_broker.stop()
    with KafkaAuditLogger(make_producer(own_broker), topic=TOPIC, spill=spill) as audit:
        log(audit, range(60))
        assert audit.flush(0.3) == 60
        own_broker.start()
        assert audit.flush(20) == 0
        assert (audit.delivered, audit.pending) == (60, 0)
    check(reader_of(own_broker)(TOPIC), 60)


def test_broker_away_for_longer_than_the_producer_waits(
    own_broker: KafkaBroker, make_producer: MakeProducer, spill: Path | None
) -> None:
    own_broker.create_topic(TOPIC)
    producer = make_producer(own_broker, **{"message.timeout.ms": 400})
    with KafkaAuditLogger(producer, topic=TOPIC, spill=spill) as audit:
        log(audit, range(30))
        assert audit.flush(20) == 0
        own_broker.stop()
        log(audit, range(30, 60))
        until(lambda: "_MSG_TIMED_OUT" in audit.last_error)
        log(audit, range(60, 90))
        own_broker.start()
        assert audit.flush(30) == 0
        assert audit.last_error == ""
    check(reader_of(own_broker)(TOPIC), 90)


def test_topic_closed_and_opened_again(
    broker: KafkaBroker, make_producer: MakeProducer, topic: str, read: Read, tmp_path: Path
) -> None:
    broker.fail_topic(topic)
    with KafkaAuditLogger(make_producer(broker), topic=topic, spill=tmp_path / "s") as audit:
        log(audit, range(20))
        until(lambda: "TOPIC_AUTHORIZATION_FAILED" in audit.last_error)
        broker.fail_topic(topic, "NO_ERROR")
        assert audit.flush(30) == 0
    check(read(topic), 20)


def test_the_producers_queue_is_full(
    broker: KafkaBroker, make_producer: MakeProducer, topic: str, read: Read, spill: Path | None
) -> None:
    producer = make_producer(broker, **{"queue.buffering.max.messages": 5})
    with KafkaAuditLogger(producer, topic=topic, spill=spill) as audit:
        log(audit, range(200))
        assert audit.flush(20) == 0
    events = read(topic)
    check(events, 200)
    assert len(events) == 200


def test_what_the_broker_refuses_does_not_hold_up_the_rest(
    broker: KafkaBroker, make_producer: MakeProducer, topic: str, read: Read, tmp_path: Path
) -> None:
    metrics = RecordingMetrics()
    producer = make_producer(broker, **{"message.max.bytes": 2000})
    with KafkaAuditLogger(producer, topic=topic, spill=tmp_path / "s", metrics=metrics) as audit:
        log(audit, range(10))
        audit.log(user_id="u1", model="m", prompt="10", response="x" * 3000)
        log(audit, range(11, 20))
        assert audit.flush(20) == 0
        assert (audit.refused, audit.delivered) == (1, 19)
    assert {int(event["prompt"]) for event in read(topic)} == set(range(20)) - {10}
    (line,) = (tmp_path / "s" / "refused.jsonl").read_text().splitlines()
    assert "MSG_SIZE_TOO_LARGE" in line
    assert '\\"prompt\\":\\"10\\"' in line
    assert metrics.total("racto.kafka.audit.logged") == 20
    assert metrics.total("racto.kafka.audit.delivered") == 19
    assert metrics.total("racto.kafka.audit.refused") == 1


def test_a_refused_event_waits_for_room_on_the_disk(
    broker: KafkaBroker, make_producer: MakeProducer, topic: str, read: Read, tmp_path: Path
) -> None:
    # Nothing can be written where a directory lies.
    (tmp_path / "s" / "refused.jsonl").mkdir(parents=True)
    producer = make_producer(broker, **{"message.max.bytes": 2000})
    with KafkaAuditLogger(producer, topic=topic, spill=tmp_path / "s") as audit:
        log(audit, range(3))
        audit.log(user_id="u1", model="m", prompt="3", response="x" * 3000)
        log(audit, range(4, 6))
        until(lambda: "refused.jsonl" in audit.last_error)
        assert (audit.refused, audit.pending) == (0, 3)
        (tmp_path / "s" / "refused.jsonl").rmdir()
        assert audit.flush(20) == 0
        assert (audit.refused, audit.delivered) == (1, 5)
    assert '\\"prompt\\":\\"3\\"' in (tmp_path / "s" / "refused.jsonl").read_text()
    assert {int(event["prompt"]) for event in read(topic)} == {0, 1, 2, 4, 5}


def test_closing_while_the_broker_is_away_keeps_all_on_disk(
    own_broker: KafkaBroker, make_producer: MakeProducer, tmp_path: Path
) -> None:
    own_broker.create_topic(TOPIC)
    own_broker.stop()
    audit = KafkaAuditLogger(
        make_producer(own_broker), topic=TOPIC, spill=tmp_path / "s", close_timeout_s=0.2
    )
    log(audit, range(40))
    began = time.monotonic()
    audit.close()
    # Not a measure of speed: without a timeout it would take minutes.
    assert time.monotonic() - began < 10
    own_broker.start()
    with KafkaAuditLogger(make_producer(own_broker), topic=TOPIC, spill=tmp_path / "s") as again:
        assert again.recovery.events == 40
        log(again, range(40, 50))
        assert again.flush(20) == 0
    check(reader_of(own_broker)(TOPIC), 50)


def test_closing_without_a_spill_says_what_is_lost(
    own_broker: KafkaBroker, make_producer: MakeProducer
) -> None:
    own_broker.stop()
    audit = KafkaAuditLogger(make_producer(own_broker), topic=TOPIC, close_timeout_s=0.1)
    log(audit, range(5))
    with pytest.raises(APIConnectionError, match="5 audit events were not delivered and are lost"):
        audit.close()
    audit.close()
