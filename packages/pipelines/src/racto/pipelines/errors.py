"""The errors of the pipelines, each on the tree of racto-core: what was refused, where, and why."""

from __future__ import annotations

from racto.core.errors import (
    ConfigurationError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitExceededError,
)


class ReadOnlyViolationError(RactoGatewayError, ValueError):
    """A statement was refused by the guard: it writes, reaches outside, or is not understood.

    Args:
        message: What was refused, why, and what may stand there instead.
        part: The piece of the statement that was refused, as it was written.
        rule: The rule that refused it, as a short name (``"function"``, ``"table"``, ...).
        line: Where the part stands, counted from 1; 0 when it has no place of its own.
        column: The column of its first character, counted from 1; 0 when it has none.
    """

    def __init__(
        self, message: str, *, part: str = "", rule: str = "", line: int = 0, column: int = 0
    ) -> None:
        super().__init__(message)
        self.part = part
        self.rule = rule
        self.line = line
        self.column = column


class SandboxError(RactoGatewayError):
    """Analysis code failed: it raised, or its process ended; the message says how."""


class SandboxViolationError(SandboxError):
    """Analysis code was refused: it reaches for what the sandbox does not hand out."""


class SandboxLimitError(SandboxError, RactoGatewayTimeoutError):
    """Analysis code was stopped at a limit on time, memory or output; the message names it."""


class SandboxUnavailableError(SandboxError):
    """This platform cannot lock the process down, and nobody said ``sandbox="unsafe"``."""


class QueryError(RactoGatewayError):
    """The database refused or broke off a statement that the guard had passed."""


class QueryLimitError(QueryError, RactoGatewayTimeoutError):
    """A query was stopped at a limit on time, bytes or planned cost; the message names it."""


class CannotAnswerError(RactoGatewayError):
    """The model says that the schema cannot answer the question; the message is its reason."""


class ClassifierRateLimitExceededError(RateLimitExceededError):
    """The classifier's limiter has no room for this user; the message says when there is."""


class ChartError(ConfigurationError):
    """A chart cannot be drawn as it was asked for; the message says what can be."""
