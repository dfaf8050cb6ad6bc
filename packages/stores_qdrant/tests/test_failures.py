"""Failures: each error of the client becomes the one of racto's tree that says what to do."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    IndexLockedError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    StoreError,
)
from racto.stores.qdrant.failures import failure, translated


def answered(status: int, content: bytes = b'{"status": {"error": "why"}}', **headers: str) -> Any:
    from httpx import Headers
    from qdrant_client.http.exceptions import UnexpectedResponse

    return UnexpectedResponse(status, "Reason", content, Headers(headers))


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, BadRequestError, False), (401, RactoGatewayAuthError, False),
        (404, NotFoundError, False), (409, BadRequestError, False), (429, RateLimitError, True),
        (500, ServerError, True), (503, OverloadedError, True),
        (504, RactoGatewayTimeoutError, True),
    ],
)  # fmt: skip
def test_statuses(status: int, kind: type[Exception], retryable: bool) -> None:
    error = failure(answered(status), "searching 'x' at host")
    assert type(error) is kind
    assert error.retryable is retryable
    assert error.status_code == status
    assert "why" in str(error)
    assert "searching 'x' at host" in str(error)


def test_a_server_that_says_how_long_to_wait() -> None:
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse

    assert failure(ResourceExhaustedResponse("full", 7), "x").retry_after == 7.0
    assert failure(answered(503, b"<html>", **{"retry-after": "2"}), "x").retry_after == 2.0


def test_the_way_to_the_server() -> None:
    import httpx
    from qdrant_client.http.exceptions import ResponseHandlingException

    cases: list[tuple[Exception, type[Exception]]] = [
        (httpx.ConnectError("refused"), APIConnectionError),
        (httpx.ReadTimeout("slow"), RactoGatewayTimeoutError),
        (httpx.RemoteProtocolError("broke"), APIConnectionError),
    ]
    for source, kind in cases:
        assert type(failure(ResponseHandlingException(source), "x")) is kind

    class ValidationError(ValueError):
        """As pydantic's."""

    made = failure(ResponseHandlingException(ValidationError()), "x")
    assert type(made) is InvalidResponseError


def test_grpc_codes() -> None:
    grpc: Any = importlib.import_module("grpc")

    class FailedError(Exception):
        """With the methods of grpc.RpcError."""

        def __init__(self, code: Any) -> None:
            self._code = code

        def code(self) -> Any:
            return self._code

        def details(self) -> str:
            return "told"

    codes = grpc.StatusCode
    assert type(failure(FailedError(codes.UNAVAILABLE), "x")) is APIConnectionError
    assert type(failure(FailedError(codes.NOT_FOUND), "x")) is NotFoundError
    assert type(failure(FailedError(codes.DEADLINE_EXCEEDED), "x")) is RactoGatewayTimeoutError
    assert type(failure(FailedError(codes.UNAUTHENTICATED), "x")) is RactoGatewayAuthError


def test_local_qdrant() -> None:
    missing = ValueError("Collection notes not found")
    assert type(failure(missing, "x")) is NotFoundError
    locked = RuntimeError("Storage folder x is already accessed by another instance")
    assert type(failure(locked, "x")) is IndexLockedError
    assert type(failure(OSError("disk full"), "x")) is StoreError


def test_errors_of_racto_pass_and_others_keep_their_cause() -> None:
    with pytest.raises(StoreError, match="mine"), translated("x"):
        raise StoreError("mine")
    with pytest.raises(StoreError) as caught, translated("x"):
        raise OSError("full")
    assert isinstance(caught.value.__cause__, OSError)
