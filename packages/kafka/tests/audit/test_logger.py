"""The logger's own promises: what it refuses, redacts, chains, and does in forks and tasks."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    IndexLockedError,
    OverloadedError,
    StoreError,
)
from racto.core.protocols import AuditLogger
from racto.core.telemetry.recording import RecordingMetrics
from racto.kafka import AuditSpillConfig, KafkaAuditEvent, KafkaAuditLogger, KafkaProducerClient
from racto.kafka.audit.chain import AuditChain, first_digest
from racto.kafka.audit.reading import TopicReader
from racto.kafka.audit.verification import ChainVerifier
from racto.testing.kafka import KafkaBroker

from .conftest import MakeProducer, Read

EXCHANGE: dict[str, Any] = {"user_id": "ann", "model": "m", "prompt": "what?", "response": "that"}


def test_events_have_the_references_fields(
    producer: KafkaProducerClient, topic: str, read: Read
) -> None:
    with KafkaAuditLogger(producer, topic=topic) as audit:
        assert isinstance(audit, AuditLogger)
        assert audit.topic == topic
        audit.log(**EXCHANGE, metadata={"cost": 0.5})
    (fields,) = read(topic)
    event = KafkaAuditEvent(**fields)
    assert event.model_dump(include=set(EXCHANGE)) == EXCHANGE
    assert (event.metadata, event.timestamp_utc[-6:]) == ({"cost": 0.5}, "+00:00")
    assert event.digest is None


def test_the_default_topic_is_the_packages_own(producer: KafkaProducerClient) -> None:
    with KafkaAuditLogger(producer) as audit:
        assert audit.topic == "racto.audit"


def test_the_users_id_is_the_key(
    broker: KafkaBroker, producer: KafkaProducerClient, topic: str
) -> None:
    from racto.kafka.audit.reading import TopicReader

    with KafkaAuditLogger(producer, topic=topic) as audit:
        audit.log(**EXCHANGE)
        audit.log(**{**EXCHANGE, "user_id": ""})
    reader = TopicReader(topic, {"bootstrap_servers": broker.bootstrap_servers})
    assert {entry.key for entry in reader.entries()} == {b"ann", None}
    reader.close()


def test_nothing_is_written_before_it_is_redacted(
    own_broker: KafkaBroker, make_producer: MakeProducer, tmp_path: Path
) -> None:
    own_broker.stop()
    audit = KafkaAuditLogger(
        make_producer(own_broker),
        spill=tmp_path / "s",
        redact=lambda event: event.model_copy(update={"prompt": "***"}),
        close_timeout_s=0.0,
    )
    audit.log(**{**EXCHANGE, "prompt": "my secret"})
    audit.close()
    content = b"".join(path.read_bytes() for path in (tmp_path / "s").iterdir())
    assert b"my secret" not in content
    assert b'"prompt":"***"' in content


def test_what_cannot_be_redacted_is_not_kept(
    producer: KafkaProducerClient, topic: str, read: Read
) -> None:
    answers: list[Any] = [None, KeyError("no")]

    def redact(event: KafkaAuditEvent) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with KafkaAuditLogger(producer, topic=topic, redact=redact) as audit:
        with pytest.raises(ConfigurationError, match="redact returned NoneType"):
            audit.log(**EXCHANGE)
        with pytest.raises(KeyError):
            audit.log(**EXCHANGE)
    assert read(topic) == []


def test_events_of_the_wrong_shape_are_refused(producer: KafkaProducerClient, topic: str) -> None:
    with KafkaAuditLogger(producer, topic=topic, max_event_bytes=500, chain=True) as audit:
        with pytest.raises(BadRequestError, match="user_id must be text, not NoneType"):
            audit.log(**{**EXCHANGE, "user_id": None})
        with pytest.raises(BadRequestError, match="metadata: cannot be written as JSON"):
            audit.log(**EXCHANGE, metadata={"x": object()})
        head = audit.chain_head
        with pytest.raises(BadRequestError, match="is larger than max_event_bytes=500; shorten"):
            audit.log(**{**EXCHANGE, "prompt": "x" * 500})
        assert audit.chain_head == head
        assert audit.pending == 0


def test_a_full_buffer_says_why(own_broker: KafkaBroker, make_producer: MakeProducer) -> None:
    own_broker.stop()
    producer = make_producer(own_broker)
    audit = KafkaAuditLogger(
        producer, max_buffered=3, on_full="drop_oldest_counted", close_timeout_s=0.0
    )
    for _ in range(5):
        audit.log(**EXCHANGE)
    assert (audit.dropped, audit.pending) == (2, 3)
    with pytest.raises(Exception, match="3 audit events"):
        audit.close()
    full = KafkaAuditLogger(producer, max_buffered=1, close_timeout_s=0.0)
    full.log(**EXCHANGE)
    with pytest.raises(OverloadedError, match=r"1 of 1 events.*Give spill= a directory"):
        full.log(**EXCHANGE)
    with pytest.raises(Exception, match="1 audit events"):
        full.close()


def test_the_chain_follows_what_was_kept(
    producer: KafkaProducerClient, topic: str, read: Read
) -> None:
    with KafkaAuditLogger(producer, topic=topic, chain_key="0123456789abcdef") as audit:
        for _ in range(3):
            audit.log(**EXCHANGE)
        head = audit.chain_head
    events = [KafkaAuditEvent(**fields) for fields in read(topic)]
    assert head is not None
    assert [event.sequence for event in events] == [1, 2, 3]
    assert events[0].previous == first_digest(head.chain_id, key=b"0123456789abcdef")
    assert [event.digest for event in events[:2]] == [event.previous for event in events[1:]]
    assert events[-1].digest == head.digest


def test_two_loggers_do_not_share_a_chain_or_an_id(
    producer: KafkaProducerClient, topic: str, read: Read
) -> None:
    for _ in range(2):
        with KafkaAuditLogger(producer, topic=topic, chain=True) as audit:
            audit.log(**EXCHANGE)
    events = read(topic)
    assert len({event["chain_id"] for event in events}) == 2
    assert len({event["event_id"] for event in events}) == 2
    assert AuditChain(events[0]["chain_id"]).digest == events[0]["previous"]


async def test_tasks_and_threads_at_once(
    producer: KafkaProducerClient, topic: str, read: Read, tmp_path: Path
) -> None:
    settings = AuditSpillConfig(directory=tmp_path / "s", sync="always")
    async with KafkaAuditLogger(producer, topic=topic, spill=settings, chain=True) as audit:

        def log() -> None:
            for _ in range(25):
                audit.log(**EXCHANGE)

        threads = [threading.Thread(target=log) for _ in range(2)]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(audit.alog(**EXCHANGE) for _ in range(25)))
        for thread in threads:
            thread.join()
        assert await audit.aflush(20) == 0
    assert sorted(event["sequence"] for event in read(topic)) == list(range(1, 76))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_told_to_make_its_own(
    producer: KafkaProducerClient, topic: str, read: Read, tmp_path: Path
) -> None:
    with KafkaAuditLogger(producer, topic=topic, spill=tmp_path / "s") as audit:
        with warnings.catch_warnings():
            # Python warns of forks beside threads; that is what is tested here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            code = 1
            try:
                audit.close()
                audit.log(**EXCHANGE)
            except ConfigurationError as error:
                code = 0 if "make one in each process" in str(error) else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        audit.log(**EXCHANGE)
    assert len(read(topic)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_was_forked_in_the_middle_of_a_log_does_not_hang(
    producer: KafkaProducerClient, topic: str
) -> None:
    with KafkaAuditLogger(producer, topic=topic) as audit:
        # What another thread of the parent may hold at that moment.
        with audit._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
            if child == 0:
                signal.alarm(10)
                code = 1
                try:
                    audit.close()
                    audit.log(**EXCHANGE)
                except ConfigurationError:
                    code = 0
                finally:
                    os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_chain_stays_whole_when_the_disk_fails(
    producer: KafkaProducerClient,
    topic: str,
    broker: KafkaBroker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    settings = AuditSpillConfig(directory=tmp_path / "s", sync="always")
    with KafkaAuditLogger(producer, topic=topic, spill=settings, chain=True) as audit:
        audit.log(**EXCHANGE)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", broken)
            with pytest.raises(StoreError):
                audit.log(**EXCHANGE)
        audit.log(**EXCHANGE)
    verifier = ChainVerifier()
    reader = TopicReader(topic, {"bootstrap_servers": broker.bootstrap_servers})
    for entry in reader.entries():
        verifier.add(entry)
    reader.close()
    report = verifier.report()
    assert (report.events, report.copies, report.breaks) == (2, 0, ())


def test_a_logger_that_is_forgotten_on_its_own_thread_ends_in_order(
    producer: KafkaProducerClient, topic: str, read: Read, tmp_path: Path
) -> None:
    held: list[KafkaAuditLogger] = []
    is_over = threading.Event()

    class Forgetting(RecordingMetrics):
        def gauge(self, name: str, value: float, attributes: Any = None) -> None:
            # Called by the thread that delivers; the last reference goes here.
            if is_over.is_set():
                held.clear()

    held.append(
        KafkaAuditLogger(
            producer, topic=topic, spill=tmp_path / "s", metrics=Forgetting(), close_timeout_s=5
        )
    )
    held[0].log(**EXCHANGE)
    is_over.set()
    for _ in range(200):
        with suppress(IndexLockedError):
            KafkaAuditLogger(producer, topic=topic, spill=tmp_path / "s").close()
            break
        time.sleep(0.02)
    else:
        pytest.fail("the forgotten logger never gave its directory back")
    assert len(read(topic)) == 1


def test_what_is_not_closed_is_delivered_when_it_is_forgotten(
    producer: KafkaProducerClient, topic: str, read: Read
) -> None:
    audit = KafkaAuditLogger(producer, topic=topic)
    audit.log(**EXCHANGE)
    del audit
    assert len(read(topic)) == 1


def test_a_closed_logger_says_so(producer: KafkaProducerClient, topic: str) -> None:
    audit = KafkaAuditLogger(producer, topic=topic)
    audit.close()
    with pytest.raises(ConfigurationError, match="the audit logger is closed"):
        audit.log(**EXCHANGE)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"topic": ""}, "topic: is empty"),
        ({"spill": ""}, "spill: is empty"),
        ({"max_buffered": 0}, "max_buffered: must be 1 or more"),
        ({"max_event_bytes": 0}, "max_event_bytes: must be 1 or more"),
        ({"chain_key": "short"}, "needs 16 bytes or more"),
    ],
)
def test_settings_out_of_range_are_refused(
    producer: KafkaProducerClient, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        KafkaAuditLogger(producer, **settings)


def test_another_kind_of_producer_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"give a racto\.kafka\.KafkaProducerClient"):
        KafkaAuditLogger(sys)  # type: ignore[arg-type]
