"""What a caller learns of a task: its state, its result or why it failed, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from celery import states  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict

from racto.core.secrets import redact

from .addresses import result_host_of
from .backends import backend_of, impatient
from .failures import shortened, translated
from .tasks import PROGRESS
from .trimming import restored


class TaskStatus(StrEnum):
    """Lifecycle state of a task, in Celery's words in lower case."""

    PENDING = "pending"
    STARTED = "started"
    SUCCESS = "success"
    FAILURE = "failure"
    RETRY = "retry"
    REVOKED = "revoked"

    @property
    def is_final(self) -> bool:
        """Whether the task will not change any more."""
        return self in (TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.REVOKED)


class TaskResult(BaseModel):
    """A task at one moment.

    Attributes:
        task_id: Id of the task.
        status: How far it is. ``pending`` is also what Celery says of ids that were never sent.
        result: On success: for ``generate`` the reply as ``LLMResponse.model_dump(mode="json")``,
            for ``ingest_document`` a list of chunks as ``Chunk.to_dict()``, without vectors.
        error: Why it failed, or why its last run did; free of secrets.
        error_type: Name of the error's class.
        timed_out: Whether the time to wait was up before the task ended, which is no failure:
            the task goes on (the reference package calls it failed).
        progress: Fraction done, 0.0 to 1.0, of a running task that tells.
        note: What a running task says about its progress.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    task_id: str
    status: TaskStatus
    result: Any = None
    error: str | None = None
    error_type: str | None = None
    timed_out: bool = False
    progress: float | None = None
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the task succeeded and produced a result."""
        return self.status is TaskStatus.SUCCESS


def read(app: Any, task_id: str) -> TaskResult:
    """The task as the result back end knows it now.

    Raises:
        APIConnectionError: If the back end cannot be reached.
        ConfigurationError: If the app has none.
        JobError: If it holds something unreadable.
    """
    backend = impatient(backend_of(app))
    with translated(
        f"reading task {task_id}", service="result back end", at=partial(result_host_of, app)
    ):
        return result_of(task_id, backend.get_task_meta(task_id))


def result_of(task_id: str, meta: Mapping[str, Any]) -> TaskResult:
    """The task that a back end's record describes."""
    state, value = meta.get("status"), meta.get("result")
    facts: dict[str, Any] = {"task_id": task_id, "status": _status(state)}
    if state == states.SUCCESS:
        facts["result"] = restored(value)
    elif state == PROGRESS and isinstance(value, Mapping):
        facts.update(_progress(value))
    elif facts["status"] in (TaskStatus.FAILURE, TaskStatus.RETRY, TaskStatus.REVOKED):
        facts.update(_error(value))
    return TaskResult(**facts)


def _status(state: Any) -> TaskStatus:
    if state == PROGRESS or state == states.RECEIVED:
        return TaskStatus.STARTED if state == PROGRESS else TaskStatus.PENDING
    try:
        return TaskStatus(str(state).lower())
    except ValueError:
        # A state of the user's own is written by a task that runs.
        return TaskStatus.STARTED


def _progress(value: Mapping[str, Any]) -> dict[str, Any]:
    done, total = value.get("done"), value.get("total")
    facts: dict[str, Any] = {"note": str(value.get("note") or "")}
    if isinstance(done, int | float) and isinstance(total, int | float) and total > 0:
        facts["progress"] = min(1.0, max(0.0, done / total))
    return facts


def _error(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, BaseException):
        kind = type(value).__name__
        # What Celery itself says of these is the number of seconds, or nothing.
        said = _SAID.get(kind) or shortened(redact(str(value))) or kind
        return {"error": said, "error_type": kind}
    return {"error": shortened(redact(str(value)))}


_SAID = {
    "TimeLimitExceeded": "the task was killed at its hard time limit; raise TaskLimits.hard_time_s",
    "TaskRevokedError": "the task was cancelled",
}
