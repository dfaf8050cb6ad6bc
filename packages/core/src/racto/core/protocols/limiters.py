"""Rate limiters: budgets of tokens or requests over a window, by user or any other key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class RateLimiter(Protocol):
    """Grants or refuses amounts; a refused request consumes nothing.

    Amounts are positive whole numbers; zero and negative ones raise ``ValueError``. ``user_id`` may
    be any key, every character of which stands for itself.
    """

    def check_and_consume(self, user_id: str, tokens: int = 1) -> bool:
        """Take ``tokens`` from the user's budget if they fit, atomically."""
        ...

    async def acheck_and_consume(self, user_id: str, tokens: int = 1) -> bool:
        """Async twin of :meth:`check_and_consume`."""
        ...

    def get_remaining(self, user_id: str) -> int:
        """What is left of the budget now."""
        ...

    async def aget_remaining(self, user_id: str) -> int:
        """Async twin of :meth:`get_remaining`."""
        ...

    def retry_after(self, user_id: str, tokens: int = 1) -> float:
        """Seconds until ``tokens`` would fit; 0.0 when they fit now, ``inf`` when never."""
        ...

    async def aretry_after(self, user_id: str, tokens: int = 1) -> float:
        """Async twin of :meth:`retry_after`."""
        ...

    def reset(self, user_id: str) -> None:
        """Restore one user's full budget; wildcards have no meaning here."""
        ...

    async def areset(self, user_id: str) -> None:
        """Async twin of :meth:`reset`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Tokens set aside before their real number is known.

    Attributes:
        user_id: Whose budget.
        tokens: How many were set aside.
        allowed: Whether they fitted; when not, nothing was taken.
        retry_after: Seconds until they would fit, when they did not.
        token: Opaque mark by which the limiter knows the reservation.
    """

    user_id: str
    tokens: int
    allowed: bool
    retry_after: float = 0.0
    token: str = ""


@runtime_checkable
class Reserving(Protocol):
    """The power to reserve an estimate and settle the real amount afterwards.

    A reservation that is never settled, because its process died, counts as used in full.
    """

    def reserve(self, user_id: str, tokens: int) -> Reservation:
        """Set tokens aside if they fit.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        ...

    async def areserve(self, user_id: str, tokens: int) -> Reservation:
        """Async twin of :meth:`reserve`."""
        ...

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace the estimate by what was used; settling twice changes nothing.

        Args:
            reservation: What :meth:`reserve` gave.
            used: Tokens really used: zero when nothing came of it, and counted in full when they
                are more than the estimate or than was left.

        Raises:
            ValueError: If ``used`` is negative.
        """
        ...

    async def asettle(self, reservation: Reservation, used: int) -> None:
        """Async twin of :meth:`settle`."""
        ...
