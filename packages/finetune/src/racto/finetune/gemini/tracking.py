"""What can be done with jobs and models at Vertex AI: look, wait, cancel, delete."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.core.flows import Flow, arun, run
from racto.core.retries import RetryPolicy
from racto.finetune.calls import PATIENT, talking
from racto.finetune.jobs import TuningJob
from racto.finetune.tracking import JobTracking, followed
from racto.finetune.waiting import THREE_DAYS, Report, WaitPolicy

from .line import PROVIDER, VertexLine
from .orders import region_of
from .staging import STORAGE_URL, Bucket, Staging
from .wire import VertexWire

T = TypeVar("T")


class VertexTracking(JobTracking):
    """The jobs and tuned models of a project in a region.

    Args:
        api_key: Refused; it is here because the reference takes it.
        project: Project of Google Cloud; that of ``credentials``, or ``GOOGLE_CLOUD_PROJECT``,
            when None.
        location: Region, such as ``us-central1``; ``GOOGLE_CLOUD_LOCATION`` when None.
        credentials: Credentials of google-auth; the application's default ones when None.
        staging_bucket: Where examples are put, as ``gs://bucket/folder``; not needed for files
            that are on Cloud Storage already.
        base_url: Root of another server than Vertex AI's.
        storage_url: Root of another server than Cloud Storage's.
        retries: How often a call is made again that failed for a reason that passes.

    Raises:
        UnsupportedFeatureError: If an API key is given.
        ConfigurationError: If there is no project or no region.
    """

    def __init__(
        self,
        api_key: Any = None,
        *,
        project: str | None = None,
        location: str | None = None,
        credentials: Any = None,
        staging_bucket: str | None = None,
        base_url: str | None = None,
        storage_url: str = STORAGE_URL,
        retries: RetryPolicy = PATIENT,
    ) -> None:
        # At once: the Developer API takes the request, and never trains.
        if api_key is not None:
            raise UnsupportedFeatureError(
                "an API key is for the Gemini Developer API, which has tuned no model since May "
                "2025. Gemini is tuned at Vertex AI: give project=, location= and, unless the "
                "application has default credentials, credentials=",
                feature="api_key",
                provider=PROVIDER,
            )
        self._line = VertexLine(
            project=_project(project, credentials),
            location=region_of(location or os.environ.get("GOOGLE_CLOUD_LOCATION")),
            credentials=credentials,
            base_url=base_url,
        )
        bucket = Bucket.named(staging_bucket) if staging_bucket else None
        self._staging = (
            Staging(bucket, url=storage_url, translator=self._line.translator) if bucket else None
        )
        self._retries = retries

    def _talking(self, talk: Callable[[VertexWire], Flow[T]]) -> Flow[T]:
        return talking(self._line, self._retries, lambda calls: talk(VertexWire(calls)))

    def wait_for_completion(
        self,
        operation: TuningJob | str,
        *,
        poll_interval: float = 60,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
    ) -> str:
        """Wait until a job has ended; any process can, and again after an error.

        A state that nobody knows counts as one that goes on, and the wait ends with its time:
        unlike the reference's, it does not last for ever.

        Args:
            operation: The job, or its name.
            poll_interval: Seconds between two looks, give or take a fifth; the first ones come
                sooner.
            verbose: Whether progress is printed.
            timeout: Seconds to wait in all; None as long as the job takes.
            on_progress: Told of the progress, too.

        Returns:
            The tuned model's endpoint, for the ``model=`` of a kit on Vertex AI.

        Raises:
            TuningJobError: A ``RuntimeError``, if the job failed or was cancelled.
            DeadlineExceededError: A ``TimeoutError``; the job goes on.
            NotFoundError: If there is no such job in this region.
        """
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        return run(self._followed(_job_id(operation), policy, verbose, on_progress))

    async def await_for_completion(
        self,
        operation: TuningJob | str,
        *,
        poll_interval: float = 60,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
    ) -> str:
        """Async twin of :meth:`wait_for_completion`."""
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        return await arun(self._followed(_job_id(operation), policy, verbose, on_progress))

    def get_model(self, tuned_model_name: str) -> dict[str, Any]:
        """What Vertex AI knows of a tuned model, as JSON data.

        Args:
            tuned_model_name: Its name (``projects/.../models/...``), or its endpoint's.

        Raises:
            NotFoundError: If there is no such model.
        """
        return run(self._talking(lambda wire: wire.model(tuned_model_name)))

    async def aget_model(self, tuned_model_name: str) -> dict[str, Any]:
        """Async twin of :meth:`get_model`."""
        return await arun(self._talking(lambda wire: wire.model(tuned_model_name)))

    def delete_model(self, tuned_model_name: str) -> None:
        """Delete a tuned model for good.

        Args:
            tuned_model_name: Its name (``projects/.../models/...``).

        Raises:
            BadRequestError: If it is still deployed to an endpoint.
            NotFoundError: If there is no such model.
        """
        run(self._talking(lambda wire: wire.delete_model(tuned_model_name)))

    async def adelete_model(self, tuned_model_name: str) -> None:
        """Async twin of :meth:`delete_model`."""
        await arun(self._talking(lambda wire: wire.delete_model(tuned_model_name)))

    def _followed(
        self, job_id: str, policy: WaitPolicy, verbose: bool, on_progress: Report | None
    ) -> Flow[str]:
        return self._talking(
            lambda wire: followed(wire, job_id, policy, verbose=verbose, on_progress=on_progress)
        )


def _job_id(operation: TuningJob | str) -> str:
    return operation if isinstance(operation, str) else operation.job_id


def _project(given: str | None, credentials: Any) -> str:
    found = (
        given or getattr(credentials, "project_id", None) or os.environ.get("GOOGLE_CLOUD_PROJECT")
    )
    if not found:
        raise ConfigurationError(
            "Gemini models are tuned at Vertex AI, in a project of Google Cloud: give project=, or "
            "set GOOGLE_CLOUD_PROJECT. The Gemini Developer API and its keys cannot tune"
        )
    return str(found)
