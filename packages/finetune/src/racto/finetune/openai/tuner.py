"""Tunes models at OpenAI, and at servers that speak its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from racto.core.flows import Flow, arun, run
from racto.finetune.jobs import TuningJob
from racto.finetune.retirements import warn_of_openai
from racto.finetune.training_data import Source
from racto.finetune.waiting import THREE_DAYS, Report, WaitPolicy

from .orders import JobOptions, Method, format_of, wanted
from .pipeline import started, uploaded
from .tracking import OpenAITracking


class OpenAIFineTuner(OpenAITracking):
    """Uploads examples, makes tuning jobs of them, and waits for the models.

    OpenAI is ending its own service: see :data:`~racto.finetune.retirements.OPENAI_LAST_JOBS`;
    an upload or a job there warns of it. Servers that speak the protocol are reached by
    ``base_url``. Nothing is opened before the first call, and nothing stays open after one: a
    tuner can be kept, shared between threads, and used from any event loop.

    Args:
        api_key: Key; ``OPENAI_API_KEY`` when None, which is sent to OpenAI's own servers, and to
            the one that ``OPENAI_BASE_URL`` names, alone.
        base_url: Root of the API; ``OPENAI_BASE_URL``, or OpenAI's own, when None.
        retries: How often a call is made again that failed for a reason that passes.
    """

    def upload_dataset(self, dataset: Source, *, method: Method = "supervised") -> str:
        """Check examples and upload them as a file for tuning.

        Args:
            dataset: The examples, or the path of a JSONL file; of any format, and of any size.
            method: ``supervised``, ``dpo`` or ``reinforcement``.

        Returns:
            The file's id, such as ``file-abc123``.

        Raises:
            ConfigurationError: If the examples do not fit; nothing is sent then.
            RactoGatewayError: What the server, or the network, has against it.
        """
        return run(self._uploaded(dataset, method))

    async def aupload_dataset(self, dataset: Source, *, method: Method = "supervised") -> str:
        """Async twin of :meth:`upload_dataset`."""
        return await arun(self._uploaded(dataset, method))

    def create_job(
        self,
        training_file: str,
        model: str | None = None,
        *,
        validation_file: str | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Make a tuning job of files that are uploaded.

        An answer that gets lost does not make a second job: each one carries the id of its
        submission, by which it is found again.

        Args:
            training_file: What :meth:`upload_dataset` returned.
            model: The base model; it must be given. The reference's default is a model that
                OpenAI retires.
            validation_file: Another such file, for the validation loss.
            n_epochs: Passes over the examples; ``auto`` leaves it to the provider.
            batch_size: Examples a step, or ``auto``.
            learning_rate_multiplier: Factor of the default learning rate, or ``auto``.
            suffix: Part of the tuned model's name, at most 64 characters.
            **options: Method, grader and more: see
                :class:`~racto.finetune.openai.orders.JobOptions`.

        Returns:
            The job's id, such as ``ftjob-abc123``.

        Raises:
            ConfigurationError: If the settings do not fit together; nothing is sent then.
            PermissionDeniedError: If the organisation may not tune any more.
            RactoGatewayError: What the server, or the network, has against it.
        """
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        return run(self._created(training_file, validation_file, order))

    async def acreate_job(
        self,
        training_file: str,
        model: str | None = None,
        *,
        validation_file: str | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Async twin of :meth:`create_job`."""
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        return await arun(self._created(training_file, validation_file, order))

    def start(
        self,
        dataset: Source,
        model: str | None = None,
        *,
        validation_dataset: Source | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        **options: Unpack[JobOptions],
    ) -> TuningJob:
        """Check examples, upload them and make a job of them, without waiting for it.

        Args:
            dataset: The examples, or the path of a JSONL file; of any format, and of any size.
            model: The base model; it must be given.
            validation_dataset: Examples for the validation loss, uploaded separately.
            n_epochs: Passes over the examples, or ``auto``.
            batch_size: Examples a step, or ``auto``.
            learning_rate_multiplier: Factor of the default learning rate, or ``auto``.
            suffix: Part of the tuned model's name.
            **options: As for :meth:`create_job`.

        Raises:
            ConfigurationError: If the examples or the settings do not fit; nothing is sent then.
            RactoGatewayError: What the server, or the network, has against it; files that were
                uploaded for a job that is refused are deleted again.
        """
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        return run(self._started(dataset, validation_dataset, order))

    async def astart(
        self,
        dataset: Source,
        model: str | None = None,
        *,
        validation_dataset: Source | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        **options: Unpack[JobOptions],
    ) -> TuningJob:
        """Async twin of :meth:`start`."""
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        return await arun(self._started(dataset, validation_dataset, order))

    def run_pipeline(
        self,
        dataset: Source,
        model: str | None = None,
        *,
        validation_dataset: Source | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        poll_interval: float = 30,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Check, upload, train and wait: from examples to a model.

        Args:
            dataset: The examples, or the path of a JSONL file; of any format, and of any size.
            model: The base model; it must be given.
            validation_dataset: Examples for the validation loss, uploaded separately.
            n_epochs: Passes over the examples, or ``auto``.
            batch_size: Examples a step, or ``auto``.
            learning_rate_multiplier: Factor of the default learning rate, or ``auto``.
            suffix: Part of the tuned model's name.
            poll_interval: Seconds between two looks at the job.
            verbose: Whether progress is printed.
            timeout: Seconds to wait in all; None as long as it takes.
            on_progress: Told of the progress, too.
            **options: As for :meth:`create_job`.

        Returns:
            The tuned model's name, for the ``model=`` of a kit.

        Raises:
            ConfigurationError: A ``ValueError``, if the examples or the settings do not fit;
                nothing is sent then.
            TuningJobError: A ``RuntimeError``, if the job failed or was cancelled.
            DeadlineExceededError: A ``TimeoutError``; the job goes on, and the error names it.
        """
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        begun = self._started(dataset, validation_dataset, order)
        return run(self._finished(begun, policy, verbose, on_progress))

    async def arun_pipeline(
        self,
        dataset: Source,
        model: str | None = None,
        *,
        validation_dataset: Source | None = None,
        n_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_multiplier: float | str = "auto",
        suffix: str | None = None,
        poll_interval: float = 30,
        verbose: bool = True,
        timeout: float | None = THREE_DAYS,
        on_progress: Report | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Async twin of :meth:`run_pipeline`."""
        policy = WaitPolicy(poll_interval=poll_interval, timeout=timeout)
        settings = _settings(n_epochs, batch_size, learning_rate_multiplier)
        order = wanted(model, settings, suffix, options)
        begun = self._started(dataset, validation_dataset, order)
        return await arun(self._finished(begun, policy, verbose, on_progress))

    def _uploaded(self, dataset: Source, method: Method) -> Flow[str]:
        self._warn()
        return uploaded(self._talking, dataset, format_of(method), waived=self._waived)

    def _created(
        self, training_file: str, validation_file: str | None, order: Mapping[str, Any]
    ) -> Flow[str]:
        self._warn()
        files = {"training_file": training_file, "validation_file": validation_file}
        given = {name: file for name, file in files.items() if file is not None}
        job = yield from self._talking(lambda wire: wire.create({**order, **given}))
        return job.job_id

    def _started(
        self, training: Source, validation: Source | None, order: Mapping[str, Any]
    ) -> Flow[TuningJob]:
        self._warn()
        format = format_of(order["method"]["type"])
        return (
            yield from started(
                self._talking, training, validation, format, order, waived=self._waived
            )
        )

    def _finished(
        self,
        begun: Flow[TuningJob],
        policy: WaitPolicy,
        verbose: bool,
        on_progress: Report | None,
    ) -> Flow[str]:
        job = yield from begun
        return (yield from self._followed(job.job_id, policy, verbose, on_progress))

    @property
    def _waived(self) -> tuple[str, ...]:
        # Azure takes 64 images an example, Fireworks three examples: each host has its own limits.
        return () if self._line.is_openais else ("size", "media")

    def _warn(self) -> None:
        # Other hosts that speak the protocol go on as they are.
        if self._line.is_openais:
            warn_of_openai()


def _settings(
    n_epochs: int | str, batch_size: int | str, learning_rate_multiplier: float | str
) -> dict[str, int | float | str]:
    return {
        "n_epochs": n_epochs,
        "batch_size": batch_size,
        "learning_rate_multiplier": learning_rate_multiplier,
    }
