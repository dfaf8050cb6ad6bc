"""The one place where errors of Weaviate's client become racto's."""

from __future__ import annotations

from racto.core.errors import ConfigurationError, RactoGatewayError, StoreError

_MISSING = ("could not find class", "tenant not found")
_TRANSIENT = ("UNAVAILABLE", "DEADLINE", "RESOURCE_EXHAUSTED", "unavailable", "Too many requests")


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
    # Errors of gRPC come as text alone.
    retryable = any(sign in words for sign in _TRANSIENT)
    return StoreError(f"{what}: {words}", retryable=retryable, provider="weaviate")


def is_missing(error: Exception) -> bool:
    """Whether an error says that the class or the tenant is not there."""
    return isinstance(error, StoreError) and any(sign in error.message for sign in _MISSING)
