"""Batch processors: providers' half-price bulk jobs, from submission to results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

ItemT = TypeVar("ItemT", contravariant=True)
JobT = TypeVar("JobT", covariant=True)
ResultT = TypeVar("ResultT")


@runtime_checkable
class BatchProcessor(Protocol[ItemT, JobT, ResultT]):
    """Submits items as one job; every item ends as exactly one result, in the items' order."""

    def submit_batch(self, items: Sequence[ItemT]) -> JobT:
        """Upload the items and start the job."""
        ...

    async def asubmit_batch(self, items: Sequence[ItemT]) -> JobT:
        """Async twin of :meth:`submit_batch`."""
        ...

    def poll_status(self, job_id: str) -> JobT:
        """The job now."""
        ...

    async def apoll_status(self, job_id: str) -> JobT:
        """Async twin of :meth:`poll_status`."""
        ...

    def get_results(self, job_id: str) -> list[ResultT]:
        """One result an item: its answer, or why there is none."""
        ...

    async def aget_results(self, job_id: str) -> list[ResultT]:
        """Async twin of :meth:`get_results`."""
        ...

    def submit_and_wait(
        self, items: Sequence[ItemT], *, poll_interval: float = 60.0, max_wait: float = 86400.0
    ) -> list[ResultT]:
        """Submit, wait and collect; times in seconds, and a timeout leaves the job resumable."""
        ...

    async def asubmit_and_wait(
        self, items: Sequence[ItemT], *, poll_interval: float = 60.0, max_wait: float = 86400.0
    ) -> list[ResultT]:
        """Async twin of :meth:`submit_and_wait`."""
        ...

    def cancel(self, job_id: str) -> JobT:
        """Ask for the job's end; what was finished by then can still be collected."""
        ...

    async def acancel(self, job_id: str) -> JobT:
        """Async twin of :meth:`cancel`."""
        ...
