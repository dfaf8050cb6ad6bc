"""A tuning job as every provider's is told here: its state, its events and its checkpoints."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from racto.core.errors import JobError

_STEP = re.compile(r"\bStep (\d+)/(\d+)")


class TuningState(StrEnum):
    """How far a tuning job is.

    ``UNKNOWN`` is a state that this release has no name for; ``TuningJob.status`` has the
    provider's word, and the job counts as one that goes on.
    """

    VALIDATING = "validating"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether the job will not change any more."""
        return self in (TuningState.SUCCEEDED, TuningState.FAILED, TuningState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningFault:
    """Why a job failed, in the provider's words.

    Attributes:
        message: What was wrong; the provider names the line of a bad training file.
        code: The provider's code for it; empty when it gave none.
        param: What was at fault, for example ``validation_file``; None when the provider did
            not say.
    """

    message: str
    code: str = ""
    param: str | None = None

    def __str__(self) -> str:
        return f"{self.message} ({self.code})" if self.code else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningJob:
    """A tuning job at one moment.

    Attributes:
        job_id: Its id; all that is needed to wait for it again, from any process.
        provider: ``openai`` or ``google``.
        state: How far it is.
        status: The provider's own word for that.
        base_model: The model that is tuned.
        model: Name of the tuned model, as a kit takes it; None before the job has succeeded.
        method: ``supervised``, ``dpo``, ``reinforcement``, ...; empty when not told.
        training_file: File id or address of the training data.
        validation_file: File id or address of the validation data; None without.
        hyperparameters: What it trains with, as far as the provider tells.
        fault: Why it failed; None unless it did.
        created_at: When it was made.
        finished_at: When it ended; None before.
        estimated_finish: When the provider thinks that it will end; None when it does not say.
        trained_tokens: Billable tokens so far; None when not told.
        epochs_done: Epochs that are done; None when not told.
        checkpoints: Checkpoints that the job itself lists, which Vertex AI's do.
        metadata: The caller's own notes at the job.
        raw: The provider's own object.
    """

    job_id: str
    provider: str
    state: TuningState
    status: str
    base_model: str = ""
    model: str | None = None
    method: str = ""
    training_file: str = ""
    validation_file: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    fault: TuningFault | None = None
    created_at: datetime | None = None
    finished_at: datetime | None = None
    estimated_finish: datetime | None = None
    trained_tokens: int | None = None
    epochs_done: int | None = None
    checkpoints: Sequence[TuningCheckpoint] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_data(self) -> dict[str, Any]:
        """The job as JSON data, without the provider's own object."""
        return _plain(self, without="raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningEvent:
    """One thing that happened in a job.

    Attributes:
        event_id: Its id.
        message: What happened.
        level: ``info``, ``warn`` or ``error``.
        kind: ``message``, or ``metrics`` for a step of the training.
        created_at: When.
        data: Facts about it; of a step its losses.
    """

    event_id: str
    message: str
    level: str = "info"
    kind: str = "message"
    created_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> int | None:
        """Number of the training step that the event tells of, from 1; None for other events."""
        return self._number("step", 1)

    @property
    def total_steps(self) -> int | None:
        """How many steps the training has; None when the event does not say."""
        return self._number("total_steps", 2)

    def _number(self, key: str, group: int) -> int | None:
        told = self.data.get(key)
        if isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told < math.inf:
            return int(told)
        # The number of steps stands in the words alone at some servers.
        found = _STEP.search(self.message)
        return int(found[group]) if found else None

    def as_data(self) -> dict[str, Any]:
        """The event as JSON data."""
        return _plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningCheckpoint:
    """A model from the middle of a training, ready for use.

    Attributes:
        checkpoint_id: Its id.
        model: Its name, as a kit takes it; None when it is not deployed.
        step: The step that it was made after; None when not told.
        epoch: The epoch that it was made after; None when not told.
        created_at: When.
        metrics: Losses and accuracies at that step.
    """

    checkpoint_id: str
    model: str | None = None
    step: int | None = None
    epoch: int | None = None
    created_at: datetime | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """The checkpoint as JSON data."""
        return _plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningProgress:
    """What a wait has seen at one look.

    Attributes:
        job: The job.
        events: What happened since the last look, the oldest first; empty where the provider
            has no events.
        elapsed: Seconds since the wait began.
        step: Training steps that are done; None when not known.
        total_steps: All of them; None when not known.
    """

    job: TuningJob
    events: Sequence[TuningEvent] = ()
    elapsed: float = 0.0
    step: int | None = None
    total_steps: int | None = None

    @property
    def fraction(self) -> float | None:
        """Part of the training that is done, 0.0 to 1.0; None when not known."""
        if self.job.state is TuningState.SUCCEEDED:
            return 1.0
        if self.step is None or not self.total_steps:
            return None
        return min(1.0, self.step / self.total_steps)


# A RuntimeError too: the reference raises one, and its users catch it.
class TuningJobError(JobError, RuntimeError):
    """A tuning job failed, or was cancelled; ``job`` is the job as it ended."""

    def __init__(self, message: str, *, job: TuningJob, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.job = job


def _plain(record: Any, *, without: str = "") -> dict[str, Any]:
    return {
        entry.name: _value(getattr(record, entry.name))
        for entry in fields(record)
        if entry.name != without
    }


def _value(value: Any) -> Any:
    # With the offset in it: whoever reads the JSON may live elsewhere.
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, TuningFault | TuningCheckpoint):
        return _plain(value)
    if isinstance(value, Mapping):
        return {str(key): _value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return value
