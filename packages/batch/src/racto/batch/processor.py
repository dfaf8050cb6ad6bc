"""Batch processors: jobs of thousands of requests, in both voices, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel

from racto.core.deadlines import Deadline
from racto.core.flows import Flow, arun, run
from racto.core.prompts import RactoPrompt
from racto.core.protocols.codecs import RequestCodec

from .encoding import Item
from .hosts import BatchHost
from .jobs import BatchJobInfo
from .results import BatchResult, BatchSummary, ItemStatus
from .service import BatchService
from .shelf import Shelf
from .waiting import OnProgress, Pace

P = TypeVar("P", bound="HostedBatchProcessor")

# Inside the class ``list`` is a method.
Jobs: TypeAlias = list[BatchJobInfo]
Results: TypeAlias = list[BatchResult]


class HostedBatchProcessor:
    """Submits items as jobs of one provider; every item ends as exactly one result.

    Keeps :class:`~racto.core.protocols.BatchProcessor`. What is needed to go on after the process
    has died is on disk: the jobs, their items and lines, no keys. Safe to share between threads,
    tasks and processes.

    Args:
        codec: Shapes requests and reads replies.
        host: Carries jobs and files.
        default_prompt: System prompt for items without a system text, when a job has none.
        state: Folder for the state; ``racto/batch`` in the user's folder for state when None.
        site: Base URL that is asked; empty for the provider's own.
    """

    provider: ClassVar[str] = ""

    def __init__(
        self,
        codec: RequestCodec,
        host: BatchHost,
        *,
        default_prompt: RactoPrompt | None = None,
        state: str | Path | None = None,
        site: str = "",
    ) -> None:
        self._codec = codec
        self._host = host
        self._default_prompt = default_prompt
        self._service = BatchService(
            codec, host, shelf=Shelf(state), provider=self.provider or host.provider, site=site
        )

    @property
    def model(self) -> str:
        """Model for items that name none."""
        return self._codec.model

    def submit_batch(
        self, items: Iterable[Item], *, prompt: RactoPrompt | None = None, label: str = ""
    ) -> BatchJobInfo:
        """Upload the items and start the job; more than the provider's limits become several parts.

        Args:
            items: The requests, as items or as their fields; a generator is read once, and may
                be longer than memory.
            prompt: System prompt for items without a system text; None for the processor's own.
            label: What to call the job, where people look at it.

        Raises:
            ConfigurationError: If items cannot be sent; names all of them, and nothing was
                uploaded.
            RactoGatewayError: If the provider refuses, or cannot be reached.
        """
        return run(self._submitted(items, prompt, label=label))

    async def asubmit_batch(
        self, items: Iterable[Item], *, prompt: RactoPrompt | None = None, label: str = ""
    ) -> BatchJobInfo:
        """Async twin of :meth:`submit_batch`."""
        return await arun(self._submitted(items, prompt, label=label))

    def poll_status(self, job_id: str) -> BatchJobInfo:
        """The job now.

        Raises:
            JobError: If nobody knows it.
        """
        return run(self._service.poll(job_id))

    async def apoll_status(self, job_id: str) -> BatchJobInfo:
        """Async twin of :meth:`poll_status`."""
        return await arun(self._service.poll(job_id))

    def wait_for(
        self,
        job_id: str,
        *,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
        on_progress: OnProgress | None = None,
    ) -> BatchJobInfo:
        """Wait until the job has ended, however it does.

        Args:
            job_id: The job.
            poll_interval_s: Seconds between two looks; up to four times as many while nothing
                moves.
            max_wait_s: Seconds to wait in all.
            on_progress: Told of the job after each look.

        Raises:
            DeadlineExceededError: If it has not ended by then (a ``TimeoutError``); it goes on,
                and can be waited for again.
        """
        return run(self._waited(job_id, poll_interval_s, max_wait_s, on_progress))

    async def await_for(
        self,
        job_id: str,
        *,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
        on_progress: OnProgress | None = None,
    ) -> BatchJobInfo:
        """Async twin of :meth:`wait_for`."""
        return await arun(self._waited(job_id, poll_interval_s, max_wait_s, on_progress))

    def get_results(self, job_id: str, *, response_model: type[BaseModel] | None = None) -> Results:
        """One result an item, in the items' order: its answer, or why there is none.

        Fetched once; later calls read what is kept. For more items than fit into memory there is
        :meth:`iter_results`.

        Args:
            job_id: The job.
            response_model: Model that structured replies must satisfy; None for the items' own,
                of which another process knows the JSON Schema only.

        Raises:
            JobError: If the job has not ended, or its id is unknown.
        """
        return run(self._service.results(job_id, response_model=response_model))

    async def aget_results(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> Results:
        """Async twin of :meth:`get_results`."""
        return await arun(self._service.results(job_id, response_model=response_model))

    def iter_results(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> Iterator[BatchResult]:
        """What :meth:`get_results` returns, one by one, in memory that does not grow."""
        # Collected at the first result that is asked for, as generators do.
        reader = run(self._service.reader(job_id, response_model=response_model))
        for page in reader.pages():
            yield from page

    async def aiter_results(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> AsyncIterator[BatchResult]:
        """Async twin of :meth:`iter_results`."""
        import asyncio

        reader = await arun(self._service.reader(job_id, response_model=response_model))
        start = 0
        while page := await asyncio.to_thread(reader.page, start):
            for result in page:
                yield result
            start += len(page)

    def submit_and_wait(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Results:
        """Submit, wait and collect.

        A job that fails, expires or is cancelled is no exception (the reference raises and loses
        what was done): its items say what became of them.

        Args:
            items: The requests.
            prompt: System prompt for items without a system text; None for the processor's own.
            poll_interval_s: Seconds between two looks at the job.
            max_wait_s: Seconds to wait in all.

        Raises:
            DeadlineExceededError: If the job has not ended by then (a ``TimeoutError``); it goes
                on, and can be collected later by the id in the message.
        """
        return run(self._whole(items, prompt, poll_interval_s, max_wait_s))

    async def asubmit_and_wait(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Results:
        """Async twin of :meth:`submit_and_wait`."""
        return await arun(self._whole(items, prompt, poll_interval_s, max_wait_s))

    def cancel(self, job_id: str) -> BatchJobInfo:
        """Ask for the job's end; what was finished by then can still be collected.

        Parts that were not submitted are dropped. One whose creation was not answered is looked
        for first; where no tag proves that the job is ours it is not cancelled, but logged.
        """
        return run(self._service.cancel(job_id))

    async def acancel(self, job_id: str) -> BatchJobInfo:
        """Async twin of :meth:`cancel`."""
        return await arun(self._service.cancel(job_id))

    def resume(self, job_id: str | None = None) -> Jobs:
        """All jobs of earlier processes whose results were not collected, oldest first.

        A job that was submitted in part is submitted whole: what the provider has of it is found
        by its tag, the rest is uploaded. One whose items were not all written is dropped: nothing
        of it had left this machine.

        Args:
            job_id: Only this job.

        Raises:
            JobError: If some could not be resumed; ``partial`` holds the others.
        """
        return run(self._service.resume(job_id))

    async def aresume(self, job_id: str | None = None) -> Jobs:
        """Async twin of :meth:`resume`."""
        return await arun(self._service.resume(job_id))

    def retry_failed(
        self,
        job_id: str,
        *,
        only: Collection[ItemStatus] | None = None,
        response_model: type[BaseModel] | None = None,
    ) -> BatchJobInfo:
        """Submit the items that have no good reply as a new job, exactly as they were.

        Args:
            job_id: A job that has ended.
            only: How items ended that are submitted again; None for all that failed.
            response_model: As in :meth:`get_results`.

        Raises:
            JobError: If none failed, or the job was submitted from another machine.
        """
        return run(self._service.retry(job_id, only=only, response_model=response_model))

    async def aretry_failed(
        self,
        job_id: str,
        *,
        only: Collection[ItemStatus] | None = None,
        response_model: type[BaseModel] | None = None,
    ) -> BatchJobInfo:
        """Async twin of :meth:`retry_failed`."""
        return await arun(self._service.retry(job_id, only=only, response_model=response_model))

    def summary(self, job_id: str) -> BatchSummary:
        """An ended job in numbers: items by how they ended, tokens, and the price of the batch."""
        return run(self._service.summary(job_id))

    async def asummary(self, job_id: str) -> BatchSummary:
        """Async twin of :meth:`summary`."""
        return await arun(self._service.summary(job_id))

    def forget(self, job_id: str) -> None:
        """Remove what is kept of a job on this machine: lines, replies, and that it existed.

        Raises:
            JobError: If nothing is kept of it, or it is being submitted.
        """
        self._service.forget(job_id)

    async def aforget(self, job_id: str) -> None:
        """Async twin of :meth:`forget`."""
        import asyncio

        await asyncio.to_thread(self._service.forget, job_id)

    def close(self) -> None:
        """Give all connections back; the next call would open new ones."""
        self._host.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._host.aclose()

    def __enter__(self: P) -> P:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: P) -> P:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self.model!r})"

    def list(self, limit: int = 20) -> Jobs:
        """The latest jobs of the account, newest first, at most ``limit``."""
        return run(self._service.jobs(limit))

    async def alist(self, limit: int = 20) -> Jobs:
        """Async twin of :meth:`list`."""
        return await arun(self._service.jobs(limit))

    def _submitted(
        self,
        items: Iterable[Item],
        prompt: RactoPrompt | None,
        *,
        window: str | None = None,
        label: str = "",
        deadline: Deadline | None = None,
    ) -> Flow[BatchJobInfo]:
        return self._service.submit(
            items,
            prompt=self._default_prompt if prompt is None else prompt,
            window=window,
            label=label,
            deadline=deadline or Deadline(),
        )

    def _waited(
        self, job_id: str, interval_s: float, max_wait_s: float, on_progress: OnProgress | None
    ) -> Flow[BatchJobInfo]:
        return self._service.wait(
            job_id,
            pace=Pace(interval_s=interval_s),
            deadline=Deadline.after(max_wait_s),
            on_progress=on_progress,
        )

    def _whole(
        self,
        items: Iterable[Item],
        prompt: RactoPrompt | None,
        interval_s: float,
        max_wait_s: float,
        *,
        window: str | None = None,
    ) -> Flow[Results]:
        # Before anything is uploaded: a wait that cannot begin would cost a whole job.
        pace, deadline = Pace(interval_s=interval_s), Deadline.after(max_wait_s)
        job = yield from self._submitted(items, prompt, window=window, deadline=deadline)
        yield from self._service.wait(job.job_id, pace=pace, deadline=deadline)
        return (yield from self._service.results(job.job_id))
