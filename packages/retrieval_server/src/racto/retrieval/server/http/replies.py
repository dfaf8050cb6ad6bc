"""Replies: bytes with a status, and what each error says to the outside."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

import orjson

from racto.core.errors import (
    ConfigurationError,
    DeadlineExceededError,
    OverloadedError,
    RactoGatewayError,
)
from racto.retrieval.server.errors import (
    DocumentNotFoundError,
    InvalidRequestError,
    PipelineError,
    QueueFullError,
    ServiceClosedError,
)
from racto.retrieval.server.registry import ServiceNotFound

_log = logging.getLogger(__name__)

JSON = b"application/json"
# What servers write down for a caller who hung up; nobody is there to read it.
GONE = 499


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What goes back to a client.

    Args:
        status: The HTTP status.
        body: The body as it is sent.
        kind: Its media type.
        headers: Further headers, by lower-case name.
    """

    status: int = 200
    body: bytes = b""
    kind: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


class RefusedError(RactoGatewayError):
    """A request was refused before any service saw it.

    Args:
        message: What is wrong, for the client.
        status: The HTTP status.
        headers: Further headers of the reply.
    """

    def __init__(
        self, message: str, *, status: int, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


def written(value: Any, status: int = 200) -> Reply:
    """Write data as a JSON reply; entries keep their order, which is that of the ranking.

    Args:
        value: Data of JSON kinds.
        status: The HTTP status.
    """
    return Reply(status=status, body=orjson.dumps(value))


def failure(error: Exception, request_id: str) -> tuple[int, dict[str, Any]]:
    """The status of an error and what the client is told; what it may not know goes to the log.

    Args:
        error: What was raised.
        request_id: Names the request in the log.
    """
    status, told = _said(error)
    if status >= 500 and status not in (503, 504):
        _log.error("request %s failed", request_id, exc_info=error)
    return status, {**told, "request_id": request_id}


def refusal(error: Exception, request_id: str) -> Reply:
    """The reply to a request that failed.

    Args:
        error: What was raised.
        request_id: Names the request in the log.
    """
    status, told = failure(error, request_id)
    headers = error.headers if isinstance(error, RefusedError) else ()
    if "retry_after" in told:
        # Whole seconds, rounded up: who comes too early is refused again.
        headers = ((b"retry-after", b"%d" % math.ceil(told["retry_after"])),)
    return Reply(status=status, body=orjson.dumps(told), headers=headers)


def _said(error: Exception) -> tuple[int, dict[str, Any]]:
    if isinstance(error, RefusedError):
        return error.status, {"error": str(error)}
    if isinstance(error, PipelineError):
        return 400, {"error": str(error), "column": error.column or None}
    if isinstance(error, InvalidRequestError):
        return 400, {"error": str(error), "field": error.field or None}
    # A configuration that is wrong during a request is one that came with it, as options; that
    # of the server itself stops its start. Missing libraries are kinds of their own, and ours.
    if isinstance(error, ServiceNotFound) or type(error) is ConfigurationError:
        return 400, {"error": str(error)}
    if isinstance(error, DocumentNotFoundError):
        return 404, {"error": str(error)}
    if isinstance(error, DeadlineExceededError):
        return 504, {"error": "the request's time was over before it was answered"}
    if isinstance(error, (QueueFullError, OverloadedError)):
        # Our own queue is full, or that of a service behind an engine.
        full = isinstance(error, QueueFullError)
        wait = max(1.0, error.retry_after or 1.0)
        text = "too many requests wait" if full else "a service behind this one is overloaded"
        return 429 if full else 503, {"error": text, "retry_after": wait}
    if isinstance(error, ServiceClosedError):
        return 503, {"error": "the service is closing", "retry_after": 1.0}
    # The texts of other errors may hold paths, queries or keys.
    return 500, {"error": "the server failed on this request; its log says why"}
