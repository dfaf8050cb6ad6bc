"""Failures: each error of the client becomes the one of racto's tree that says what to do."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    IndexCorruptError,
    NotFoundError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    StoreError,
)
from racto.stores.chroma.failures import failure, translated


@pytest.mark.parametrize(
    ("name", "kind", "retryable"),
    [
        ("NotFoundError", NotFoundError, False), ("ChromaAuthError", RactoGatewayAuthError, False),
        ("AuthorizationError", PermissionDeniedError, False), ("InternalError", ServerError, True),
        ("RateLimitError", RateLimitError, True), ("InvalidArgumentError", StoreError, False),
        ("BatchSizeExceededError", BadRequestError, False),
    ],
)  # fmt: skip
def test_errors_of_chroma(name: str, kind: type[Exception], retryable: bool) -> None:
    errors: Any = importlib.import_module("chromadb.errors")
    error = failure(getattr(errors, name)("why"), "searching 'x'")
    assert type(error) is kind
    assert error.retryable is retryable
    assert "why" in str(error)
    assert "searching 'x'" in str(error)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(code: 11) database disk image is malformed", IndexCorruptError),
        ("Error deserializing pickle file: EOF", IndexCorruptError),
        ("(code: 13) database or disk is full", StoreError), ("(code: 778) disk I/O error", StoreError),
        ("Permission denied (os error 13)", StoreError),
    ],
)  # fmt: skip
def test_what_files_are_to_blame_for_is_not_tried_again(text: str, kind: type[Exception]) -> None:
    errors: Any = importlib.import_module("chromadb.errors")
    error = failure(errors.InternalError(text), "writing to 'x'")
    assert type(error) is kind
    assert not error.retryable
    assert text in str(error)


def test_the_way_to_the_server() -> None:
    httpx: Any = importlib.import_module("httpx")
    assert type(failure(httpx.ConnectError("refused"), "x")) is APIConnectionError
    assert type(failure(httpx.ReadTimeout("slow"), "x")) is RactoGatewayTimeoutError
    assert type(failure(TimeoutError("slow"), "x")) is RactoGatewayTimeoutError
    response = httpx.Response(403, request=httpx.Request("GET", "http://x"))
    error = failure(httpx.HTTPStatusError("no", request=response.request, response=response), "x")
    assert type(error) is RactoGatewayAuthError


def test_errors_of_racto_pass_and_others_keep_their_cause() -> None:
    with pytest.raises(StoreError, match="mine"), translated("x"):
        raise StoreError("mine")
    with pytest.raises(StoreError) as caught, translated("x"):
        raise OSError("full")
    assert isinstance(caught.value.__cause__, OSError)
