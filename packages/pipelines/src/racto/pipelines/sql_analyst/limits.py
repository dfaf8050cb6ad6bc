"""Budgets of users: tokens set aside before a run, and settled by what it really used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from racto.core.errors import RateLimitExceededError
from racto.core.flows import Flow
from racto.core.protocols.limiters import RateLimiter, Reservation, Reserving

from .voices import ask

ANONYMOUS = "anonymous"
"""Whose budget counts when nobody is named: one for all of them, so that nobody goes unlimited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Leave to run.

    Attributes:
        reservation: What was set aside; None when there is nothing to settle.
    """

    reservation: Reservation | None = None


class Turnstile:
    """Lets runs in as long as a user's budget lasts.

    Args:
        limiter: Any rate limiter; one that can reserve is settled by what a run used, any other,
            the reference's included, is charged the estimate. None lets everybody in.
        estimate: Tokens that a run is taken to need.
    """

    def __init__(self, limiter: RateLimiter | Any | None, *, estimate: int) -> None:
        self._limiter = limiter
        self._estimate = estimate

    def enter(self, user_id: str | None) -> Flow[Ticket]:
        """Set the estimate aside.

        Raises:
            RateLimitExceededError: If it does not fit into what is left.
        """
        if self._limiter is None:
            return Ticket()
        user = user_id or ANONYMOUS
        if isinstance(self._limiter, Reserving):
            # Atomic in the limiter, where asking first and taking later would let two runs in.
            reservation = yield from ask(self._limiter, "reserve", user, self._estimate)
            if reservation.allowed:
                return Ticket(reservation=reservation)
            raise _refusal(user, reservation.retry_after)
        if not (yield from ask(self._limiter, "check_and_consume", user, self._estimate)):
            # The reference has no method that tells how long.
            wait = 0.0
            if hasattr(self._limiter, "retry_after"):
                wait = yield from ask(self._limiter, "retry_after", user, self._estimate)
            raise _refusal(user, wait)
        return Ticket()

    def leave(self, ticket: Ticket, used: int) -> Flow[None]:
        """Settle by the tokens that were used; zero when no model was asked."""
        if ticket.reservation is not None:
            yield from ask(self._limiter, "settle", ticket.reservation, used)


def _refusal(user: str, wait: float) -> RateLimitExceededError:
    if wait == math.inf:
        return RateLimitExceededError(
            f"the budget of user {user!r} is smaller than one question needs; allow more tokens",
            retryable=False,
        )
    when = f"in {wait:.0f} s" if wait > 0 else "later"
    return RateLimitExceededError(
        f"the budget of user {user!r} is used up; ask again {when}", retry_after=wait or None
    )
