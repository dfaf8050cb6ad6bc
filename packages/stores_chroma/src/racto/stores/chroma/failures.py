"""The one border at which errors of chromadb become racto's.

They are told apart by the names of their classes: naming the classes would import chromadb.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    IndexCorruptError,
    NotFoundError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    StoreError,
)

PROVIDER = "chroma"

_LONGEST_REASON = 300

_KINDS: dict[str, tuple[type[RactoGatewayError], str]] = {
    "NotFoundError": (NotFoundError, "create() the collection, or check its name"),
    "ChromaAuthError": (RactoGatewayAuthError, "check the server's token in headers"),
    "AuthorizationError": (PermissionDeniedError, "check what the token may do"),
    "RateLimitError": (RateLimitError, "slow down"),
    "QuotaError": (BadRequestError, "the account allows no more"),
    "BatchSizeExceededError": (BadRequestError, "make batch_size smaller"),
    "InternalError": (ServerError, "see the server's log"),
}

# What Chroma says of its files, all of it by one class of error.
_DAMAGED = ("malformed", "not a database", "deserializing", "Error finding id")
_UNWRITTEN = ("disk I/O error", "disk is full")
_OF_FILES = (*_DAMAGED, *_UNWRITTEN, "Failed to apply logs", "os error", "readonly")


def is_unwritten(error: Exception) -> bool:
    """Whether an error of the client says that the disk took nothing of a write."""
    return type(error).__name__ == "InternalError" and any(
        sign in str(error) for sign in _UNWRITTEN
    )


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
    # The client answers some failures of the way with a ValueError that has them as its context.
    source = error.__context__ if isinstance(error, ValueError) and error.__context__ else error
    name, text = type(source).__name__, str(error)[:_LONGEST_REASON]
    if isinstance(source, TimeoutError) or "Timeout" in name:
        return RactoGatewayTimeoutError(
            f"Chroma did not answer in time while {doing}; raise timeout, or make batch_size "
            f"smaller",
            provider=PROVIDER,
        )
    if type(source).__module__.startswith(("httpx", "httpcore")) and name != "HTTPStatusError":
        return APIConnectionError(
            f"no connection to Chroma while {doing}: {str(source) or name}; is the server "
            f"running, and host and port right?",
            provider=PROVIDER,
        )
    status = getattr(getattr(source, "response", None), "status_code", None)
    if isinstance(status, int):
        return _of_status(status, text, doing)
    if type(error).__name__ == "InternalError" and any(sign in text for sign in _OF_FILES):
        return _of_files(text, doing)
    kind, hint = _KINDS.get(type(error).__name__, (None, ""))
    if kind is None:
        return StoreError(f"Chroma failed while {doing}: {type(error).__name__}: {text}")
    return kind(f"Chroma refused while {doing}: {text}; {hint}", provider=PROVIDER)


def _of_files(text: str, doing: str) -> StoreError:
    if any(sign in text for sign in _DAMAGED):
        return IndexCorruptError(
            f"the files of Chroma are damaged, found while {doing}: {text}; take them from a "
            f"backup, or fill new ones"
        )
    return StoreError(
        f"Chroma could not write or read its files while {doing}: {text}; is the disk full, and "
        f"may this process write there?"
    )


def _of_status(status: int, text: str, doing: str) -> RactoGatewayError:
    kind: type[RactoGatewayError] = ServerError if status >= 500 else BadRequestError
    if status in (401, 403):
        kind = RactoGatewayAuthError
    return kind(f"{status} while {doing}: {text}", provider=PROVIDER, status_code=status)
