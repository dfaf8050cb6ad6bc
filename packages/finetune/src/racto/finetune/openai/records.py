"""OpenAI's objects as racto's records: jobs, events and checkpoints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from racto.finetune.jobs import (
    TuningCheckpoint,
    TuningEvent,
    TuningFault,
    TuningJob,
    TuningState,
)

_STATES: Mapping[str, TuningState] = {
    "validating_files": TuningState.VALIDATING,
    "queued": TuningState.QUEUED,
    "running": TuningState.RUNNING,
    "paused": TuningState.PAUSED,
    "succeeded": TuningState.SUCCEEDED,
    "failed": TuningState.FAILED,
    "cancelled": TuningState.CANCELLED,
    # As hosts that speak the protocol, such as Azure, say it.
    "pending": TuningState.QUEUED,
    "notRunning": TuningState.QUEUED,
    "canceled": TuningState.CANCELLED,
}


def facts_of(answer: Any) -> dict[str, Any]:
    """What an object of the SDK holds.

    Args:
        answer: What a call returned; text, where a server answered with a page.

    Raises:
        ValueError: If it is no object.
    """
    if not hasattr(answer, "to_dict"):
        raise ValueError(f"an object was expected, and it begins {str(answer)[:80]!r}")
    facts = answer.to_dict(warnings=False)
    if not isinstance(facts, dict):
        raise ValueError(f"an object was expected, and it is a {type(facts).__name__}")
    return facts


def identified(answer: Any) -> dict[str, Any]:
    """What an object of the SDK holds that must have an id.

    Raises:
        ValueError: If it is no such object.
    """
    facts = facts_of(answer)
    if not (isinstance(facts.get("id"), str) and facts["id"]):
        raise ValueError("an object has no id")
    return facts


def job_of(answer: Any) -> TuningJob:
    """The record of a job.

    Args:
        answer: The SDK's object.

    Raises:
        ValueError: If it is none.
    """
    facts = identified(answer)
    status = str(facts.get("status") or "")
    method = _mapping(facts.get("method"))
    kind = str(method.get("type") or "")
    settings = _mapping(_mapping(method.get(kind)).get("hyperparameters"))
    return TuningJob(
        job_id=facts["id"],
        provider="openai",
        state=_STATES.get(status, TuningState.UNKNOWN),
        status=status,
        base_model=str(facts.get("model") or ""),
        model=_text(facts.get("fine_tuned_model")),
        method=kind,
        training_file=str(facts.get("training_file") or ""),
        validation_file=_text(facts.get("validation_file")),
        hyperparameters={**_mapping(facts.get("hyperparameters")), **settings},
        fault=_fault(_mapping(facts.get("error"))),
        created_at=_moment(facts.get("created_at")),
        finished_at=_moment(facts.get("finished_at")),
        estimated_finish=_moment(facts.get("estimated_finish")),
        trained_tokens=_count(facts.get("trained_tokens")),
        metadata={key: str(value) for key, value in _mapping(facts.get("metadata")).items()},
        raw=facts,
    )


def event_of(answer: Any) -> TuningEvent:
    """The record of an event.

    Args:
        answer: The SDK's object.

    Raises:
        ValueError: If it is none.
    """
    facts = identified(answer)
    return TuningEvent(
        event_id=facts["id"],
        message=str(facts.get("message") or ""),
        level=str(facts.get("level") or "info"),
        kind=str(facts.get("type") or "message"),
        created_at=_moment(facts.get("created_at")),
        data=_mapping(facts.get("data")),
    )


def checkpoint_of(answer: Any) -> TuningCheckpoint:
    """The record of a checkpoint.

    Args:
        answer: The SDK's object.

    Raises:
        ValueError: If it is none.
    """
    facts = identified(answer)
    metrics = _mapping(facts.get("metrics"))
    return TuningCheckpoint(
        checkpoint_id=facts["id"],
        model=_text(facts.get("fine_tuned_model_checkpoint")),
        step=_count(facts.get("step_number")),
        created_at=_moment(facts.get("created_at")),
        metrics={
            name: float(value)
            for name, value in metrics.items()
            if isinstance(value, int | float) and name != "step"
        },
    )


def _fault(error: Mapping[str, Any]) -> TuningFault | None:
    # A job that is well has an empty object here, or one of empty fields.
    if not (error.get("message") or error.get("code")):
        return None
    return TuningFault(
        message=str(error.get("message") or "no message"),
        code=str(error.get("code") or ""),
        param=_text(error.get("param")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    # Of a number beyond all others Python's reader makes an infinity, and no int has its value.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and math.isfinite(value) else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        # A date that cannot be read is no reason to lose the job.
        return None
