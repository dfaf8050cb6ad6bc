"""Errors of the client become racto's, with a hint and the right advice on retries."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from racto.core import errors
from racto.kafka.failures import failure, name_of, translated


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (KafkaError._MSG_TIMED_OUT, errors.RactoGatewayTimeoutError),
        (KafkaError._ALL_BROKERS_DOWN, errors.APIConnectionError),
        (KafkaError._AUTHENTICATION, errors.RactoGatewayAuthError),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, errors.PermissionDeniedError),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, errors.NotFoundError),
        (KafkaError.MSG_SIZE_TOO_LARGE, errors.BadRequestError),
        (KafkaError._QUEUE_FULL, errors.OverloadedError),
        (KafkaError.THROTTLING_QUOTA_EXCEEDED, errors.RateLimitError),
        (KafkaError._INVALID_ARG, errors.ConfigurationError),
        (KafkaError.REBALANCE_IN_PROGRESS, errors.ServerError),
        (KafkaError.INVALID_TXN_STATE, errors.RactoGatewayAPIError),
    ],
)
def test_kinds(code: int, kind: type[Exception]) -> None:
    found = failure(KafkaException(KafkaError(code)), "trying")
    assert type(found) is kind
    assert found.provider == "kafka"
    assert "while trying" in str(found)


def test_retriable_and_fatal_are_told() -> None:
    retriable = failure(KafkaError(KafkaError.NOT_ENOUGH_REPLICAS, retriable=True), "trying")
    assert isinstance(retriable, errors.ServerError)
    assert retriable.retryable
    fatal = failure(KafkaError(KafkaError._TRANSPORT, fatal=True, retriable=True), "trying")
    assert not fatal.retryable


def test_other_errors_are_not_swallowed() -> None:
    boom = pytest.raises(errors.RactoGatewayAPIError, match="RuntimeError: boom")
    with boom as caught, translated("trying"):
        raise RuntimeError("boom")
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(errors.NotFoundError), translated("trying"):
        raise errors.NotFoundError("mine")


def test_names() -> None:
    assert name_of(KafkaException(KafkaError(KafkaError._NO_OFFSET))) == "_NO_OFFSET"
    assert name_of(ValueError("x")) == ""
    assert name_of(ValueError()) == ""
