"""What every tuner can do with a job that is made: look, list, cancel, wait, draw."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from racto.core.deadlines import Deadline
from racto.core.flows import Flow, arun, run

from .jobs import TuningCheckpoint, TuningEvent, TuningJob
from .narration import told
from .waiting import Report, Wait, WaitPolicy, succeeded

T = TypeVar("T")


class TuningWire(Protocol):
    """What there is to ask of a provider about jobs, as flows."""

    def get(self, job_id: str) -> Flow[TuningJob]:
        """The job now."""
        ...

    def look(self, job_id: str, deadline: Deadline) -> Flow[TuningJob]:
        """The job now, asked for once."""
        ...

    def cancel(self, job_id: str) -> Flow[TuningJob]:
        """Ask for the job's end."""
        ...

    def jobs(self, limit: int | None) -> Flow[list[TuningJob]]:
        """The latest jobs, the newest first."""
        ...

    def checkpoints(self, job_id: str) -> Flow[list[TuningCheckpoint]]:
        """The checkpoints of a job, the newest first."""
        ...

    def news(self, job_id: str, seen: set[str], deadline: Deadline) -> Flow[Sequence[TuningEvent]]:
        """The events of a job that were not seen before, the oldest first."""
        ...


class JobTracking(ABC):
    """The calls about jobs that are the same with every provider."""

    @abstractmethod
    def _talking(self, talk: Callable[[TuningWire], Flow[T]]) -> Flow[T]:
        """Open a client, talk over the provider's wire, and close it."""

    def get_status(self, job_id: str) -> TuningJob:
        """The job now.

        Args:
            job_id: Its id.

        Raises:
            NotFoundError: If there is no such job.
            RactoGatewayError: What the provider, or the network, has against it.
        """
        return run(self._talking(lambda wire: wire.get(job_id)))

    async def aget_status(self, job_id: str) -> TuningJob:
        """Async twin of :meth:`get_status`."""
        return await arun(self._talking(lambda wire: wire.get(job_id)))

    def list_jobs(self, limit: int = 10) -> list[TuningJob]:
        """The latest jobs of the account, the newest first.

        Args:
            limit: Most jobs.
        """
        return run(self._talking(lambda wire: wire.jobs(limit)))

    async def alist_jobs(self, limit: int = 10) -> list[TuningJob]:
        """Async twin of :meth:`list_jobs`."""
        return await arun(self._talking(lambda wire: wire.jobs(limit)))

    def cancel_job(self, job_id: str) -> TuningJob:
        """Ask for the job's end; there will be no model. Fine if it is cancelled already.

        Args:
            job_id: Its id.

        Raises:
            BadRequestError: If it has succeeded or failed.
            NotFoundError: If there is no such job.
        """
        return run(self._talking(lambda wire: wire.cancel(job_id)))

    async def acancel_job(self, job_id: str) -> TuningJob:
        """Async twin of :meth:`cancel_job`."""
        return await arun(self._talking(lambda wire: wire.cancel(job_id)))

    def list_checkpoints(self, job_id: str) -> list[TuningCheckpoint]:
        """The models from the middle of the training, the newest first.

        Args:
            job_id: The job.
        """
        return run(self._talking(lambda wire: wire.checkpoints(job_id)))

    async def alist_checkpoints(self, job_id: str) -> list[TuningCheckpoint]:
        """Async twin of :meth:`list_checkpoints`."""
        return await arun(self._talking(lambda wire: wire.checkpoints(job_id)))


def followed(
    wire: TuningWire,
    job_id: str,
    policy: WaitPolicy,
    *,
    verbose: bool,
    on_progress: Report | None,
) -> Flow[str]:
    """Wait until a job has ended, and name its model.

    Args:
        wire: Asks the provider.
        job_id: The job.
        policy: How often to look, and for how long.
        verbose: Whether progress is printed.
        on_progress: Told of it, too.

    Raises:
        TuningJobError: If it failed or was cancelled.
        DeadlineExceededError: If the time is up; the job goes on.
    """
    seen: set[str] = set()
    wait = Wait(job_id, policy, report=told(verbose, on_progress))
    job = yield from wait.ended(
        lambda deadline: wire.look(job_id, deadline),
        lambda deadline: wire.news(job_id, seen, deadline),
    )
    return succeeded(job)
