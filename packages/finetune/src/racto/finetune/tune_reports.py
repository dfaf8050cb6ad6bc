"""What the commands on tuning jobs do, and what they print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racto.core.errors import ConfigurationError, DeadlineExceededError, UnsupportedFeatureError

from .bars import progress_bar
from .jobs import TuningJob, TuningJobError, TuningProgress
from .narration import Narrator, printable
from .waiting import THREE_DAYS, Report

if TYPE_CHECKING:
    from .gemini import GeminiFineTuner
    from .openai import OpenAIFineTuner

DONE = 0
JOB_FAILED = 1
GOES_ON = 4


def tune(options: argparse.Namespace) -> int:
    """Make a tuned model of examples."""
    job = _tune_gemini(options) if options.provider == "gemini" else _tune_openai(options)
    if options.no_wait:
        _show_job(job, options)
        return DONE
    _note(f"job {job.job_id} is made; to wait for it again: racto-finetune wait {job.job_id}")
    return _wait_for(job.job_id, options)


def wait(options: argparse.Namespace) -> int:
    """Wait until a job has ended."""
    return _wait_for(options.job, options)


def status(options: argparse.Namespace) -> int:
    """Say how far a job is."""
    _show_job(_tuner(options).get_status(options.job), options)
    return DONE


def cancel(options: argparse.Namespace) -> int:
    """End a job without a model."""
    _show_job(_tuner(options).cancel_job(options.job), options)
    return DONE


def list_jobs(options: argparse.Namespace) -> int:
    """Show the latest jobs."""
    jobs = _tuner(options).list_jobs(options.limit)
    if options.json:
        _show_json([job.as_data() for job in jobs])
        return DONE
    for job in jobs:
        made = f"{job.created_at:%Y-%m-%d %H:%M}" if job.created_at else "-"
        _show(f"{job.job_id}  {job.state:<10}  {made}  {job.model or job.base_model}")
    return DONE


def events(options: argparse.Namespace) -> int:
    """Show what happened in a job, or its checkpoints, and draw its losses."""
    if options.checkpoints:
        found = _tuner(options).list_checkpoints(options.job)
        lines = [f"step {one.step}  {one.model or '-'}  {_numbers(one.metrics)}" for one in found]
        _show_records([one.as_data() for one in found], lines, options)
        return DONE
    if options.provider == "gemini":
        raise UnsupportedFeatureError(
            "Vertex AI's jobs have no events; its console shows the losses, and --checkpoints "
            "works here too",
            feature="events",
        )
    tuner = _openai(options)
    if options.plot:
        curves = tuner.loss_curves(options.job)
        curves.write_plot(options.plot, title=options.job, overwrite=options.overwrite)
    told = tuner.list_events(options.job, options.limit)
    # The oldest first: what happened last stands at the prompt.
    lines = [
        f"{f'{one.created_at:%H:%M:%S}' if one.created_at else '-':<8}  {one.level:<5}  {one.message}"
        for one in reversed(told)
    ]
    _show_records([one.as_data() for one in told], lines, options)
    return DONE


def _tune_openai(options: argparse.Namespace) -> TuningJob:
    given: dict[str, Any] = {
        "method": options.method,
        "hyperparameters": dict(options.settings),
        "seed": options.seed,
        "grader": _grader(options.grader),
    }
    extra = {name: value for name, value in given.items() if value is not None}
    return _openai(options).start(
        Path(options.file),
        options.model,
        validation_dataset=Path(options.validation) if options.validation else None,
        n_epochs=options.epochs or "auto",
        batch_size=options.batch_size or "auto",
        learning_rate_multiplier=options.learning_rate_multiplier or "auto",
        suffix=options.suffix,
        **extra,
    )


def _tune_gemini(options: argparse.Namespace) -> TuningJob:
    unknown = {"--seed": options.seed, "--grader": options.grader}
    for flag, value in unknown.items():
        if value is not None:
            raise ConfigurationError(f"{flag} is for openai; Vertex AI has no such setting here")
    extra: dict[str, Any] = {"method": options.method, **dict(options.settings)}
    if options.learning_rate_multiplier is not None:
        extra["learning_rate_multiplier"] = options.learning_rate_multiplier
    return _gemini(options).create_job(
        _examples(options.file),
        options.model,
        display_name=options.suffix or "",
        epoch_count=options.epochs,
        batch_size=options.batch_size,
        validation_dataset=_examples(options.validation) if options.validation else None,
        **extra,
    )


def _wait_for(job_id: str, options: argparse.Namespace) -> int:
    limits: dict[str, Any] = {
        "poll_interval": options.poll,
        "timeout": THREE_DAYS if options.timeout is None else options.timeout,
    }
    latest: list[TuningJob] = []
    try:
        with _progress(latest) as report:
            model = _tuner(options).wait_for_completion(
                job_id, verbose=False, on_progress=report, **limits
            )
    except TuningJobError as error:
        _note(f"racto-finetune: {printable(str(error))}")
        return JOB_FAILED
    except DeadlineExceededError as error:
        _note(f"racto-finetune: {printable(str(error))}")
        return GOES_ON
    if options.json:
        _show_json(latest[-1].as_data())
    else:
        # Alone on standard output, for a shell that wants to use it.
        _show(model)
    return DONE


@contextmanager
def _progress(latest: list[TuningJob]) -> Iterator[Report]:
    """A bar where somebody looks, and lines where not; both on standard error."""
    with progress_bar("tuning") as advance:
        narrator = Narrator(_note)

        def report(progress: TuningProgress) -> None:
            latest[:] = [progress.job]
            if advance is None:
                narrator(progress)
            else:
                done = progress.fraction
                advance(done or 0.0, None if done is None else 1.0)

        yield report


def _tuner(options: argparse.Namespace) -> OpenAIFineTuner | GeminiFineTuner:
    return _gemini(options) if options.provider == "gemini" else _openai(options)


def _openai(options: argparse.Namespace) -> OpenAIFineTuner:
    if options.provider == "anthropic":
        from .anthropic import AnthropicFineTuner

        # Says why there is none, and where Claude is tuned.
        AnthropicFineTuner()
    from .openai import OpenAIFineTuner

    # By the name of a variable: what stands on a command line, every process can read.
    key = os.environ.get(options.key_env) if options.key_env else None
    if options.key_env and not key:
        raise ConfigurationError(f"the environment has no {options.key_env}, or it is empty")
    return OpenAIFineTuner(key, base_url=options.base_url)


def _gemini(options: argparse.Namespace) -> GeminiFineTuner:
    from .gemini import GeminiFineTuner

    return GeminiFineTuner(
        project=options.project,
        location=options.location,
        staging_bucket=options.bucket,
        base_url=options.base_url,
    )


def _examples(text: str) -> str | Path:
    return text if text.startswith("gs://") else Path(text)


def _grader(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{path} holds no JSON: {error}") from error


def _show_job(job: TuningJob, options: argparse.Namespace) -> None:
    if options.json:
        _show_json(job.as_data())
        return
    facts = {
        "job": job.job_id,
        "state": f"{job.state} ({job.status})",
        "base model": job.base_model,
        "model": job.model,
        "method": job.method,
        "fault": str(job.fault) if job.fault else None,
        "created": job.created_at,
        "finished": job.finished_at,
        "expected": job.estimated_finish,
        "tokens": job.trained_tokens,
        "epochs": job.epochs_done,
    }
    for name, value in facts.items():
        if value not in (None, ""):
            _show(f"{name:<10}  {value}")


def _show_records(
    data: Sequence[Mapping[str, Any]], lines: Sequence[str], options: argparse.Namespace
) -> None:
    if options.json:
        _show_json(data)
        return
    for line in lines:
        _show(line)


def _numbers(metrics: Mapping[str, float]) -> str:
    return "  ".join(f"{name}={value:.4g}" for name, value in metrics.items())


def _show(text: str) -> None:
    print(printable(text))  # noqa: T201


def _show_json(data: Any) -> None:
    # ASCII alone: a provider's text may hold what a terminal obeys.
    print(json.dumps(data, indent=2, default=str))  # noqa: T201


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201
