"""Rate limits on tasks, by any limiter: what does not fit the budget now runs later."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError, RateLimitExceededError
from racto.core.protocols.limiters import RateLimiter, Reservation, Reserving

from .deferrals import defer
from .factories import ProcessLocal
from .tasks import Call, Kind, TaskRun

_log = logging.getLogger("racto.celery")
_SHORTEST_WAIT_S = 0.05


class RateLayer:
    """Holds tasks to a budget of requests or tokens.

    A task that does not fit is put off until the limiter says it would, without taking up a
    process and without counting as a failed run.

    With a limiter that can reserve, ``tokens`` is an estimate: once the reply is there the tokens
    that it really used take its place, and nothing is charged for a run that failed.

    Args:
        limiter: The limiter, a function that makes one, or the import path of either as
            ``package.module:name``. One that keeps its budget in memory counts for each process
            alone.
        key: Whose budget: a name, or a function of the run; the task's name by default.
        tokens: What a task takes from it, or a function of the run.
        patience_s: Seconds that a task may be put off in all before it fails; None for no end.

    Raises:
        ConfigurationError: If the limiter cannot be one, or ``tokens`` is below 1.
    """

    def __init__(
        self,
        limiter: Any,
        *,
        key: str | Callable[[TaskRun], str] | None = None,
        tokens: int | Callable[[TaskRun], int] = 1,
        patience_s: float | None = 3600.0,
    ) -> None:
        if isinstance(tokens, int) and tokens < 1:
            raise ConfigurationError(f"tokens must be at least 1, not {tokens}")
        self._limiter = ProcessLocal(limiter, method="check_and_consume", role="limiter")
        self._key, self._tokens, self._patience_s = key, tokens, patience_s
        # Requests are counted as they are; only an estimate has to be settled.
        self._is_estimate = callable(tokens) or tokens > 1

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """No headers: the budget is asked where the task runs."""
        return {}

    def around(self, run: TaskRun, call: Call) -> Any:
        """Run the task if it fits the budget now, otherwise put it off.

        Raises:
            RateLimitExceededError: If it never fits, or was put off for too long.
            Ignore: If it was put off.
        """
        limiter: RateLimiter = self._limiter.get()
        key = self._key(run) if callable(self._key) else self._key or run.name
        tokens = self._tokens(run) if callable(self._tokens) else self._tokens
        if self._is_estimate and run.kind == "generate" and isinstance(limiter, Reserving):
            return self._settled(limiter, key, tokens, run, call)
        if not limiter.check_and_consume(key, tokens):
            self._put_off(run, key, tokens, limiter.retry_after(key, tokens))
        return call()

    def _settled(self, limiter: Reserving, key: str, tokens: int, run: TaskRun, call: Call) -> Any:
        reservation = limiter.reserve(key, tokens)
        if not reservation.allowed:
            self._put_off(run, key, tokens, reservation.retry_after)
        used = 0
        try:
            result = call()
            used = _used(result, tokens)
            return result
        finally:
            self._settle(limiter, reservation, used, run)

    def _settle(
        self, limiter: Reserving, reservation: Reservation, used: int, run: TaskRun
    ) -> None:
        try:
            limiter.settle(reservation, used)
        except RactoGatewayError as error:
            # The reply is paid for; asking once more would cost more than a wrong budget.
            _log.warning("%s[%s]: its tokens are not settled: %s", run.name, run.task_id, error)

    def _put_off(self, run: TaskRun, key: str, tokens: int, wait_s: float) -> None:
        error = RateLimitExceededError(
            f"the budget of {key!r} has no room for {tokens} now", retryable=math.isfinite(wait_s)
        )
        if not error.retryable:
            raise error
        error.retry_after = wait_s
        defer(run, max(_SHORTEST_WAIT_S, wait_s), error=error, patience_s=self._patience_s)


def _used(result: Any, estimate: int) -> int:
    """Tokens of a reply, those of a cache included; the estimate where nobody counted."""
    usage = result.get("usage") if isinstance(result, Mapping) else None
    if not isinstance(usage, Mapping):
        return estimate
    counts = [usage.get(name) for name in _COUNTS]
    return sum(count for count in counts if isinstance(count, int)) or estimate


_COUNTS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
