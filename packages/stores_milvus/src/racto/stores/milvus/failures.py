"""The one place where what pymilvus raises becomes an error of racto."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import (
    APIConnectionError,
    NotFoundError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    StoreError,
)

_LONGEST = 300
# Codes of the server and, below 3, of the client.
_UNREACHABLE = 2
_NO_COLLECTION = 100
_RATE_LIMIT = 8
_WRONG_PASSWORD = {1400, 1401}
_WORDS: tuple[tuple[str, type[RactoGatewayError]], ...] = (
    ("unauthenticated", RactoGatewayAuthError),
    ("auth check failure", RactoGatewayAuthError),
    ("permission deny", RactoGatewayAuthError),
    ("deadline_exceeded", RactoGatewayTimeoutError),
    ("deadline exceeded", RactoGatewayTimeoutError),
    ("retry timeout", RactoGatewayTimeoutError),
    ("unavailable", APIConnectionError),
    ("fail connecting", APIConnectionError),
    ("connection refused", APIConnectionError),
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise the client's errors as those of racto.

    Args:
        doing: What was tried and where, for the message.

    Raises:
        RactoGatewayError: The error of the tree that says what went wrong.
    """
    try:
        yield
    except RactoGatewayError:
        raise
    # The client raises its own errors, gRPC's, and Python's for values that it cannot encode.
    except Exception as error:
        raise failure(error, doing) from error


def failure(error: Exception, doing: str) -> RactoGatewayError:
    """The error of racto that says what an error of the client means.

    Args:
        error: What the client raised.
        doing: What was tried and where.
    """
    reason = (str(getattr(error, "message", "")) or str(error) or type(error).__name__).strip()
    said = f"{doing}: {reason.splitlines()[0][:_LONGEST]}"
    code = getattr(error, "code", None)
    if code == _NO_COLLECTION:
        return NotFoundError(f"{said}; create() it", provider="milvus")
    if code == _RATE_LIMIT:
        return RateLimitError(said, provider="milvus")
    if code in _WRONG_PASSWORD:
        return RactoGatewayAuthError(f"{said}; check the token", provider="milvus")
    if isinstance(error, TimeoutError):
        return RactoGatewayTimeoutError(said, provider="milvus", retryable=True)
    lower = f"{error!s} {reason}".lower()
    for word, kind in _WORDS:
        if word in lower:
            return kind(f"{said}; {_ADVICE[kind]}", provider="milvus")
    if code == _UNREACHABLE:
        return APIConnectionError(f"{said}; {_ADVICE[APIConnectionError]}", provider="milvus")
    return StoreError(said, provider="milvus")


_ADVICE: dict[type[RactoGatewayError], str] = {
    RactoGatewayAuthError: "check the token",
    RactoGatewayTimeoutError: "raise timeout, or look at the server's load",
    APIConnectionError: "is Milvus running there?",
}
