"""What became of records: nobody's failure is lost, and an outage does not flood the log."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError, Message

from racto.core.errors import RactoGatewayError, RactoGatewayTimeoutError
from racto.kafka import deliveries
from racto.kafka.deliveries import Deliveries, KafkaDeliveryFailure

TIMED_OUT = KafkaError(KafkaError._MSG_TIMED_OUT)


def record(value: bytes = b"v") -> Message:
    return Message(topic="t", partition=2, offset=7, key=b"k", value=value, timestamp=(1, 99))


def test_a_receipt_tells_the_place() -> None:
    kept = Deliveries()
    report, receipt = kept.waiter()
    assert kept.is_awaited()
    report(None, record())
    found = receipt.result(0)
    assert (found.topic, found.partition, found.offset, found.timestamp_ms) == ("t", 2, 7, 99)
    assert not kept.is_awaited()


def test_a_failure_goes_to_whoever_waits_and_to_nobody_else() -> None:
    kept = Deliveries()
    report, receipt = kept.waiter()
    report(TIMED_OUT, record())
    with pytest.raises(RactoGatewayTimeoutError, match="partition 2 of topic 't'"):
        receipt.result(0)
    assert (kept.failures, kept.take_untold()) == ((), 0)


@pytest.mark.parametrize("order", ["left, then reported", "reported, then left"])
def test_a_failure_for_which_nobody_waits_any_more_is_told_once(order: str) -> None:
    told: list[KafkaDeliveryFailure] = []
    kept = Deliveries(told.append)
    report, receipt = kept.waiter()
    if order == "left, then reported":
        kept.leave(receipt)
        assert not kept.is_awaited()
        report(TIMED_OUT, record())
    else:
        report(TIMED_OUT, record())
        kept.leave(receipt)
    assert (list(kept.failures), kept.take_untold(), len(told)) == (told, 1, 1)
    assert not kept.is_awaited()


def test_a_success_for_which_nobody_waits_any_more_is_no_failure() -> None:
    kept = Deliveries()
    report, receipt = kept.waiter()
    kept.leave(receipt)
    report(None, record())
    kept.leave(receipt)
    assert (kept.failures, kept.take_untold(), kept.is_awaited()) == ((), 0, False)


def test_what_never_got_into_the_queue_is_not_awaited() -> None:
    kept = Deliveries()
    kept.waiter()
    kept.forget_waiter()
    assert not kept.is_awaited()


def test_an_outage_is_a_line_and_not_a_line_a_record(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Deliveries()
    with caplog.at_level(logging.ERROR, "racto.kafka"):
        for _ in range(500):
            kept.report(TIMED_OUT, record())
        assert len(caplog.messages) == 1
        monkeypatch.setattr(deliveries, "_SECONDS_BETWEEN_LINES", 0.0)
        kept.report(TIMED_OUT, record())
    assert "and 499 more since" in caplog.messages[-1]
    assert kept.take_untold() == 501


@pytest.mark.parametrize(("size", "count"), [(10, 1000), (1 << 20, 64), (100 << 20, 1)])
def test_failures_kept_are_bounded(size: int, count: int) -> None:
    kept = Deliveries()
    value = record(b"x" * size)
    for _ in range(count + 1 if count > 1 else 2):
        kept.report(TIMED_OUT, value)
    assert len(kept.failures) == count


def test_the_error_at_the_end_counts_both_kinds_of_loss() -> None:
    kept = Deliveries()
    assert isinstance(kept.loss(3, 0), RactoGatewayTimeoutError)
    kept.report(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), record())
    error: RactoGatewayError = kept.loss(3, 1)
    assert "1 records were not delivered, 3 more" in str(error)
