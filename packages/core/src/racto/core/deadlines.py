"""The total time that a request may take, passed down to each of its steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import DeadlineExceededError


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """A point in time by which a whole request must be done, retries included.

    Attributes:
        at: The point on ``clock``; infinite for no deadline.
        clock: A clock in seconds that never goes back.
    """

    at: float = math.inf
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(
        cls, seconds: float | None, *, clock: Callable[[], float] = time.monotonic
    ) -> Deadline:
        """A deadline so many seconds from now; None for none at all."""
        return cls(at=math.inf if seconds is None else clock() + seconds, clock=clock)

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return self.remaining() <= 0.0

    def remaining(self) -> float:
        """Seconds left: zero when it has passed, infinite when there is none."""
        return max(0.0, self.at - self.clock())

    def check(self, what: str = "the request") -> None:
        """Do nothing while there is time.

        Args:
            what: What is being done, for the error.

        Raises:
            DeadlineExceededError: If the time is up.
        """
        if self.expired:
            late = self.clock() - self.at
            raise DeadlineExceededError(
                f"the time for {what} was up {late:.3f} s ago; allow a longer timeout"
            )

    def timeout(self, most: float | None = None) -> float | None:
        """Seconds that one step may take: what is left, at most ``most``; None for no limit."""
        left = self.at - self.clock()
        if most is not None and most < left:
            left = most
        # Clients write "no timeout" as None; an infinite one makes some of them raise.
        return None if left == math.inf else max(0.0, left)

    def child(self, seconds: float | None) -> Deadline:
        """The deadline of a step of at most so many seconds; never later than this one."""
        inner = Deadline.after(seconds, clock=self.clock)
        return inner if inner.at < self.at else self


NO_DEADLINE = Deadline()
