"""The one place where errors of Pinecone's client become racto's."""

from __future__ import annotations

from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError, StoreError

_HINTS: dict[int, str] = {
    401: "check api_key, or PINECONE_API_KEY",
    402: "settle the billing of the project",
    403: "give the key's role this permission, or lift the protection of the index",
    404: "check index_name and host, or make the index with create()",
    413: "use a smaller batch_size",
    429: "ask less often, or use a larger plan",
}


def translated(error: Exception, doing: str, index: str) -> RactoGatewayError:
    """The racto error that says what happened, to be raised from the client's.

    Args:
        error: What the client raised.
        doing: What was asked of Pinecone.
        index: Name of the index.
    """
    from pinecone.errors.exceptions import (
        ApiError,
        PineconeConnectionError,
        PineconeTimeoutError,
        PineconeTypeError,
        PineconeValueError,
    )

    what = f"Pinecone index {index!r}: {doing} failed"
    facts: dict[str, Any] = {"provider": "pinecone"}
    if isinstance(error, ApiError):
        status = error.status_code
        hint = _HINTS.get(status, "try again later" if status >= 500 else "see the message")
        return StoreError(
            f"{what} with status {status}: {error.message:.500}; {hint}",
            retryable=status in (408, 429) or status >= 500,
            retry_after=getattr(error, "retry_after", None),
            status_code=status,
            request_id=error.request_id,
            **facts,
        )
    if isinstance(error, PineconeTimeoutError):
        return StoreError(f"{what}: no answer in time; raise timeout", retryable=True, **facts)
    if isinstance(error, PineconeConnectionError):
        words = f"{what}: Pinecone cannot be reached ({error}); check host and the network"
        return StoreError(words, retryable=True, **facts)
    if isinstance(error, PineconeValueError | PineconeTypeError):
        return ConfigurationError(f"{what}: {error}", **facts)
    return StoreError(f"{what}: {error}", **facts)


def is_missing(error: Exception) -> bool:
    """Whether an error says that what was named is not there."""
    return isinstance(error, StoreError) and error.status_code == 404
