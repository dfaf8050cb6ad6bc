"""Job queues: whatever runs named work elsewhere and keeps its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class JobState(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the job will not change any more."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """A job at one moment.

    Attributes:
        job_id: The job.
        state: How far it is.
        result: Its result, once it succeeded.
        error: Why it failed, once it did; free of secrets.
        progress: Fraction done, 0.0 to 1.0; None when unknown.
    """

    job_id: str
    state: JobState
    result: Any = None
    error: str | None = None
    progress: float | None = None


@runtime_checkable
class JobQueue(Protocol):
    """Runs jobs at least once; payloads and results are JSON-serialisable."""

    def submit(
        self, name: str, payload: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> str:
        """Queue a job and return its id; the same key returns the same job."""
        ...

    async def asubmit(
        self, name: str, payload: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> str:
        """Async twin of :meth:`submit`."""
        ...

    def status(self, job_id: str) -> JobStatus:
        """The job now; raises ``JobError`` for an unknown id."""
        ...

    async def astatus(self, job_id: str) -> JobStatus:
        """Async twin of :meth:`status`."""
        ...

    def join(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        """Block until the job has ended, and return it as it is then.

        Args:
            job_id: The job.
            timeout: Seconds to wait at most; None waits as long as it takes.

        Returns:
            The job; when the time was up first, a status that is not final, which is no failure.

        Raises:
            JobError: If the id is unknown.
        """
        ...

    async def ajoin(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        """Async twin of :meth:`join`."""
        ...

    def cancel(self, job_id: str) -> None:
        """Ask for the job's end; fine if it has ended."""
        ...

    async def acancel(self, job_id: str) -> None:
        """Async twin of :meth:`cancel`."""
        ...
