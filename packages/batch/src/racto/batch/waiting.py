"""Waiting for a job: looks with jitter, ever rarer while nothing moves, under one deadline."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from racto.core.deadlines import Deadline
from racto.core.errors import ConfigurationError, DeadlineExceededError, RactoGatewayError
from racto.core.flows import Flow

from .jobs import BatchJobInfo
from .threads import pause

OnProgress: TypeAlias = Callable[[BatchJobInfo], object]
"""Is told of the job after each look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a job is looked at.

    Attributes:
        interval_s: Seconds between two looks, a tenth more or less by chance.
        slower: Factor for each look in a row that found nothing new.
        slowest: Most that these factors come to.
        patience_s: Longest wait in seconds after a look that failed; these double.

    Raises:
        ConfigurationError: If a number is out of range.
    """

    interval_s: float = 60.0
    slower: float = 1.25
    slowest: float = 4.0
    patience_s: float = 900.0

    def __post_init__(self) -> None:
        if not self.interval_s > 0:
            raise ConfigurationError(f"poll_interval_s must be above 0, not {self.interval_s}")

    def after(self, quiet: int, failures: int, *, asked_s: float | None = None) -> float:
        """Seconds until the next look.

        Args:
            quiet: Looks in a row that found nothing new.
            failures: Looks in a row that failed.
            asked_s: Seconds that the provider asked to wait.
        """
        if failures:
            # A provider in trouble gets well sooner when it is left alone.
            doubled = self.interval_s * 2.0 ** min(failures - 1, 30)
            wait = min(doubled, max(self.patience_s, self.interval_s))
        else:
            wait = self.interval_s * min(self.slowest, self.slower ** min(quiet, 100))
        # Many programs that were started together must not ask together for ever.
        return max(wait * random.uniform(0.9, 1.1), asked_s or 0.0)  # noqa: S311


def waiting(
    job_id: str,
    look: Callable[[Deadline], Flow[BatchJobInfo]],
    *,
    pace: Pace,
    deadline: Deadline,
    on_progress: OnProgress | None = None,
) -> Flow[BatchJobInfo]:
    """Look at a job until it has ended; a look that fails for a while does not end the wait.

    Args:
        job_id: The job.
        look: Looks at it once.
        pace: How often.
        deadline: When to give up.
        on_progress: Told after each look.

    Raises:
        DeadlineExceededError: If the time is up; the job goes on and can be waited for again.
        RactoGatewayError: If looking at it fails for good.
    """
    quiet = failures = 0
    before: tuple[object, ...] | None = None
    while True:
        asked, trouble = None, None
        try:
            info = yield from look(deadline)
        except RactoGatewayError as error:
            trouble, asked = error, error.retry_after
            if not error.retryable:
                if isinstance(error, TimeoutError):
                    _give_up(job_id, error)
                raise
            failures += 1
        else:
            failures = 0
            # Before the end is returned: a bar must reach its end, too.
            if on_progress is not None:
                on_progress(info)
            if info.status.is_final:
                return info
            now = (info.status, info.counts)
            quiet, before = (quiet + 1 if now == before else 0), now
        wait = pace.after(quiet, failures, asked_s=asked)
        if wait >= deadline.remaining():
            # One last look at the very end is worth more than the pace.
            if deadline.expired or trouble is not None:
                _give_up(job_id, trouble)
            wait = deadline.remaining()
        yield from pause(wait)


def _give_up(job_id: str, trouble: RactoGatewayError | None) -> NoReturn:
    failed = f" The last look failed: {trouble}" if trouble is not None else ""
    raise DeadlineExceededError(
        f"job {job_id} has not ended in the time allowed. It goes on at the provider: wait again "
        f"with wait_for({job_id!r}), or collect later with get_results({job_id!r}).{failed}"
    ) from trouble
