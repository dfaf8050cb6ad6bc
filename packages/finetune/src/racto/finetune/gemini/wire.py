"""Vertex AI's tuning jobs and tuned models as flows: create, look, list, cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from racto.core.deadlines import Deadline
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.finetune.calls import Calls
from racto.finetune.jobs import TuningCheckpoint, TuningEvent, TuningJob
from racto.finetune.submissions import MARK, new_mark, submitted

from . import sdk
from .orders import resource_of
from .records import facts_of, job_of

_PAGE = 100
_MOST_JOBS = 10_000
_JUST_MADE = 20


class VertexWire:
    """What there is to ask of Vertex AI about tuning.

    Args:
        calls: Calls to it.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def create(
        self, base_model: str, training: str, validation: str | None, config: Mapping[str, Any]
    ) -> Flow[TuningJob]:
        """Make a job, once, whatever happens on the way.

        Args:
            base_model: The model to tune.
            training: Address of the examples, ``gs://...``.
            validation: Address of the examples for validation; None for none.
            config: The rest, as the SDK takes it.
        """
        mark = new_mark()
        marked: dict[str, Any] = {**config, "labels": {**config.get("labels", {}), MARK: mark}}
        if validation is not None:
            marked["validation_dataset"] = {"gcs_uri": validation}

        # The time that is left is part of the settings, so that they are made for each attempt.
        def use(clients: Any, seconds: float) -> Any:
            return sdk.tune(
                clients.genai,
                base_model=base_model,
                training_dataset={"gcs_uri": training},
                config=job_settings({**marked, **_within(seconds)}),
            )

        def create() -> Flow[TuningJob]:
            answer = yield from self.calls.once(use)
            return self.calls.read(job_of, answer)

        return submitted(create, lambda: self._with_mark(mark), self.calls.retries)

    def _with_mark(self, mark: str) -> Flow[TuningJob | None]:
        config = {"page_size": _JUST_MADE, "filter": f'labels.{MARK}="{mark}"'}
        answers = yield from self.calls.once(
            lambda clients, seconds: list(
                islice(
                    clients.genai.tunings.list(config={**config, **_within(seconds)}), _JUST_MADE
                )
            )
        )
        jobs = [self.calls.read(job_of, answer) for answer in answers]
        return next((job for job in jobs if job.metadata.get(MARK) == mark), None)

    def look(self, job_id: str, deadline: Deadline) -> Flow[TuningJob]:
        """The job now, asked for once."""
        answer = yield from self.calls.once(_getting(job_id), deadline=deadline)
        return self.calls.read(job_of, answer)

    def get(self, job_id: str) -> Flow[TuningJob]:
        """The job now."""
        answer = yield from self.calls.ask(_getting(job_id))
        return self.calls.read(job_of, answer)

    def cancel(self, job_id: str) -> Flow[TuningJob]:
        """Ask for the job's end, and see what it says to that."""
        name = resource_of(job_id)
        yield from self.calls.ask(
            lambda clients, seconds: clients.genai.tunings.cancel(
                name=name, config=_within(seconds)
            )
        )
        return (yield from self.get(job_id))

    def jobs(self, limit: int | None) -> Flow[list[TuningJob]]:
        """The latest jobs of the region, the newest first."""
        most = _MOST_JOBS if limit is None else max(0, limit)
        size = {"page_size": max(1, min(_PAGE, most))}
        answers = yield from self.calls.ask(
            lambda clients, seconds: list(
                islice(clients.genai.tunings.list(config={**size, **_within(seconds)}), most)
            )
        )
        return [self.calls.read(job_of, answer) for answer in answers]

    def checkpoints(self, job_id: str) -> Flow[list[TuningCheckpoint]]:
        """The checkpoints of a job, the newest first."""
        job = yield from self.get(job_id)
        return list(job.checkpoints)

    def news(self, job_id: str, seen: set[str], deadline: Deadline) -> Flow[Sequence[TuningEvent]]:
        """Nothing: Vertex AI's jobs have no events."""
        # A flow without a step is still one.
        yield from ()
        return ()

    def model(self, name: str) -> Flow[dict[str, Any]]:
        """What is known of a tuned model.

        Args:
            name: The model's, or its endpoint's.
        """
        resource = resource_of(name, "models")
        answer = yield from self.calls.ask(
            lambda clients, seconds: clients.genai.models.get(
                model=resource, config=_within(seconds)
            )
        )
        return self.calls.read(facts_of, answer)

    def delete_model(self, name: str) -> Flow[None]:
        """Delete a tuned model."""
        resource = resource_of(name, "models")
        yield from self.calls.ask(
            lambda clients, seconds: clients.genai.models.delete(
                model=resource, config=_within(seconds)
            )
        )


def job_settings(config: Mapping[str, Any]) -> Any:
    """The configuration of a job as the SDK's own object.

    Args:
        config: Its fields.

    Raises:
        ConfigurationError: If the SDK knows no such field, or it cannot have such a value.
    """
    try:
        # The SDK looks for some fields as attributes, which a dictionary has not.
        return sdk.genai().types.CreateTuningJobConfig(**config)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise ConfigurationError(f"the google-genai SDK refuses the settings: {told}") from error


def _getting(job_id: str) -> Callable[[Any, float], Any]:
    name = resource_of(job_id)
    return lambda clients, seconds: clients.genai.tunings.get(name=name, config=_within(seconds))


def _within(seconds: float) -> dict[str, Any]:
    """The part of a configuration that limits a call; the SDK counts milliseconds."""
    return {"http_options": {"timeout": max(1, int(seconds * 1000))}}
