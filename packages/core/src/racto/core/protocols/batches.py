"""Batch processors: providers' half-price bulk jobs, from submission to results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from racto.core.prompts import RactoPrompt

ItemT = TypeVar("ItemT", contravariant=True)
JobT = TypeVar("JobT", covariant=True)
ResultT = TypeVar("ResultT", covariant=True)


@runtime_checkable
class BatchProcessor(Protocol[ItemT, JobT, ResultT]):
    """Submits items as one job; every item ends as exactly one result, in the items' order."""

    def submit_batch(self, items: Sequence[ItemT], *, prompt: RactoPrompt | None = None) -> JobT:
        """Upload the items and start the job.

        Args:
            items: The requests; two of one id are refused before anything is uploaded.
            prompt: System prompt for all of them; None for the processor's own.
        """
        ...

    async def asubmit_batch(
        self, items: Sequence[ItemT], *, prompt: RactoPrompt | None = None
    ) -> JobT:
        """Async twin of :meth:`submit_batch`."""
        ...

    def poll_status(self, job_id: str) -> JobT:
        """The job now."""
        ...

    async def apoll_status(self, job_id: str) -> JobT:
        """Async twin of :meth:`poll_status`."""
        ...

    def get_results(self, job_id: str) -> Sequence[ResultT]:
        """One result an item: its answer, or why there is none.

        Raises:
            JobError: If the job has not ended, or its id is unknown.
        """
        ...

    async def aget_results(self, job_id: str) -> Sequence[ResultT]:
        """Async twin of :meth:`get_results`."""
        ...

    def submit_and_wait(
        self,
        items: Sequence[ItemT],
        *,
        prompt: RactoPrompt | None = None,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Sequence[ResultT]:
        """Submit, wait and collect.

        Args:
            items: The requests.
            prompt: System prompt for all of them; None for the processor's own.
            poll_interval_s: Seconds between two looks at the job.
            max_wait_s: Seconds to wait in all.

        Raises:
            TimeoutError: If the job has not ended by then; it goes on, and can be collected later.
        """
        ...

    async def asubmit_and_wait(
        self,
        items: Sequence[ItemT],
        *,
        prompt: RactoPrompt | None = None,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Sequence[ResultT]:
        """Async twin of :meth:`submit_and_wait`."""
        ...

    def cancel(self, job_id: str) -> JobT:
        """Ask for the job's end; what was finished by then can still be collected."""
        ...

    async def acancel(self, job_id: str) -> JobT:
        """Async twin of :meth:`cancel`."""
        ...

    def list(self, limit: int = 20) -> Sequence[JobT]:
        """The latest jobs of the account, newest first, at most ``limit``."""
        ...

    async def alist(self, limit: int = 20) -> Sequence[JobT]:
        """Async twin of :meth:`list`."""
        ...
