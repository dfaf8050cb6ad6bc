"""What becomes of a message whose handler failed: again, aside, or stop the stream."""

from __future__ import annotations

from enum import Enum

from racto.core.errors import (
    ConfigurationError,
    FilterError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    SchemaError,
    UnsupportedFeatureError,
)
from racto.core.retries import RetryPolicy

# Errors of the set-up, which every further message would meet as well.
_NOBODYS_FAULT = (ConfigurationError, RactoGatewayAuthError, QuotaExhaustedError)
_A_MESSAGES_FAULT = (UnsupportedFeatureError, SchemaError, FilterError)


class Verdict(Enum):
    """What to do after a failure."""

    RETRY = "retry"
    GIVE_UP = "give up"
    STOP = "stop"


class Halt(RactoGatewayError):  # noqa: N818 - no error of its own: it carries one through the flow
    """Ends the stream: no message is to blame, or nobody may put the message aside.

    Attributes:
        error: What to raise to the user; None when the time for an orderly end is over.
    """

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__("" if error is None else str(error))
        self.error = error


class Spoilt(RactoGatewayError):  # noqa: N818 - a sign to the flow, as Halt is
    """A transaction holds some outputs of a call that failed; only aborting it takes them back."""


def verdict(error: Exception, attempts: int, policy: RetryPolicy) -> tuple[Verdict, float]:
    """Judge one failure.

    An error of racto's says itself whether another attempt may help; any other exception of a
    handler may be an accident, and is tried again.

    Args:
        error: What the handler raised.
        attempts: How often it was called for the message so far.
        policy: How often to try, and how long to wait.

    Returns:
        The verdict and, for a retry, the seconds to wait before it.
    """
    if isinstance(error, _NOBODYS_FAULT) and not isinstance(error, _A_MESSAGES_FAULT):
        return Verdict.STOP, 0.0
    asked = None
    if isinstance(error, RactoGatewayError):
        if not error.retryable:
            return Verdict.GIVE_UP, 0.0
        asked = error.retry_after
    if attempts >= policy.attempts or (asked is not None and asked > policy.patience):
        return Verdict.GIVE_UP, 0.0
    return Verdict.RETRY, policy.delay(attempts, retry_after=asked)


def is_transient(error: Exception) -> bool:
    """Whether the error says that the same call may succeed, so that no message is to blame."""
    return isinstance(error, RactoGatewayError) and error.retryable
