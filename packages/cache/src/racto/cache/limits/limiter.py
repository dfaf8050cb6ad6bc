"""A rate limiter for one process: exact sliding windows in memory, safe with threads and tasks."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from racto.cache.config import RateLimitConfig
from racto.core.errors import ConfigurationError
from racto.core.protocols.limiters import Reservation
from racto.core.protocols.metrics import Metrics

from .guards import Guard
from .holds import Hold, Holds
from .rules import (
    GRANTED,
    Rule,
    Verdict,
    check_call,
    check_used,
    hold_microseconds,
    never,
    remaining,
    rules_of,
)
from .tallies import Tally
from .windows import Window

# How many idle users are looked for whenever a new one comes: more than one, so the number shrinks.
_SWEPT = 2


class LocalRateLimiter(Guard):
    """Grants at most each limit's amount in any stretch of its window, in this process.

    Takes what :class:`~racto.cache.RedisRateLimiter` takes and decides alike; see
    :mod:`racto.cache.limits.windows` for the algorithm and how bursts behave. Nothing waits, so the
    async twins are the same calls. Users who have been idle for longer than a window are
    forgotten.

    Args:
        config: The limits; by default 10,000 tokens a minute for each user.
        max_users: Most users, and models, of each limit: of more than these the one whose use was
            counted longest ago is forgotten and begins anew. Ids that anybody can make up must not
            fill the memory, and whoever makes one up has a new budget anyway.
        clock: Tells the time in seconds; replace it to let time pass in a test.
        metrics: Counts what is granted and refused.

    Raises:
        ConfigurationError: If ``max_users`` is below 1.
    """

    def __init__(
        self,
        config: RateLimitConfig | None = None,
        *,
        max_users: int = 1_000_000,
        clock: Callable[[], float] = time.monotonic,
        metrics: Metrics | None = None,
    ) -> None:
        if max_users < 1:
            raise ConfigurationError(f"max_users must be at least 1, not {max_users}")
        self._config = config or RateLimitConfig()
        self._rules = rules_of(self._config)
        self._most = max_users
        self._holds = Holds(hold_microseconds(self._rules), most=max_users)
        self._clock = clock
        self._tally = Tally(metrics, "local") if metrics else None
        # One by limit; in each the holders, the one whose use was counted longest ago first.
        self._windows: list[OrderedDict[str, Window]] = [OrderedDict() for _ in self._rules]
        self._lock = Lock()

    def get_remaining(self, user_id: str, *, model: str = "") -> int:
        """The most tokens that one call of the user could take now; see the limits' settings.

        With limits on requests alone, the requests that are left.
        """
        check_call(user_id, 1)
        with self._lock:
            now = self._now()
            windows = [self._window(*each, now) for each in self._places(user_id, model)]
        return remaining(self._rules, [window.used if window else 0 for window in windows])

    async def aget_remaining(self, user_id: str, *, model: str = "") -> int:
        """Async twin of :meth:`get_remaining`."""
        return self.get_remaining(user_id, model=model)

    def retry_after(self, user_id: str, tokens: int = 1, *, model: str = "") -> float:
        """Seconds until ``tokens`` would fit; 0.0 when they fit now, ``inf`` when never.

        Raises:
            ValueError: If ``tokens`` is below 1.
        """
        check_call(user_id, tokens)
        with self._lock:
            found = never(self._rules, tokens) or self._judged(user_id, tokens, model, self._now())
        return found.retry_after

    async def aretry_after(self, user_id: str, tokens: int = 1, *, model: str = "") -> float:
        """Async twin of :meth:`retry_after`."""
        return self.retry_after(user_id, tokens, model=model)

    def reset(self, user_id: str) -> None:
        """Restore one user's own budgets in full; those of models and of all stay as they are.

        Reservations that the user still holds can no longer be settled.
        """
        check_call(user_id, 1)
        with self._lock:
            self._holds.drop(user_id)
            for rule, windows in zip(self._rules, self._windows, strict=True):
                if rule.limit.scope == "user":
                    windows.pop(user_id, None)

    async def areset(self, user_id: str) -> None:
        """Async twin of :meth:`reset`."""
        self.reset(user_id)

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace a reservation's estimate by what was used; see :meth:`Guard.settle`."""
        check_used(used)
        with self._lock:
            now = self._now()
            hold = self._holds.take(reservation.user_id, reservation.token, now)
            if hold is None:
                return
            for index, holder in self._places(reservation.user_id, hold.model):
                if self._rules[index].counts_tokens:
                    self._correct(index, holder, hold, used, now)

    async def asettle(self, reservation: Reservation, used: int) -> None:
        """Async twin of :meth:`settle`."""
        self.settle(reservation, used)

    def _decided(self, user_id: str, tokens: int, model: str, *, hold: bool = False) -> Verdict:
        check_call(user_id, tokens)
        verdict = never(self._rules, tokens)
        if verdict is None:
            with self._lock:
                now = self._now()
                verdict = self._judged(user_id, tokens, model, now)
                if verdict.allowed:
                    for index, holder in self._places(user_id, model):
                        self._count(index, holder, self._rules[index].cost(tokens), now)
                    if hold:
                        verdict = Verdict(
                            True, mark=self._holds.add(user_id, Hold(now, tokens, model))
                        )
        if self._tally:
            self._tally.add(verdict)
        return verdict

    async def _adecided(
        self, user_id: str, tokens: int, model: str, *, hold: bool = False
    ) -> Verdict:
        return self._decided(user_id, tokens, model, hold=hold)

    def _now(self) -> int:
        return int(self._clock() * 1_000_000)

    def _places(self, user_id: str, model: str) -> list[tuple[int, str]]:
        return [(index, rule.holder(user_id, model)) for index, rule in enumerate(self._rules)]

    def _window(self, index: int, holder: str, now: int) -> Window | None:
        window = self._windows[index].get(holder)
        if window is not None:
            window.roll(now // self._rules[index].width)
        return window

    def _judged(self, user_id: str, tokens: int, model: str, now: int) -> Verdict:
        worst: Rule | None = None
        longest = 0
        for index, rule in enumerate(self._rules):
            window = self._window(index, rule.holder(user_id, model), now)
            missing = (window.used if window else 0) + rule.cost(tokens) - rule.amount
            if window is not None and missing > 0:
                wait = window.wait(now, rule.width, missing)
                worst, longest = (rule, wait) if wait > longest else (worst, longest)
        return Verdict(False, worst.limit, longest / 1_000_000) if worst else GRANTED

    def _count(self, index: int, holder: str, amount: int, now: int) -> None:
        windows, width = self._windows[index], self._rules[index].width
        window = windows.get(holder)
        if window is None:
            self._sweep(windows, now // width)
            if len(windows) >= self._most:
                windows.popitem(last=False)
            window = windows[holder] = Window()
        else:
            windows.move_to_end(holder)
        window.add(now // width, amount)

    def _sweep(self, windows: OrderedDict[str, Window], current: int) -> None:
        for _ in range(min(_SWEPT, len(windows))):
            holder, window = next(iter(windows.items()))
            window.roll(current)
            if window.used:
                return
            del windows[holder]

    def _correct(self, index: int, holder: str, hold: Hold, used: int, now: int) -> None:
        window = self._window(index, holder, now)
        if used > hold.tokens:
            self._count(index, holder, used - hold.tokens, now)
        elif window is not None:
            window.give_back(hold.at // self._rules[index].width, hold.tokens - used)
