"""Failures: each error of the client becomes the one of racto's tree that says what to do."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
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
