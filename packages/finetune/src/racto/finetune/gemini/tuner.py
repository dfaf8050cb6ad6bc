"""Tunes Gemini models, and open ones, at Vertex AI."""

from __future__ import annotations

from typing import Any, Unpack

from racto.core.flows import Flow, arun, run
from racto.finetune.jobs import TuningJob
from racto.finetune.training_data import working
from racto.finetune.waiting import THREE_DAYS, Report, WaitPolicy

from .orders import JobOptions, Method, base_model_of, config_of, format_of
from .pipeline import Examples, staged, started
from .tracking import VertexTracking
from .wire import job_settings


class GeminiFineTuner(VertexTracking):
    """Puts examples on Cloud Storage, makes tuning jobs of them, and waits for the models.

    Gemini models are tuned at Vertex AI alone: the Gemini Developer API, which the reference's
    class of this name uses, has had no model for it since May 2025. So this one takes a project
    and a region, and refuses an API key when it is made. Nothing is opened before the first call,
    and nothing stays open after one.

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

    def upload_dataset(self, dataset: Examples, *, method: Method = "supervised") -> str:
        """Check examples and put them into the bucket.

        Args:
            dataset: The examples, or the path of a JSONL file; of any format, and of any size.
            method: ``supervised`` or ``dpo``.

        Returns:
            The file's address, ``gs://...``; the same for the same examples.

        Raises:
            ConfigurationError: If the examples do not fit; nothing is sent then.
            RactoGatewayError: What the storage, or the network, has against it.
        """
        return run(self._uploaded(dataset, method))

    async def aupload_dataset(self, dataset: Examples, *, method: Method = "supervised") -> str:
        """Async twin of :meth:`upload_dataset`."""
        return await arun(self._uploaded(dataset, method))

    def create_job(
        self,
        dataset: Examples,
        base_model: str | None = None,
        *,
        display_name: str = "",
        epoch_count: int | None = 5,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_dataset: Examples | None = None,
        **options: Unpack[JobOptions],
    ) -> TuningJob:
        """Check examples, put them into the bucket and make a tuning job of them.

        Conversations of several turns and attachments are taken, unlike in the reference.

        Args:
            dataset: The examples, the path of a JSONL file of any format, or the address of
                one on Cloud Storage.
            base_model: The model to tune; it must be given. The reference's default is a model
                that Google has retired.
            display_name: What the tuned model is called.
            epoch_count: Passes over the examples; None leaves it to Google.
            batch_size: Examples a step, for open models; Google chooses it for its own, and
                refuses the reference's default of 4.
            learning_rate: Learning rate, for open models; for Google's own see
                ``learning_rate_multiplier``.
            validation_dataset: Examples for the validation loss.
            **options: Method and more: see :class:`~racto.finetune.gemini.orders.JobOptions`.

        Returns:
            The job, for :meth:`wait_for_completion`.

        Raises:
            ConfigurationError: A ``ValueError``, if the examples or the settings do not fit;
                nothing is sent then.
            RactoGatewayError: What Google, or the network, has against it.
        """
        config = config_of(
            display_name=display_name,
            epoch_count=epoch_count,
            batch_size=batch_size,
            learning_rate=learning_rate,
            options=options,
        )
        return run(
            self._created(dataset, validation_dataset, base_model_of(base_model), config, options)
        )

    async def acreate_job(
        self,
        dataset: Examples,
        base_model: str | None = None,
        *,
        display_name: str = "",
        epoch_count: int | None = 5,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_dataset: Examples | None = None,
        **options: Unpack[JobOptions],
    ) -> TuningJob:
        """Async twin of :meth:`create_job`."""
        config = config_of(
            display_name=display_name,
            epoch_count=epoch_count,
            batch_size=batch_size,
            learning_rate=learning_rate,
            options=options,
        )
        return await arun(
            self._created(dataset, validation_dataset, base_model_of(base_model), config, options)
        )

    def run_pipeline(
        self,
        dataset: Examples,
        base_model: str | None = None,
        *,
        display_name: str = "",
        epoch_count: int | None = 5,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        poll_interval: float = 60,
        verbose: bool = True,
        validation_dataset: Examples | None = None,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Check, stage, train and wait: from examples to a model.

        Args:
            dataset: As for :meth:`create_job`.
            base_model: The model to tune; it must be given.
            display_name: What the tuned model is called.
            epoch_count: Passes over the examples; None leaves it to Google.
            batch_size: Examples a step, for open models.
            learning_rate: Learning rate, for open models.
            poll_interval: Seconds between two looks at the job.
            verbose: Whether progress is printed.
            validation_dataset: Examples for the validation loss.
            timeout: Seconds to wait in all; None as long as it takes.
            on_progress: Told of the progress, too.
            **options: As for :meth:`create_job`.

        Returns:
            The tuned model's endpoint, for the ``model=`` of a kit on Vertex AI.

        Raises:
            ConfigurationError: A ``ValueError``, if the examples or the settings do not fit;
                nothing is sent then.
            TuningJobError: A ``RuntimeError``, if the job failed or was cancelled.
            DeadlineExceededError: A ``TimeoutError``; the job goes on, and the error names it.
        """
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        config = config_of(
            display_name=display_name,
            epoch_count=epoch_count,
            batch_size=batch_size,
            learning_rate=learning_rate,
            options=options,
        )
        begun = self._created(
            dataset, validation_dataset, base_model_of(base_model), config, options
        )
        return run(self._finished(begun, policy, verbose, on_progress))

    async def arun_pipeline(
        self,
        dataset: Examples,
        base_model: str | None = None,
        *,
        display_name: str = "",
        epoch_count: int | None = 5,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        poll_interval: float = 60,
        verbose: bool = True,
        validation_dataset: Examples | None = None,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Async twin of :meth:`run_pipeline`."""
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        config = config_of(
            display_name=display_name,
            epoch_count=epoch_count,
            batch_size=batch_size,
            learning_rate=learning_rate,
            options=options,
        )
        begun = self._created(
            dataset, validation_dataset, base_model_of(base_model), config, options
        )
        return await arun(self._finished(begun, policy, verbose, on_progress))

    def _uploaded(self, dataset: Examples, method: Method) -> Flow[str]:
        found = yield from staged(
            self._talking, self._staging, {"training": dataset}, format_of(method)
        )
        return found["training"]

    def _created(
        self,
        training: Examples,
        validation: Examples | None,
        base_model: str,
        config: dict[str, Any],
        options: JobOptions,
    ) -> Flow[TuningJob]:
        examples = {"training": training}
        if validation is not None:
            examples["validation"] = validation
        format = format_of(options.get("method", "supervised"))
        # Before anything is staged; to load the SDK takes seconds, so not on an event loop.
        yield from working(lambda: job_settings(config))
        files = yield from staged(self._talking, self._staging, examples, format)
        return (yield from started(self._talking, base_model, files, config))

    def _finished(
        self,
        begun: Flow[TuningJob],
        policy: WaitPolicy,
        verbose: bool,
        on_progress: Report | None,
    ) -> Flow[str]:
        job = yield from begun
        return (yield from self._followed(job.job_id, policy, verbose, on_progress))
