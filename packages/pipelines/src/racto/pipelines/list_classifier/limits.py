"""The limiter of a pipeline: tokens set aside before a call, and what was used counted after."""

from __future__ import annotations

import math
from typing import Any

from racto.core.flows import Flow
from racto.core.protocols.limiters import Reservation, Reserving
from racto.pipelines.errors import ClassifierRateLimitExceededError

from .voices import voice

ESTIMATE = 500
"""Tokens that a call is taken to use until its usage is known."""

# A budget of their own, or calls without a name would be free.
_NOBODY = "anonymous"


class Budget:
    """Takes tokens from a user's budget, by reservation where the limiter has that power.

    Args:
        limiter: Keeps ``RateLimiter``, or the reference's two methods.
    """

    def __init__(self, limiter: Any) -> None:
        self._reserve = self._settle = None
        if isinstance(limiter, Reserving):
            self._reserve = voice(limiter, "reserve", role="rate_limiter")
            self._settle = voice(limiter, "settle", role="rate_limiter")
        else:
            self._take = voice(limiter, "check_and_consume", role="rate_limiter")
            self._wait = (
                voice(limiter, "retry_after", role="rate_limiter")
                if hasattr(limiter, "retry_after")
                else None
            )

    def take(self, user_id: str | None) -> Flow[Reservation | None]:
        """Take the estimate.

        Args:
            user_id: Whose budget; that of nobody in particular when None.

        Returns:
            What to settle afterwards; None when the limiter counts the estimate as used.

        Raises:
            ClassifierRateLimitExceededError: If there is not enough left.
        """
        user = user_id or _NOBODY
        if self._reserve is not None:
            reservation: Reservation = yield self._reserve(user, ESTIMATE)
            if not reservation.allowed:
                raise _refusal(reservation.retry_after)
            return reservation
        allowed = yield self._take(user, ESTIMATE)
        if not allowed:
            # The reference's limiters cannot say how long.
            wait = (yield self._wait(user, ESTIMATE)) if self._wait is not None else None
            raise _refusal(wait)
        return None

    def settle(self, reservation: Reservation | None, used: int) -> Flow[None]:
        """Count what was used instead of the estimate.

        Args:
            reservation: What :meth:`take` gave.
            used: Tokens, 0 or more.
        """
        if reservation is not None and self._settle is not None:
            yield self._settle(reservation, used)


def _refusal(wait: float | None) -> ClassifierRateLimitExceededError:
    if wait is not None and math.isinf(wait):
        return ClassifierRateLimitExceededError(
            f"one classification needs {ESTIMATE} tokens, more than the limiter ever allows",
            retryable=False,
        )
    advice = f"; try again in {wait:.1f} seconds" if wait else ""
    return ClassifierRateLimitExceededError(
        f"the user's token budget has no room for another classification{advice}",
        retry_after=wait or None,
    )
