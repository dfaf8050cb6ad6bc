"""One fine-tuning job, from its validation to its model."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from .files import FilesEndpoint
from .fine_tuning_requests import TuningCreate
from .training_files import count_tokens, fault_in

Status: TypeAlias = Literal[
    "validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"
]
ENDED = frozenset[Status]({"succeeded", "failed", "cancelled"})
ORGANIZATION = "org-test"
_EPOCHS = 3
# What ``auto`` comes to; shown as ``auto`` until the job runs.
_CHOSEN = {"batch_size": 1, "learning_rate_multiplier": 1.8, "n_epochs": _EPOCHS}


class TuningJob:
    """One fine-tuning job, from its files to its model.

    Its states are ``validating_files``, ``queued``, ``running`` and ``succeeded``. A file with a
    fault ends it in ``failed``; a running job can be paused, and goes on when it is resumed.

    Args:
        id: Its id.
        wanted: What the client asked for.
        files: Where it reads and writes.

    Attributes:
        id: Its id.
        status: The state that it is in.
        metadata: The client's own notes.
    """

    def __init__(self, id: str, wanted: TuningCreate, *, files: FilesEndpoint) -> None:
        self.id = id
        self.status: Status = "validating_files"
        self.metadata = wanted.metadata
        self._wanted = wanted
        self._files = files
        self._created = int(time.time())
        self._finished: int | None = None
        self._error: Mapping[str, Any] | None = None
        self._tokens: int | None = None
        self._results: list[str] = []
        self._events: list[dict[str, Any]] = []
        self._checkpoints: list[dict[str, Any]] = []
        self._tell(f"Created fine-tuning job: {id}")
        self._tell(f"Validating training file: {wanted.training_file}")

    def step(self) -> None:
        """Go on to the next state."""
        if self.status == "validating_files":
            self._validate()
        elif self.status == "queued":
            self.status = "running"
            self._tell("Fine-tuning job started")
        elif self.status == "running":
            self._train()

    def cancel(self) -> None:
        """End without a model."""
        self._end("cancelled")
        self._tell("The job has been cancelled")

    def pause(self) -> None:
        """Wait until it is resumed."""
        self.status = "paused"
        self._tell("The job has been paused")

    def resume(self) -> None:
        """Go on with the training."""
        self.status = "running"
        self._tell("The job has been resumed")

    def fail(self, *, code: str, message: str, param: str | None = None) -> None:
        """End with an error."""
        if self.status not in ENDED:
            self._error = {"code": code, "message": message, "param": param}
            self._end("failed")
            self._tell(message, level="error")

    def _validate(self) -> None:
        # Both are read by the same rules; the error names the one that is bad.
        for param in ("training_file", "validation_file"):
            id = getattr(self._wanted, param)
            if id is None:
                continue
            file = self._files.find(id)
            fault = (
                ("file_not_found", f"The file {id} was deleted.")
                if file is None
                else fault_in(file.content, kind=self._wanted.kind, model=self._wanted.model)
            )
            if fault is not None:
                self.fail(code=fault[0], message=fault[1], param=param)
                return
        self.status = "queued"
        self._tell("Files validated, moving job to queued state")

    def _train(self) -> None:
        epochs = self._settings()["n_epochs"]
        rows = ["step,train_loss,train_accuracy"]
        for step in range(1, epochs + 1):
            # A loss that falls, the same in each run.
            metrics = {
                "step": step,
                "train_loss": 1 / step,
                "train_mean_token_accuracy": 1 - 0.5 / step,
            }
            told = f"Step {step}/{epochs}: training loss={metrics['train_loss']:.2f}"
            self._tell(told, type="metrics", data=metrics)
            self._checkpoints.append(self._checkpoint(step, metrics))
            rows.append(",".join(map(str, metrics.values())))
        # The real API hands its table out in base64, too.
        content = base64.b64encode("\n".join(rows).encode())
        name = f"{self.id}_metrics.csv"
        self._results = [self._files.keep(content, filename=name, purpose="fine-tune-results").id]
        file = self._files.find(self._wanted.training_file)
        self._tokens = epochs * count_tokens(file.content) if file else None
        self._end("succeeded")
        self._tell("New fine-tuned model created")
        self._tell("The job has successfully completed")

    def _checkpoint(self, step: int, metrics: Mapping[str, float]) -> dict[str, Any]:
        return {
            "id": f"ftckpt_{self.id.removeprefix('ftjob-')}{step:03d}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": int(time.time()),
            "fine_tuned_model_checkpoint": f"{self._model()}:ckpt-step-{step}",
            "fine_tuning_job_id": self.id,
            "metrics": metrics,
            "step_number": step,
        }

    def _model(self) -> str:
        wanted = self._wanted
        return f"ft:{wanted.model}:{ORGANIZATION}:{wanted.suffix or ''}:{self.id[-8:]}"

    def _settings(self) -> dict[str, Any]:
        told = self._wanted.settings
        return {**_CHOSEN, **{name: value for name, value in told.items() if value != "auto"}}

    def _end(self, status: Status) -> None:
        self.status = status
        self._finished = int(time.time())

    def _tell(self, message: str, *, level: str = "info", **more: Any) -> None:
        number = len(self._events) + 1
        self._events.append(
            {
                "id": f"ftevent-{self.id.removeprefix('ftjob-')}{number:03d}",
                "object": "fine_tuning.job.event",
                "created_at": int(time.time()),
                "level": level,
                "message": message,
                "type": "message",
                "data": {},
                **more,
            }
        )

    def events(self) -> list[dict[str, Any]]:
        """What happened, the latest first."""
        return self._events[::-1]

    def checkpoints(self) -> list[dict[str, Any]]:
        """The models on the way, the latest first; there are none before the job succeeds."""
        return self._checkpoints[::-1]

    def shown(self) -> dict[str, Any]:
        """The job as the API shows it."""
        wanted = self._wanted
        auto = dict.fromkeys(_CHOSEN, "auto")
        settings = {**auto, **wanted.settings} if self.status in _EARLY else self._settings()
        method = wanted.method.model_dump(exclude_unset=True) if wanted.method else None
        done = self.status == "succeeded"
        return {
            "id": self.id,
            "object": "fine_tuning.job",
            "created_at": self._created,
            "finished_at": self._finished,
            "estimated_finish": None,
            "status": self.status,
            # An empty object, not null, is what the real API shows.
            "error": self._error or {},
            "model": wanted.model,
            "fine_tuned_model": self._model() if done else None,
            "organization_id": ORGANIZATION,
            "hyperparameters": {name: settings[name] for name in _CHOSEN},
            "method": method or {"type": "supervised", "supervised": {"hyperparameters": settings}},
            "training_file": wanted.training_file,
            "validation_file": wanted.validation_file,
            "result_files": self._results,
            "trained_tokens": self._tokens,
            "seed": 0 if wanted.seed is None else wanted.seed,
            "integrations": list(_dumped(wanted)),
            "metadata": self.metadata,
        }


_EARLY = frozenset[Status]({"validating_files", "queued"})


def _dumped(wanted: TuningCreate) -> Iterator[dict[str, Any]]:
    return (one.model_dump(exclude_unset=True) for one in wanted.integrations or ())
