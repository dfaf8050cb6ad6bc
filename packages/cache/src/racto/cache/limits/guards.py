"""Limiters that raise: a call that goes on only where it fits, in one line or around a block."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from racto.core.protocols.limiters import Reservation

from .rules import Verdict, refusal


class Spending:
    """What a block of code under a limit has used.

    Attributes:
        used: Tokens used; the estimate until the block sets it.
    """

    __slots__ = ("used",)

    def __init__(self, used: int) -> None:
        self.used = used


class Guard:
    """What every limiter offers beyond the protocol; a limiter adds how it decides and settles."""

    def consume(self, user_id: str, tokens: int = 1, *, model: str = "") -> None:
        """Take ``tokens`` from the budgets, or raise.

        Args:
            user_id: Whose budget.
            tokens: How many.
            model: The model's name, for limits that each model has.

        Raises:
            RateLimitExceededError: If they do not fit; nothing was taken, ``retry_after`` says
                when they would fit.
            ValueError: If ``tokens`` is below 1.
        """
        _insist(self._decided(user_id, tokens, model), user_id, tokens)

    async def aconsume(self, user_id: str, tokens: int = 1, *, model: str = "") -> None:
        """Async twin of :meth:`consume`."""
        _insist(await self._adecided(user_id, tokens, model), user_id, tokens)

    @contextmanager
    def limited(self, user_id: str, tokens: int, *, model: str = "") -> Iterator[Spending]:
        """Reserve an estimate for a block of code, and settle what it used at its end.

        The block sets ``used`` of what it gets; one that raises without having set it has used its
        estimate.

        Args:
            user_id: Whose budget.
            tokens: The estimate.
            model: The model's name, for limits that each model has.

        Raises:
            RateLimitExceededError: If the estimate does not fit; the block did not begin.
            ValueError: If ``tokens`` is below 1.
        """
        verdict = self._decided(user_id, tokens, model, hold=True)
        _insist(verdict, user_id, tokens)
        spending = Spending(tokens)
        try:
            yield spending
        finally:
            self.settle(reservation(user_id, tokens, verdict), spending.used)

    @asynccontextmanager
    async def alimited(
        self, user_id: str, tokens: int, *, model: str = ""
    ) -> AsyncIterator[Spending]:
        """Async twin of :meth:`limited`."""
        verdict = await self._adecided(user_id, tokens, model, hold=True)
        _insist(verdict, user_id, tokens)
        spending = Spending(tokens)
        try:
            yield spending
        finally:
            await self.asettle(reservation(user_id, tokens, verdict), spending.used)

    def check_and_consume(self, user_id: str, tokens: int = 1, *, model: str = "") -> bool:
        """Take ``tokens`` from all budgets if they fit into each, in one step.

        Args:
            user_id: Whose budget; every character stands for itself.
            tokens: How many.
            model: The model's name, for limits that each model has; calls without one share one.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        return self._decided(user_id, tokens, model).allowed

    async def acheck_and_consume(self, user_id: str, tokens: int = 1, *, model: str = "") -> bool:
        """Async twin of :meth:`check_and_consume`."""
        return (await self._adecided(user_id, tokens, model)).allowed

    def reserve(self, user_id: str, tokens: int, *, model: str = "") -> Reservation:
        """Set tokens aside if they fit, until :meth:`settle` says how many were used.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        return reservation(user_id, tokens, self._decided(user_id, tokens, model, hold=True))

    async def areserve(self, user_id: str, tokens: int, *, model: str = "") -> Reservation:
        """Async twin of :meth:`reserve`."""
        return reservation(user_id, tokens, await self._adecided(user_id, tokens, model, hold=True))

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace a reservation's estimate by what was used; once, a second time does nothing.

        What was not used is given back to where it was taken. What was used beyond the estimate is
        counted now, in full, even where the budget is exceeded. A request stays counted. Can be
        settled until an hour after the longest window has passed, unless the user was reset.

        Raises:
            ValueError: If ``used`` is negative.
        """
        raise NotImplementedError

    async def asettle(self, reservation: Reservation, used: int) -> None:
        """Async twin of :meth:`settle`."""
        raise NotImplementedError

    def _decided(self, user_id: str, tokens: int, model: str, *, hold: bool = False) -> Verdict:
        raise NotImplementedError

    async def _adecided(
        self, user_id: str, tokens: int, model: str, *, hold: bool = False
    ) -> Verdict:
        raise NotImplementedError


def reservation(user_id: str, tokens: int, verdict: Verdict) -> Reservation:
    """The reservation that a verdict stands for."""
    return Reservation(
        user_id=user_id,
        tokens=tokens,
        allowed=verdict.allowed,
        retry_after=verdict.retry_after,
        token=verdict.mark,
    )


def _insist(verdict: Verdict, user_id: str, tokens: int) -> None:
    if not verdict.allowed:
        raise refusal(verdict, user_id, tokens)
