"""Errors of a provider say what was wrong and whether to try again, and show no secret."""

from __future__ import annotations

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)
from racto.finetune.failures import Translator

SECRET = "a-secret-key-of-ours"


@pytest.fixture
def translator() -> Translator:
    """A translator that knows a secret."""
    return Translator("x", secrets=[SECRET, "short"], advice={NotFoundError: "Look again."})


@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable"),
    [
        (400, "", BadRequestError, False),
        (401, "", RactoGatewayAuthError, False),
        (402, "", QuotaExhaustedError, False),
        (403, "", PermissionDeniedError, False),
        (404, "", NotFoundError, False),
        (408, "", RactoGatewayTimeoutError, True),
        (409, "", RactoGatewayAPIError, False),
        (410, "", NotFoundError, False),
        (418, "", RactoGatewayAPIError, False),
        (429, "", RateLimitError, True),
        (429, "insufficient_quota", QuotaExhaustedError, False),
        (500, "", ServerError, True),
        (502, "", ServerError, True),
        (503, "", OverloadedError, True),
        (504, "", RactoGatewayTimeoutError, True),
    ],
)
def test_a_status_has_a_class(
    translator: Translator, status: int, code: str, kind: type[RactoGatewayError], retryable: bool
) -> None:
    made = translator.refused(status, "why", code=code)
    assert type(made) is kind
    assert (made.retryable, made.status_code, made.provider) == (retryable, status, "x")
    assert f"x: answered {status}: why." in str(made)


def test_headers_tell_how_long_to_wait_and_which_request_it_was(translator: Translator) -> None:
    made = translator.refused(429, "slow", headers={"Retry-After": "7", "X-Request-ID": "r1"})
    assert (made.retry_after, made.request_id) == (7.0, "r1")


def test_advice_follows_the_words(translator: Translator) -> None:
    assert str(translator.refused(404, "gone")) == "x: answered 404: gone. Look again."
    told = translator.refused(404, "gone!", advice="Do this.")
    assert str(told) == "x: answered 404: gone! Do this."


def test_secrets_and_long_pages_are_cut(translator: Translator) -> None:
    made = translator.refused(400, f"key {SECRET} " + "y" * 9000)
    assert SECRET not in str(made)
    assert len(str(made)) < 2100
    assert translator.cause(ValueError(SECRET)) is None
    plain = ValueError("plain")
    assert translator.cause(plain) is plain


class ConnectTimeoutException(Exception):  # noqa: N818 - as HTTP libraries call theirs
    """Stands for the timeouts of a library that is not imported."""


ConnectTimeoutException.__name__ = "TimeoutException"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("late"), RactoGatewayTimeoutError),
        (ConnectTimeoutException("late"), RactoGatewayTimeoutError),
        (ConnectionResetError("cut"), APIConnectionError),
        (OSError("no route"), APIConnectionError),
        (ValueError("no JSON"), InvalidResponseError),
        (RuntimeError("odd"), RactoGatewayAPIError),
    ],
    ids=["timeout", "library's timeout", "reset", "route", "json", "odd"],
)
def test_a_call_without_an_answer_has_a_class_too(
    translator: Translator, error: Exception, kind: type[RactoGatewayError]
) -> None:
    assert type(translator.unanswered(error)) is kind


def test_the_deepest_cause_tells(translator: Translator) -> None:
    try:
        try:
            raise ConnectionRefusedError("nobody there")
        except OSError as cause:
            raise RuntimeError("Connection error.") from cause
    except RuntimeError as error:
        made = translator.unanswered(error)
    assert isinstance(made, APIConnectionError)
    assert "nobody there" in str(made)
