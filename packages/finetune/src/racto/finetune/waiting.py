"""Waiting for a job: looks with jitter, growing pauses, patience with outages, and one deadline."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from racto.core.deadlines import Deadline
from racto.core.errors import ConfigurationError, DeadlineExceededError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy

from .jobs import TuningEvent, TuningJob, TuningJobError, TuningProgress, TuningState
from .sleeping import asleep, sleep

Report: TypeAlias = Callable[[TuningProgress], None]
"""Told at each look at a job."""
Look: TypeAlias = Callable[[Deadline], Flow[TuningJob]]
News: TypeAlias = Callable[[Deadline], Flow[Sequence[TuningEvent]]]

THREE_DAYS = 259_200.0
"""Seconds that a wait lasts unless another limit is given."""

_JITTER = 0.2
_GROWTH = 1.5
# A bad file is refused within seconds; nobody should learn it after a whole interval.
_FIRST_LOOKS = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitPolicy:
    """How often to look at a job, and for how long.

    Attributes:
        poll_interval: Seconds between two looks, give or take a fifth; the first ones come sooner.
        timeout: Seconds that the wait lasts; None as long as the job does.
        outage: Seconds for which the provider may be out of reach before the wait gives up.

    Raises:
        ConfigurationError: If a number is out of range.
    """

    poll_interval: float = 30.0
    timeout: float | None = THREE_DAYS
    outage: float = 3600.0

    def __post_init__(self) -> None:
        # An interval of zero would ask without a pause, for hours.
        if not (0 < self.poll_interval < math.inf):
            raise ConfigurationError(
                f"poll_interval is a number of seconds above zero, not {self.poll_interval!r}"
            )
        if self.timeout is not None and not self.timeout >= 0:
            raise ConfigurationError(f"timeout is seconds, zero or more, not {self.timeout!r}")
        if not self.outage >= 0:
            raise ConfigurationError(f"outage is seconds, zero or more, not {self.outage!r}")

    def pause(self, look: int, *, draw: Callable[[], float] = random.random) -> float:
        """Seconds to wait after a look that went well.

        Args:
            look: Its number, from 0.
            draw: Source of numbers from 0.0 to 1.0.
        """
        first = min(self.poll_interval, max(1.0, self.poll_interval * _FIRST_LOOKS))
        # Enough for any interval, and far from what a float cannot hold.
        grown = first * _GROWTH ** min(look, 60)
        return min(self.poll_interval, grown) * (1 - _JITTER + 2 * _JITTER * draw())

    def setback(self, failures: int, error: RactoGatewayError) -> float:
        """Seconds to wait after a look that failed.

        Args:
            failures: Looks in a row that failed, from 1.
            error: How.
        """
        # Tests, and servers on this machine, are asked many times a second.
        base = min(1.0, self.poll_interval)
        policy = RetryPolicy(base=base, maximum=max(60.0, self.poll_interval))
        # Half of the cap at least: full jitter may draw nearly nothing, again and again.
        most = policy.cap(failures)
        return max(most / 2, policy.delay(failures, retry_after=error.retry_after))


class Wait:
    """One wait for one job.

    Args:
        job_id: The job.
        policy: How often to look, and for how long.
        report: Told at each look; None for nobody.
        clock: A clock in seconds that never goes back.
    """

    def __init__(
        self,
        job_id: str,
        policy: WaitPolicy,
        *,
        report: Report | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job_id = job_id
        self._policy = policy
        self._report = report
        self._clock = clock
        self._deadline = Deadline.after(policy.timeout, clock=clock)
        self._begun = clock()
        self._failures = 0
        self._failing_since = 0.0
        self._step: int | None = None
        self._total: int | None = None

    def ended(self, look: Look, news: News | None = None) -> Flow[TuningJob]:
        """Wait until the job has ended.

        Args:
            look: Asks for the job.
            news: Asks for what happened since it was last asked; None where there is no such
                thing. Not asked when nobody is told.

        Returns:
            The job as it ended, well or not.

        Raises:
            DeadlineExceededError: A ``TimeoutError``: the time is up, and the job goes on.
            RactoGatewayError: If the job cannot be asked for; it goes on all the same.
        """
        looks, is_last = 0, False
        while True:
            trouble: RactoGatewayError | None = None
            try:
                job = yield from look(self._deadline)
                events = yield from self._news(job, news)
            except RactoGatewayError as error:
                trouble, pause = error, self._setback(error)
            # Outside the try: an error of the caller's own function is no trouble of the provider's.
            else:
                self._tell(job, events)
                if job.state.is_final:
                    return job
                self._failures = 0
                pause = self._policy.pause(looks)
                looks += 1
            # The pause before this look was the last one that the deadline left.
            if is_last:
                raise self._late() from trouble
            left = self._deadline.remaining()
            # The job is looked at once more when the time is up: it may just have ended.
            is_last = pause >= left
            yield from step(sleep, asleep, min(pause, left))

    def _news(self, job: TuningJob, news: News | None) -> Flow[Sequence[TuningEvent]]:
        if self._report is None or news is None:
            return ()
        try:
            return (yield from news(self._deadline))
        except RactoGatewayError:
            # Only colour: the end of a job must not get lost because its last words did.
            if job.state.is_final:
                return ()
            raise

    def _tell(self, job: TuningJob, events: Sequence[TuningEvent]) -> None:
        for event in events:
            self._step = event.step if event.step is not None else self._step
            self._total = event.total_steps or self._total
        if self._report is not None:
            self._report(
                TuningProgress(
                    job=job,
                    events=events,
                    elapsed=self._clock() - self._begun,
                    step=self._step,
                    total_steps=self._total,
                )
            )

    def _setback(self, error: RactoGatewayError) -> float:
        now = self._clock()
        # Counted from the first failure in a row; a single good look ends an outage.
        if not self._failures:
            self._failing_since = now
        self._failures += 1
        if not error.retryable or now - self._failing_since > self._policy.outage:
            error.add_note(f"job {self._job_id} was left to itself (failures: {self._failures})")
            raise error
        return self._policy.setback(self._failures, error)

    def _late(self) -> DeadlineExceededError:
        return DeadlineExceededError(
            f"job {self._job_id} has not ended within {self._policy.timeout:g} s; it goes on. "
            f"Wait for it again with wait_for_completion({self._job_id!r}), from any process, or "
            "allow a longer timeout"
        )


def succeeded(job: TuningJob) -> str:
    """The name of the model that a job made.

    Args:
        job: A job that has ended.

    Raises:
        TuningJobError: If it failed, was cancelled, or succeeded without a model.
    """
    if job.state is TuningState.SUCCEEDED and job.model:
        return job.model
    if job.state is TuningState.SUCCEEDED:
        what = "has succeeded, but names no model; look for it at the provider"
    elif job.state is TuningState.FAILED:
        at = f" (at fault: {job.fault.param})" if job.fault and job.fault.param else ""
        what = f"has failed: {job.fault or 'the provider does not say why'}{at}"
    else:
        what = f"was ended before it had a model ({job.status})"
    raise TuningJobError(f"job {job.job_id} {what}", job=job, provider=job.provider)
