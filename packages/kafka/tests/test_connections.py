"""What a client says about its connections: told once, and raised where nothing else would tell."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError

from racto.core.errors import APIConnectionError, RactoGatewayAuthError, RactoGatewayError
from racto.kafka.connections import ConnectionLog

REFUSED = KafkaError(KafkaError._TRANSPORT, "Connect to a:9092 failed: Connection refused")
DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")


def test_what_never_came_up_is_raised_once_with_its_cause() -> None:
    log = ConnectionLog()
    log.check()
    log.note(REFUSED)
    log.check()
    log.note(DOWN)
    with pytest.raises(APIConnectionError, match="Connection refused"):
        log.check()
    log.check()


def test_an_outage_of_what_was_up_ends_by_itself() -> None:
    log = ConnectionLog()
    log.is_up = True
    log.note(REFUSED)
    log.note(DOWN)
    log.check()
    assert "Connection refused" in log.because()


def test_wrong_credentials_are_told_as_such() -> None:
    log = ConnectionLog()
    log.note(KafkaError(KafkaError._AUTHENTICATION, "SASL authentication error"))
    log.note(DOWN)
    assert "SASL authentication error" in log.because()
    with pytest.raises(RactoGatewayError):
        log.check()


def test_wrong_credentials_alone_are_an_error_of_credentials() -> None:
    log = ConnectionLog()
    log.note(KafkaError(KafkaError._AUTHENTICATION, "SASL authentication error"))
    with pytest.raises(RactoGatewayAuthError, match="credentials"):
        log.check()


def test_what_is_fatal_is_raised_for_ever() -> None:
    log = ConnectionLog()
    log.is_up = True
    log.note(KafkaError(KafkaError.INVALID_PRODUCER_EPOCH, "fenced", fatal=True))
    for _ in range(2):
        with pytest.raises(RactoGatewayError, match="fenced") as caught:
            log.check()
        assert not caught.value.retryable


def test_each_kind_is_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    log = ConnectionLog()
    with caplog.at_level(logging.WARNING, "racto.kafka"):
        for _ in range(50):
            log.note(REFUSED)
            log.note(DOWN)
    assert [text.split(": ")[1] for text in caplog.messages] == ["_TRANSPORT", "_ALL_BROKERS_DOWN"]
    assert ConnectionLog().because() == ""
