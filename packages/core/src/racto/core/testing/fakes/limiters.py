"""A rate limiter with a true sliding window, in memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from uuid import uuid4

from racto.core.flows import threaded
from racto.core.protocols.limiters import Reservation


class WindowLimiter:
    """Grants at most ``budget`` tokens a user in any stretch of ``window_seconds``.

    Args:
        budget: Tokens a user may use in the window.
        window_seconds: Length of the window, in seconds.
        clock: Tells the time in seconds; replace it to let time pass in a test.
    """

    def __init__(
        self,
        budget: int = 20,
        window_seconds: float = 60.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.budget = budget
        self.window_seconds = window_seconds
        self._clock = clock
        # For each user, by mark: when the use leaves the window, and how much it was.
        self._uses: dict[str, dict[str, tuple[float, int]]] = {}
        self._open: set[str] = set()
        self._lock = threading.Lock()

    def check_and_consume(self, user_id: str, tokens: int = 1) -> bool:
        """Take ``tokens`` from the user's budget if they fit.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        return self._take(user_id, tokens) is not None

    acheck_and_consume = threaded(check_and_consume)

    def get_remaining(self, user_id: str) -> int:
        """What is left of the budget now; 0 when more was settled than there was."""
        with self._lock:
            return max(0, self._left(user_id))

    aget_remaining = threaded(get_remaining)

    def retry_after(self, user_id: str, tokens: int = 1) -> float:
        """Seconds until ``tokens`` would fit; 0.0 when they fit now, ``inf`` when never.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        _check_amount(tokens)
        if tokens > self.budget:
            return math.inf
        with self._lock:
            missing = tokens - self._left(user_id)
            wait = 0.0
            # Uses leave the window in the order of their ends; wait for the one that is enough.
            for end, amount in sorted(self._uses.get(user_id, {}).values()):
                if missing <= 0:
                    break
                missing -= amount
                wait = end - self._clock()
            return wait

    aretry_after = threaded(retry_after)

    def reset(self, user_id: str) -> None:
        """Restore one user's full budget."""
        with self._lock:
            self._uses.pop(user_id, None)

    areset = threaded(reset)

    def reserve(self, user_id: str, tokens: int) -> Reservation:
        """Set tokens aside if they fit."""
        mark = self._take(user_id, tokens)
        if mark is None:
            wait = self.retry_after(user_id, tokens)
            return Reservation(user_id=user_id, tokens=tokens, allowed=False, retry_after=wait)
        with self._lock:
            self._open.add(mark)
        return Reservation(user_id=user_id, tokens=tokens, allowed=True, token=mark)

    areserve = threaded(reserve)

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace the estimate by what was used; settling twice changes nothing.

        Raises:
            ValueError: If ``used`` is negative.
        """
        if used < 0:
            raise ValueError(f"used must be at least 0, not {used}")
        with self._lock:
            if reservation.token not in self._open:
                return
            self._open.remove(reservation.token)
            uses = self._uses.get(reservation.user_id, {})
            if reservation.token in uses:
                uses[reservation.token] = (uses[reservation.token][0], used)

    asettle = threaded(settle)

    def _take(self, user_id: str, tokens: int) -> str | None:
        _check_amount(tokens)
        with self._lock:
            if tokens > self._left(user_id):
                return None
            mark = uuid4().hex
            end = self._clock() + self.window_seconds
            self._uses.setdefault(user_id, {})[mark] = (end, tokens)
            return mark

    def _left(self, user_id: str) -> int:
        now = self._clock()
        uses = self._uses.get(user_id, {})
        for mark in [mark for mark, (end, _) in uses.items() if end <= now]:
            del uses[mark]
        return self.budget - sum(amount for _, amount in uses.values())


def _check_amount(tokens: int) -> None:
    if tokens < 1:
        raise ValueError(f"tokens must be at least 1, not {tokens}")
