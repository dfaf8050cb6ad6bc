"""What can be done with a job that is made at OpenAI: look, wait, pause, cancel, draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import SecretStr

from racto.core.flows import Flow, arun, run
from racto.core.retries import RetryPolicy
from racto.finetune.calls import PATIENT, talking
from racto.finetune.curves import LossCurves
from racto.finetune.jobs import TuningEvent, TuningJob
from racto.finetune.tracking import JobTracking, followed
from racto.finetune.waiting import THREE_DAYS, Report, WaitPolicy

from .line import OpenAILine
from .wire import OpenAIWire

T = TypeVar("T")


class OpenAITracking(JobTracking):
    """The jobs of an account at OpenAI, or at a server that speaks its protocol.

    Args:
        api_key: Key; ``OPENAI_API_KEY`` when None, which is sent to OpenAI's own servers, and to
            the one that ``OPENAI_BASE_URL`` names, alone.
        base_url: Root of the API; ``OPENAI_BASE_URL``, or OpenAI's own, when None.
        retries: How often a call is made again that failed for a reason that passes.
    """

    def __init__(
        self,
        api_key: SecretStr | str | None = None,
        *,
        base_url: str | None = None,
        retries: RetryPolicy = PATIENT,
    ) -> None:
        self._line = OpenAILine(api_key, base_url)
        self._retries = retries

    def _talking(self, talk: Callable[[OpenAIWire], Flow[T]]) -> Flow[T]:
        return talking(self._line, self._retries, lambda calls: talk(OpenAIWire(calls)))

    def wait_for_completion(
        self,
        job_id: str,
        *,
        poll_interval: float = 30,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
    ) -> str:
        """Wait until a job has ended; any process can, and again after an error.

        Args:
            job_id: The job.
            poll_interval: Seconds between two looks, give or take a fifth; the first ones come
                sooner.
            verbose: Whether progress is printed.
            timeout: Seconds to wait in all; None as long as the job takes.
            on_progress: Told of the progress, too.

        Returns:
            The tuned model's name, for the ``model=`` of a kit.

        Raises:
            TuningJobError: A ``RuntimeError``, if the job failed or was cancelled.
            DeadlineExceededError: A ``TimeoutError``; the job goes on.
            NotFoundError: If there is no such job.
        """
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        return run(self._followed(job_id, policy, verbose, on_progress))

    async def await_for_completion(
        self,
        job_id: str,
        *,
        poll_interval: float = 30,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
    ) -> str:
        """Async twin of :meth:`wait_for_completion`."""
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        return await arun(self._followed(job_id, policy, verbose, on_progress))

    def list_events(self, job_id: str, limit: int | None = 20) -> list[TuningEvent]:
        """What happened in a job, the latest first.

        Args:
            job_id: The job.
            limit: Most events; None for all.
        """
        return run(self._talking(lambda wire: wire.events(job_id, limit)))

    async def alist_events(self, job_id: str, limit: int | None = 20) -> list[TuningEvent]:
        """Async twin of :meth:`list_events`."""
        return await arun(self._talking(lambda wire: wire.events(job_id, limit)))

    def loss_curves(self, job_id: str) -> LossCurves:
        """How the losses of a job went, by its events so far.

        Args:
            job_id: The job; it may still run.
        """
        return LossCurves.from_events(self.list_events(job_id, None))

    async def aloss_curves(self, job_id: str) -> LossCurves:
        """Async twin of :meth:`loss_curves`."""
        return LossCurves.from_events(await self.alist_events(job_id, None))

    def pause_job(self, job_id: str) -> TuningJob:
        """Let a running job rest; what it has learned is kept.

        Args:
            job_id: The job.

        Raises:
            BadRequestError: If it neither runs nor is paused already.
        """
        return run(self._talking(lambda wire: wire.order(job_id, "pause")))

    async def apause_job(self, job_id: str) -> TuningJob:
        """Async twin of :meth:`pause_job`."""
        return await arun(self._talking(lambda wire: wire.order(job_id, "pause")))

    def resume_job(self, job_id: str) -> TuningJob:
        """Let a paused job go on.

        Args:
            job_id: The job.

        Raises:
            BadRequestError: If it is neither paused nor at work already.
        """
        return run(self._talking(lambda wire: wire.order(job_id, "resume")))

    async def aresume_job(self, job_id: str) -> TuningJob:
        """Async twin of :meth:`resume_job`."""
        return await arun(self._talking(lambda wire: wire.order(job_id, "resume")))

    def _followed(
        self, job_id: str, policy: WaitPolicy, verbose: bool, on_progress: Report | None
    ) -> Flow[str]:
        return self._talking(
            lambda wire: followed(wire, job_id, policy, verbose=verbose, on_progress=on_progress)
        )
