"""Errors as the back end keeps them, and errors of brokers as racto's."""

from __future__ import annotations

import pickle

import pytest
import redis
from celery.exceptions import (  # type: ignore[import-untyped]
    BackendGetMetaError,
    SoftTimeLimitExceeded,
)
from kombu.exceptions import OperationalError

from racto.celery.failures import LONGEST, portable, translated
from racto.core import errors
from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    ContextLengthError,
    DeadlineExceededError,
    JobError,
    RactoGatewayError,
    RateLimitError,
    ResponseModelValidationError,
    ServerError,
)
from racto.core.responses import LLMResponse


def test_class_and_facts_are_kept_and_replies_are_not() -> None:
    error = RateLimitError("429", retry_after=3.0, status_code=429, provider="acme")
    error.partial = LLMResponse(content="private")
    made = portable(error)
    assert type(made) is RateLimitError
    assert (made.retryable, made.retry_after, made.status_code) == (True, 3.0, 429)
    assert (made.provider, made.partial) == ("acme", None)
    assert type(portable(ContextLengthError("too long", limit=5))) is ContextLengthError


def test_all_of_the_tree_can_be_rebuilt_from_arguments() -> None:
    for name in vars(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, RactoGatewayError):
            error = kind.__new__(kind)
            RactoGatewayError.__init__(error, "what was wrong")
            made = portable(error)
            again = type(made)(*made.args)
            assert "what was wrong" in str(again)
            assert name in (type(made).__name__, str(again).partition(":")[0])
            assert str(pickle.loads(pickle.dumps(made))) == str(made)


def test_class_with_more_arguments_becomes_a_job_error_of_that_name() -> None:
    error = ResponseModelValidationError("no fit", attempts=3, last_error=ValueError("x"))
    made = portable(error)
    assert type(made) is JobError
    assert str(made) == "ResponseModelValidationError: no fit"


def test_message_is_redacted_and_cut() -> None:
    made = portable(ValueError("key sk-0123456789abcdef " + "x" * 9000))
    assert "sk-0123456789abcdef" not in str(made)
    assert len(str(made)) == LONGEST


def test_soft_limit_is_found_behind_a_kits_error() -> None:
    error = ServerError("broke")
    error.__context__ = SoftTimeLimitExceeded()
    made = portable(error)
    assert type(made) is DeadlineExceededError
    assert not made.retryable


def test_circle_of_causes_ends() -> None:
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    assert type(portable(one)) is JobError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OperationalError("refused at redis://:secret@host"), APIConnectionError),
        (redis.exceptions.ConnectionError("gone"), APIConnectionError),
        (BackendGetMetaError("failed to get meta"), APIConnectionError),
        (ConnectionRefusedError("111"), APIConnectionError),
        (NotImplementedError("no"), ConfigurationError),
        (ValueError("broken record"), JobError),
        (BadRequestError("as it is"), BadRequestError),
    ],
)
def test_borders_translate(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught, translated("reading task 7", service="result back end"):
        raise error
    assert type(caught.value) is kind
    if caught.value is not error:
        assert caught.value.__cause__ is error
        assert "reading task 7" in str(caught.value)
    assert "secret" not in str(caught.value)
