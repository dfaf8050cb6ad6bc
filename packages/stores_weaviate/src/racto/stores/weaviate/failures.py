"""The one place where errors of Weaviate's client become racto's."""

from __future__ import annotations

from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError, StoreError

_US: dict[str, Any] = {"provider": "weaviate"}
_MISSING = ("could not find class", "tenant not found")
# HTTP's words for gRPC's codes, so that callers need to know one kind only.
_STATUSES = {
    "INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
    "CANCELLED": 499, "RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}  # fmt: skip
_HINTS = {
    401: "check api_key",
    403: "check api_key",
    429: "ask less often",
    503: "Weaviate cannot be reached; check url and grpc_port",
    504: "no answer in time; raise timeout",
}


def translated(error: Exception, doing: str, name: str) -> RactoGatewayError:
    """The racto error that says what happened, to be raised from the client's.

    Args:
        error: What the client raised.
        doing: What was asked of Weaviate.
        name: Name of the class.
    """
    from weaviate.exceptions import (
        AuthenticationFailedError,
        UnexpectedStatusCodeError,
        WeaviateConnectionError,
        WeaviateGRPCUnavailableError,
        WeaviateInvalidInputError,
        WeaviateStartUpError,
        WeaviateTimeoutError,
    )

    what, words = f"Weaviate class {name!r}: {doing} failed", f"{error}"[:600]
    if isinstance(error, UnexpectedStatusCodeError):
        status = error.status_code
        hint = "check api_key; " if status in (401, 403) else ""
        return StoreError(
            f"{what} with status {status}: {hint}{words}",
            retryable=status == 429 or status >= 500,
            status_code=status,
            provider="weaviate",
        )
    if isinstance(error, AuthenticationFailedError):
        return StoreError(f"{what}: check api_key; {words}", provider="weaviate")
    down = (WeaviateConnectionError, WeaviateGRPCUnavailableError, WeaviateStartUpError)
    if isinstance(error, (*down, ConnectionError)):
        reach = f"{what}: Weaviate cannot be reached; check url and grpc_port; {words}"
        return StoreError(reach, retryable=True, provider="weaviate")
    if isinstance(error, WeaviateTimeoutError):
        late = f"{what}: no answer in time; raise timeout; {words}"
        return StoreError(late, retryable=True, provider="weaviate")
    if isinstance(error, WeaviateInvalidInputError):
        return ConfigurationError(f"{what}: {words}", provider="weaviate")
    return StoreError(f"{what}: {words}", provider="weaviate")


def refused(error: Any, doing: str, name: str) -> StoreError:
    """The racto error for a call of gRPC that failed, to be raised from gRPC's.

    Args:
        error: What gRPC raised.
        doing: The call.
        name: Name of the class.
    """
    code, words = error.code().name, f"{error.details()}"[:600]
    what = f"Weaviate class {name!r}: {doing} failed"
    # gRPC has one code for too many calls and for too large ones.
    if "larger than max" in words:
        return StoreError(f"{what}: use a smaller batch_size; {words}", status_code=413, **_US)
    status = _STATUSES.get(code)
    hint = f"{_HINTS[status]}; " if status in _HINTS else ""
    return StoreError(
        f"{what} with {code}: {hint}{words}",
        retryable=status in (429, 499, 500, 503, 504),
        status_code=status,
        **_US,
    )


def is_missing(error: Exception) -> bool:
    """Whether an error says that the class or the tenant is not there."""
    return isinstance(error, StoreError) and any(sign in error.message for sign in _MISSING)
