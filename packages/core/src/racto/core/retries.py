"""When to try again, how long to wait, and when to stop: one policy and one deadline a request.

Delays have full jitter (a uniform draw up to an exponentially growing cap), and never fall below
what the other side asked for in ``Retry-After``.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from .deadlines import NO_DEADLINE, Deadline
from .errors import ConfigurationError, RactoGatewayError
from .flows import Flow, step

__all__ = [
    "NO_DEADLINE",
    "NO_RETRIES",
    "Deadline",
    "RetryPolicy",
    "parse_retry_after",
    "retrying",
]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait in between.

    Attributes:
        attempts: Most calls in all, the first included; 1 never retries.
        base: Cap of the first delay in seconds.
        multiplier: Growth of the cap from one delay to the next.
        maximum: Highest cap in seconds.
        jitter: ``full`` draws uniformly from zero to the cap; ``none`` waits the cap itself.
        patience: Longest ``Retry-After`` in seconds that is waited for; when the other side asks
            for more, the error is raised at once.

    Raises:
        ConfigurationError: If a number is out of range.
    """

    attempts: int = 3
    base: float = 0.5
    multiplier: float = 2.0
    maximum: float = 30.0
    jitter: Literal["full", "none"] = "full"
    patience: float = 120.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ConfigurationError(f"attempts counts the first call too: {self.attempts} < 1")
        if not (self.base >= 0 and self.maximum >= 0 and self.patience >= 0):
            raise ConfigurationError("base, maximum and patience are seconds, zero or more")
        if not self.multiplier >= 1:
            raise ConfigurationError(f"multiplier must be at least 1, not {self.multiplier}")

    def cap(self, attempt: int) -> float:
        """The longest delay in seconds after the failed call number ``attempt``, from 1."""
        try:
            return min(self.maximum, self.base * self.multiplier ** (attempt - 1))
        except OverflowError:
            return self.maximum if self.base else 0.0

    def delay(
        self,
        attempt: int,
        *,
        retry_after: float | None = None,
        draw: Callable[[], float] = random.random,
    ) -> float:
        """Seconds to wait after the failed call number ``attempt``.

        Args:
            attempt: Number of the call that failed, from 1.
            retry_after: Seconds that the other side asked for: the least that is returned.
            draw: Source of numbers from 0.0 to 1.0.
        """
        cap = self.cap(attempt)
        wait = draw() * cap if self.jitter == "full" else cap
        return max(wait, retry_after or 0.0)


NO_RETRIES = RetryPolicy(attempts=1)


def parse_retry_after(
    value: str | float | Mapping[str, str] | None, *, now: float | None = None
) -> float | None:
    """Read how long the other side asks to wait.

    Args:
        value: A ``Retry-After`` value (seconds or an HTTP date), a duration such as ``7s`` or
            ``250ms`` (Google's ``RetryInfo``), or a response's headers, where
            ``retry-after-ms`` goes before ``retry-after``.
        now: Current Unix time in seconds, to count from; the system's by default.

    Returns:
        Seconds, zero for a date that has passed; None when nothing usable was said.
    """
    if isinstance(value, Mapping):
        headers = {key.lower(): text for key, text in value.items()}
        found = _seconds(headers.get("retry-after-ms"), 0.001)
        return parse_retry_after(headers.get("retry-after"), now=now) if found is None else found
    if value is None or isinstance(value, (int, float)):
        return _seconds(value, 1.0)
    text = value.strip().lower()
    # "ms" before "s", which it ends with.
    for unit, factor in (("ms", 0.001), ("s", 1.0), ("", 1.0)):
        if text.endswith(unit):
            found = _seconds(text.removesuffix(unit), factor)
            if found is not None:
                return found
    return _until(value, time.time() if now is None else now)


def retrying(
    make_flow: Callable[[], Flow[T]],
    policy: RetryPolicy = RetryPolicy(),
    *,
    deadline: Deadline = NO_DEADLINE,
    on_retry: Callable[[Exception, int, float], None] | None = None,
) -> Flow[T]:
    """Run a flow, and run it again while it fails with an error that says it is retryable.

    The last error is raised as it is, with a note on the number of attempts.

    Args:
        make_flow: Makes the flow anew for each attempt.
        policy: How often, and how long to wait.
        deadline: No wait goes past it: the last error is raised instead.
        on_retry: Told before each wait: the error, the number of the failed attempt, and the
            seconds until the next one.

    Raises:
        DeadlineExceededError: If the deadline has passed before the first attempt.
        RactoGatewayError: What the last attempt raised.
    """
    deadline.check()
    attempt = 1
    while True:
        try:
            return (yield from make_flow())
        except RactoGatewayError as error:
            wait, verdict = _verdict(error, attempt, policy, deadline)
            if verdict is not None:
                # A note on an error that nobody would retry only makes it longer.
                if attempt > 1 or error.retryable:
                    error.add_note(f"{verdict} (attempts made: {attempt})")
                raise
            if on_retry is not None:
                on_retry(error, attempt, wait)
        # Outside the except block, so that a cancelled wait does not drag the old error along.
        yield from step(time.sleep, _asleep, wait)
        attempt += 1


def _verdict(
    error: RactoGatewayError, attempt: int, policy: RetryPolicy, deadline: Deadline
) -> tuple[float, str | None]:
    """Seconds to wait before the next attempt, or why there will be none."""
    if not error.retryable:
        return 0.0, "not retried: the error is final"
    if attempt >= policy.attempts:
        return 0.0, "not retried: all attempts are spent"
    # Waiting an hour in silence looks like a hang; the caller can decide better.
    if error.retry_after is not None and error.retry_after > policy.patience:
        return 0.0, f"not retried: the other side asks to wait {error.retry_after:g} s"
    wait = policy.delay(attempt, retry_after=error.retry_after)
    if wait >= deadline.remaining():
        return 0.0, f"not retried: the deadline comes before the next attempt in {wait:.3g} s"
    return wait, None


async def _asleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def _seconds(value: str | float | None, factor: float) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number * factor if math.isfinite(number) and number >= 0 else None


def _until(date: str, now: float) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(date)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    # The oldest HTTP date format names no zone; all HTTP dates are in GMT.
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    # A date that has passed means "now", not "before".
    return max(0.0, when.timestamp() - now)
