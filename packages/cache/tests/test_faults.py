"""Which errors concern all who ask the same, and how they are told of them."""

from __future__ import annotations

import pytest

from racto.cache.faults import bare, common_fault, retold
from racto.core.errors import (
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    DeadlineExceededError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    ResponseModelValidationError,
    ServerError,
)
from racto.core.usage import Usage

OF_ALL = [
    BadRequestError("x"),
    ContextLengthError("x", limit=5),
    ContentFilterError("x"),
    ResponseModelValidationError("x", attempts=3, last_error=ValueError("y")),
]
OF_ONE = [
    BadRequestError("x", retryable=True),
    DeadlineExceededError("x"),
    NotFoundError("x"),
    PermissionDeniedError("x"),
    QuotaExhaustedError("x"),
    ServerError("x"),
    ValueError("x"),
    KeyboardInterrupt(),
    None,
]


@pytest.mark.parametrize("error", OF_ALL, ids=lambda each: type(each).__name__)
def test_faults_of_the_request(error: Exception) -> None:
    assert common_fault(error) is error


@pytest.mark.parametrize("error", OF_ONE, ids=lambda each: type(each).__name__)
def test_faults_of_one_caller(error: BaseException | None) -> None:
    assert common_fault(error) is None


def test_who_made_no_call_paid_nothing() -> None:
    error = ContextLengthError("too long", limit=5, status_code=400, usage=Usage(input_tokens=1))
    error.add_note("in the morning")
    twin = retold(error)
    assert isinstance(twin, ContextLengthError)
    assert (twin.message, twin.limit, twin.status_code) == ("too long", 5, 400)
    assert (twin.usage, twin.partial) == (None, None)
    assert twin.__notes__ == ["in the morning", "met by another who asked the same"]
    assert error.__notes__ == ["in the morning"]
    assert error.usage is not None


def test_a_remembered_error_holds_no_frames() -> None:
    with pytest.raises(BadRequestError) as caught:
        raise BadRequestError("x", usage=Usage(input_tokens=1))
    twin = bare(caught.value)
    assert caught.value.__traceback__ is not None
    assert (twin.__traceback__, twin.__context__, twin.usage) == (None, None, None)
