"""The one border at which errors of redis-py become racto's.

They are told apart by the names of their classes: importing the classes would load the library.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InvalidResponseError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    ServerError,
)

PROVIDER = "redis"

_LONGEST_REASON = 300

# In this order: the first that an error's class or one of its bases is called decides.
_KINDS: dict[str, tuple[type[RactoGatewayError], str]] = {
    "AuthenticationError": (RactoGatewayAuthError, "check user and password in the URL"),
    "AuthenticationWrongNumberOfArgsError": (
        RactoGatewayAuthError,
        "servers before Redis 6 know no user names; leave the user out of the URL",
    ),
    "NoPermissionError": (PermissionDeniedError, "check the user's rules with ACL GETUSER"),
    "AuthorizationError": (PermissionDeniedError, "check the user's rules with ACL GETUSER"),
    "BusyLoadingError": (OverloadedError, "it is still reading its data from disk"),
    "OutOfMemoryError": (
        OverloadedError,
        "raise maxmemory, or set maxmemory-policy to one that evicts",
    ),
    "ReadOnlyError": (ServerError, "this is a replica; give the primary's address, or sentinels'"),
    "MaxConnectionsError": (APIConnectionError, "raise max_connections"),
    "TimeoutError": (RactoGatewayTimeoutError, "is it busy or stopped? Or raise the timeout"),
    "ConnectionError": (APIConnectionError, "is the server running, and the URL right?"),
    "InvalidResponse": (InvalidResponseError, "what answers there does not speak Redis's protocol"),
    "ClusterDownError": (ServerError, "some slots of the cluster have no node"),
    "TryAgainError": (ServerError, "slots of the cluster are moving"),
    "DataError": (BadRequestError, ""),
    "ResponseError": (BadRequestError, ""),
    "RedisClusterException": (APIConnectionError, "is a node running, and the URL right?"),
    "RedisError": (ServerError, ""),
}

_NO_DATABASE = ("DB index is out of range", "invalid DB index", "Invalid Database")


def failure(error: Exception, place: str) -> RactoGatewayError | None:
    """The error of racto's tree that says what an error of redis-py means.

    Args:
        error: What was raised.
        place: The server, for the message; without credentials.

    Returns:
        The error to raise ``from`` it; None for an error that is not the library's.
    """
    kind, hint = _kind(error)
    if kind is None:
        return None
    reason = str(error)[:_LONGEST_REASON]
    for cause in _causes(error):
        # A cluster client says "cannot be connected" whatever the reason was.
        below, below_hint = _kind(cause)
        if below is not None and issubclass(below, RactoGatewayAuthError):
            kind, hint = below, below_hint
        if isinstance(cause, ssl.SSLCertVerificationError):
            kind = ConfigurationError
            hint = "name the certificate's authority with ?ssl_ca_certs=..., and the host as in it"
    if any(text in reason for text in _NO_DATABASE):
        kind, hint = ConfigurationError, "check the database's number in the URL"
    return kind(
        f"Redis at {place} failed: {reason.rstrip('.') or type(error).__name__}{hint and f'; {hint}'}",
        provider=PROVIDER,
    )


def is_outage(error: RactoGatewayError) -> bool:
    """Whether the next call would wait in vain too: nobody answers, or nobody in time."""
    return isinstance(error, (APIConnectionError, RactoGatewayTimeoutError))


def is_setup(error: RactoGatewayError) -> bool:
    """Whether only a person can mend it: a wrong password, a missing right, a wrong address."""
    return isinstance(error, (RactoGatewayAuthError, ConfigurationError))


def is_foreign(error: RactoGatewayError) -> bool:
    """Whether somebody else's value of another type lies under the key."""
    return isinstance(error, BadRequestError) and "WRONGTYPE" in error.message


def _kind(error: BaseException) -> tuple[type[RactoGatewayError] | None, str]:
    classes = type(error).__mro__
    # Namesakes of Python's own, TimeoutError for one, are no errors of the library.
    names = {each.__name__ for each in classes if each.__module__.partition(".")[0] == "redis"}
    return next((told for name, told in _KINDS.items() if name in names), (None, ""))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; at most ten, as contexts may form a ring."""
    here: BaseException | None = error
    for _ in range(10):
        if here is None:
            return
        yield here
        here = here.__cause__ or here.__context__
