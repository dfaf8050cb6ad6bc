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
        cooldown: Seconds for which it stays open before one request may try.
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


class CircuitBreaker:
    """The circuit of one kit, shared by threads, tasks and event loops.

    Whoever is admitted reports once: :meth:`succeeded`, :meth:`failed`, or :meth:`released`
    when it was called off.

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
        self._open_until: float | None = None
        self._on_trial = False

    @property
    def state(self) -> BreakerState:
        """Where the circuit stands now."""
        until = self._open_until
        if until is None:
            return "closed"
        return "half-open" if self._clock() >= until else "open"

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    @property
    def wait(self) -> float:
        """Seconds until a request may try; zero when one may now."""
        until = self._open_until
        return 0.0 if until is None else max(0.0, until - self._clock())

    def admit(self) -> bool:
        """Whether a request may go through; one at a time while the circuit is half-open."""
        with self._lock:
            if self._open_until is None:
                return True
            if self._on_trial or self._clock() < self._open_until:
                return False
            self._on_trial = True
            return True

    def succeeded(self) -> None:
        """Note that the kit answered; the circuit closes."""
        with self._lock:
            self._failures = 0
            self._open_until = None
            self._on_trial = False

    def failed(self, retry_after: float | None = None) -> None:
        """Note that the kit failed.

        Args:
            retry_after: Seconds for which it asked to be left alone; it is, at once.
        """
        with self._lock:
            self._failures += 1
            # A trial that fails opens the circuit again, however few failures there were.
            if self._on_trial or self._failures >= self._policy.failures:
                self._open(self._policy.cooldown)
            if retry_after:
                self._open(min(retry_after, self._policy.longest))
            self._on_trial = False

    def released(self) -> None:
        """Note that the request was called off, which says nothing about the kit."""
        with self._lock:
            self._on_trial = False

    def _open(self, seconds: float) -> None:
        until = self._clock() + seconds
        self._open_until = until if self._open_until is None else max(self._open_until, until)
