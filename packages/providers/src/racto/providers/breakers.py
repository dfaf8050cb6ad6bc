"""Circuit breakers: a kit that keeps failing is left alone for a while, then tried by one request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError

BreakerState: TypeAlias = Literal["closed", "open", "half-open"]
"""``closed`` lets requests through, ``open`` none, ``half-open`` a single one on trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """When a circuit opens, and for how long.

    Attributes:
        failures: Failures in a row that open it.
        cooldown: Seconds for which it stays open before one request may try, and after which
            another one may when nothing was heard of that.
        longest: Most seconds for which a server's ``Retry-After`` keeps it open.

    Raises:
        ConfigurationError: If a number is out of range.
    """

    failures: int = 5
    cooldown: float = 30.0
    longest: float = 300.0

    def __post_init__(self) -> None:
        if self.failures < 1:
            raise ConfigurationError(f"failures must be at least 1, not {self.failures}")
        if not (self.cooldown >= 0 and self.longest >= 0):
            raise ConfigurationError("cooldown and longest are seconds, zero or more")


class Permit:
    """Leave to ask a kit once, followed by one report of how that went.

    Args:
        breaker: The circuit that gives it.
        opened: How often the circuit had opened by then.
    """

    __slots__ = ("_breaker", "opened")

    def __init__(self, breaker: CircuitBreaker, opened: int) -> None:
        self._breaker = breaker
        self.opened = opened

    def succeeded(self) -> None:
        """Note that the kit answered; closes the circuit unless it has opened since."""
        self._breaker._succeeded(self)

    def failed(self, retry_after: float | None = None) -> None:
        """Note that the kit failed.

        Args:
            retry_after: Seconds for which it asked to be left alone; it is, at once.
        """
        self._breaker._failed(self, retry_after)

    def released(self) -> None:
        """Note that the request was called off, which says nothing about the kit."""
        self._breaker._released(self)


class CircuitBreaker:
    """The circuit of one kit, shared by threads, tasks and event loops.

    Requests overlap, so reports come late: what a request from before the circuit opened has to
    say neither closes it nor keeps it open, save for a ``Retry-After``.

    Args:
        policy: When it opens, and for how long.
        clock: A clock in seconds that never goes back.
    """

    def __init__(
        self, policy: BreakerPolicy, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._policy = policy
        self._clock = clock
        # Nothing is awaited under it, so tasks may share it with threads.
        self._lock = threading.Lock()
        self._failures = 0
        self._opened = 0
        self._open_until: float | None = None
        self._trial: Permit | None = None
        self._trial_until = 0.0

    @property
    def state(self) -> BreakerState:
        """Where the circuit stands now."""
        return self.standing()[0]

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    @property
    def wait(self) -> float:
        """Seconds until a request may try; zero when one may now, or is trying."""
        return self.standing()[2]

    @property
    def ready(self) -> bool:
        """Whether :meth:`admit` would let a request through now."""
        with self._lock:
            return self._admits(self._clock())

    def standing(self) -> tuple[BreakerState, int, float]:
        """State, failures and wait of one moment."""
        with self._lock:
            if self._open_until is None:
                return "closed", self._failures, 0.0
            wait = max(0.0, self._open_until - self._clock())
            return ("open" if wait else "half-open"), self._failures, wait

    def admit(self) -> Permit | None:
        """Leave for one request, or None; one at a time while the circuit is half-open."""
        with self._lock:
            now = self._clock()
            if not self._admits(now):
                return None
            permit = Permit(self, self._opened)
            if self._open_until is not None:
                self._trial = permit
                # A trial that is never heard of again must not shut the kit out for good.
                self._trial_until = now + self._policy.cooldown
            return permit

    def _admits(self, now: float) -> bool:
        if self._open_until is None:
            return True
        return now >= self._open_until and (self._trial is None or now >= self._trial_until)

    def _succeeded(self, permit: Permit) -> None:
        with self._lock:
            if permit.opened == self._opened:
                self._failures = 0
                self._open_until = None
                self._trial = None

    def _failed(self, permit: Permit, retry_after: float | None) -> None:
        with self._lock:
            self._failures += 1
            # A trial that fails opens the circuit again, however few failures there were.
            enough = self._open_until is not None or self._failures >= self._policy.failures
            if enough and permit.opened == self._opened:
                self._open(self._policy.cooldown)
            if retry_after:
                self._open(min(retry_after, self._policy.longest))

    def _released(self, permit: Permit) -> None:
        with self._lock:
            if self._trial is permit:
                self._trial = None

    def _open(self, seconds: float) -> None:
        until = self._clock() + seconds
        self._open_until = until if self._open_until is None else max(self._open_until, until)
        self._opened += 1
        self._trial = None
