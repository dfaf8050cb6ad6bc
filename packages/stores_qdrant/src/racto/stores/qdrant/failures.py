"""The one border at which errors of qdrant-client become racto's.

They are told apart by shape, not by class: naming the classes would import the client and grpc.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    IndexLockedError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    StoreError,
)
from racto.core.retries import parse_retry_after

PROVIDER = "qdrant"

_LONGEST_REASON = 300

_KINDS: dict[int, type[RactoGatewayError]] = {
    401: RactoGatewayAuthError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RactoGatewayTimeoutError,
    429: RateLimitError,
    503: OverloadedError,
    504: RactoGatewayTimeoutError,
}

_GRPC_STATUS = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "UNKNOWN": 500, "DATA_LOSS": 500,
    "DEADLINE_EXCEEDED": 504,
}  # fmt: skip


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise racto's errors in place of those that the client raises inside.

    Args:
        doing: What was being done and where, for the message.
    """
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as error:
        raise failure(error, doing) from error


def failure(error: Exception, doing: str) -> RactoGatewayError:
    """The error of racto's tree that says what an error of the client means."""
    # Raised by the client in place of a 429 that says how long to wait.
    if hasattr(error, "retry_after_s"):
        return RateLimitError(
            f"Qdrant asks to slow down while {doing}: {error}",
            retry_after=float(error.retry_after_s),
            provider=PROVIDER,
            status_code=429,
        )
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and hasattr(error, "content"):
        return _of_status(status, _reason(error), doing, getattr(error, "headers", None))
    if callable(code := getattr(error, "code", None)):
        return _of_grpc(getattr(code(), "name", str(code())), error, doing)
    source = getattr(error, "source", None)
    if isinstance(source, Exception):
        return _of_transport(source, doing)
    return _of_local(error, doing)


def _of_status(status: int, reason: str, doing: str, headers: Any) -> RactoGatewayError:
    kind = _KINDS.get(status) or (ServerError if status >= 500 else BadRequestError)
    hint = {
        401: "; check api_key",
        403: "; check what the key may do",
        404: "; create() the collection, or check its name",
    }.get(status, "")
    return kind(
        f"Qdrant answered {status} while {doing}: {reason}{hint}",
        provider=PROVIDER,
        status_code=status,
        retry_after=parse_retry_after(dict(headers)) if headers else None,
    )


def _of_grpc(code: str, error: Exception, doing: str) -> RactoGatewayError:
    details: Any = getattr(error, "details", None)
    reason = str(details() if callable(details) else error)[:_LONGEST_REASON]
    if code in ("UNAVAILABLE", "CANCELLED"):
        return APIConnectionError(
            f"no connection to Qdrant while {doing}: {reason}; is the server running, and its "
            f"gRPC port right?",
            provider=PROVIDER,
        )
    return _of_status(_GRPC_STATUS.get(code, 500), f"{code}: {reason}", doing, None)


def _of_transport(source: Exception, doing: str) -> RactoGatewayError:
    name = type(source).__name__
    if "Timeout" in name:
        return RactoGatewayTimeoutError(
            f"Qdrant did not answer in time while {doing} ({name}); raise timeout, or make "
            f"batch_size smaller",
            provider=PROVIDER,
        )
    if "Validation" in name:
        return InvalidResponseError(
            f"what answered while {doing} does not speak Qdrant's protocol; check the url",
            provider=PROVIDER,
        )
    return APIConnectionError(
        f"no connection to Qdrant while {doing}: {source or name}; is the server running, and the "
        f"url right?",
        provider=PROVIDER,
    )


def _of_local(error: Exception, doing: str) -> RactoGatewayError:
    text = str(error)[:_LONGEST_REASON]
    if isinstance(error, ValueError) and text.startswith("Collection ") and "not found" in text:
        return NotFoundError(f"{text} while {doing}", provider=PROVIDER)
    if isinstance(error, RuntimeError) and "already accessed" in text:
        return IndexLockedError(
            f"the folder of Qdrant is open elsewhere, in this process or another ({doing}); close "
            f"that store, share one between threads, or run a server",
            provider=PROVIDER,
        )
    return StoreError(f"Qdrant failed while {doing}: {type(error).__name__}: {text}")


def _reason(error: Any) -> str:
    # A proxy before the server answers with a page of its own.
    try:
        told = json.loads(error.content)["status"]["error"]
    except (ValueError, KeyError, TypeError):
        told = getattr(error, "reason_phrase", "") or "no reason given"
    return str(told)[:_LONGEST_REASON]
