"""When a failed task runs again, and after how many seconds: only what may succeed later."""

from __future__ import annotations

import random
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from racto.core.errors import RactoGatewayError
from racto.core.retries import RetryPolicy


class RetryConfig(BaseModel):
    """Exponential backoff of the tasks of a :class:`~racto.celery.RactoCeleryWorker`.

    The cap after attempt ``n``, counted from 0, is ``min(initial_delay_s * backoff_factor ** n,
    max_delay_s)``; with the defaults 2 s, 4 s and 8 s. The reference package waits the cap itself,
    so that all tasks that failed together come back together; here the wait is a random number
    from half of the cap to the cap.

    Attributes:
        max_retries: Most runs after the first failure; 0 retries nothing.
        initial_delay_s: Cap of the first wait in seconds.
        backoff_factor: Growth of the cap; above 1.
        max_delay_s: Highest cap in seconds.
        jitter: Whether to draw the wait; otherwise it is the cap.
        max_retry_after_s: Longest ``Retry-After`` in seconds that is waited for; when the other
            side asks for more, the task fails at once. Keep it below the broker's visibility
            timeout, or a waiting task is delivered twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_retries: int = Field(default=3, ge=0)
    initial_delay_s: float = Field(default=2.0, ge=0.0, allow_inf_nan=False)
    backoff_factor: float = Field(default=2.0, gt=1.0, allow_inf_nan=False)
    max_delay_s: float = Field(default=300.0, ge=0.0, allow_inf_nan=False)
    jitter: bool = True
    max_retry_after_s: float = Field(default=900.0, ge=0.0, allow_inf_nan=False)

    def cap(self, attempt: int) -> float:
        """The longest wait in seconds after attempt number ``attempt``, from 0."""
        policy = RetryPolicy(
            base=self.initial_delay_s, multiplier=self.backoff_factor, maximum=self.max_delay_s
        )
        return policy.cap(attempt + 1)

    def delay(
        self,
        attempt: int,
        *,
        retry_after: float | None = None,
        draw: Callable[[], float] = random.random,
    ) -> float:
        """Seconds to wait after attempt number ``attempt``, from 0.

        Args:
            attempt: Number of the attempt that failed.
            retry_after: Seconds that the other side asked for: the least that is returned.
            draw: Source of numbers from 0.0 to 1.0.
        """
        cap = self.cap(attempt)
        share = 0.5 + 0.5 * draw() if self.jitter else 1.0
        if retry_after is None:
            return cap * share
        # Whoever was told the same moment would come back at the same moment.
        return retry_after + (cap * (share - 0.5) if self.jitter else 0.0)

    def wait(self, error: BaseException, attempt: int) -> float | None:
        """Seconds until a task that failed runs again; None when it does not.

        Args:
            error: Why it failed.
            attempt: Number of the attempt that failed, from 0.
        """
        if not isinstance(error, RactoGatewayError) or not error.retryable:
            return None
        if attempt >= self.max_retries or (error.retry_after or 0.0) > self.max_retry_after_s:
            return None
        return self.delay(attempt, retry_after=error.retry_after)
