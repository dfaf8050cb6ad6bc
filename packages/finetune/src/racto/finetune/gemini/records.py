"""Vertex AI's tuning jobs as racto's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from racto.finetune.jobs import TuningCheckpoint, TuningFault, TuningJob, TuningState

_STATES: Mapping[str, TuningState] = {
    "JOB_STATE_QUEUED": TuningState.QUEUED,
    "JOB_STATE_PENDING": TuningState.QUEUED,
    "JOB_STATE_RUNNING": TuningState.RUNNING,
    "JOB_STATE_UPDATING": TuningState.RUNNING,
    "JOB_STATE_PAUSED": TuningState.PAUSED,
    "JOB_STATE_CANCELLING": TuningState.CANCELLING,
    "JOB_STATE_SUCCEEDED": TuningState.SUCCEEDED,
    "JOB_STATE_PARTIALLY_SUCCEEDED": TuningState.SUCCEEDED,
    "JOB_STATE_FAILED": TuningState.FAILED,
    "JOB_STATE_EXPIRED": TuningState.FAILED,
    "JOB_STATE_CANCELLED": TuningState.CANCELLED,
}
_METHODS: Mapping[str, str] = {
    "supervised_tuning_spec": "supervised",
    "preference_optimization_spec": "dpo",
    "distillation_spec": "distillation",
    "reinforcement_tuning_spec": "reinforcement",
}


def facts_of(answer: Any) -> dict[str, Any]:
    """What an object of the SDK holds, as JSON data.

    Args:
        answer: What a call returned.

    Raises:
        ValueError: If it has no name.
    """
    facts: dict[str, Any] = answer.model_dump(
        mode="json", exclude_none=True, exclude={"sdk_http_response"}
    )
    if not facts.get("name"):
        raise ValueError("an object has no name")
    return facts


def job_of(answer: Any) -> TuningJob:
    """The record of a job.

    Args:
        answer: The SDK's object.

    Raises:
        ValueError: If it has no name.
    """
    facts = facts_of(answer)
    status = str(facts.get("state") or "")
    kind = next((name for name in _METHODS if name in facts), "")
    spec: Mapping[str, Any] = facts.get(kind) or {}
    model: Mapping[str, Any] = facts.get("tuned_model") or {}
    before: Mapping[str, Any] = facts.get("pre_tuned_model") or {}
    done: Mapping[str, Any] = facts.get("tuning_job_metadata") or {}
    return TuningJob(
        job_id=facts["name"],
        provider="google",
        state=_STATES.get(status, TuningState.UNKNOWN),
        status=status,
        base_model=str(facts.get("base_model") or before.get("tuned_model_name") or ""),
        # Words come from the endpoint; the model's own name is for tuning it further.
        model=model.get("endpoint") or model.get("model"),
        method=_METHODS.get(kind, ""),
        training_file=str(spec.get("training_dataset_uri") or ""),
        validation_file=spec.get("validation_dataset_uri"),
        hyperparameters=spec.get("hyper_parameters") or {},
        fault=_fault(facts.get("error") or {}),
        created_at=_moment(facts.get("create_time")),
        finished_at=_moment(facts.get("end_time")),
        trained_tokens=_tokens(facts.get("tuning_data_stats") or {}),
        epochs_done=done.get("completed_epoch_count"),
        checkpoints=_checkpoints(model.get("checkpoints") or ()),
        metadata=facts.get("labels") or {},
        raw=facts,
    )


def _checkpoints(found: Sequence[Mapping[str, Any]]) -> tuple[TuningCheckpoint, ...]:
    records = [
        TuningCheckpoint(
            checkpoint_id=str(one.get("checkpoint_id") or ""),
            model=one.get("endpoint"),
            step=one.get("step"),
            epoch=one.get("epoch"),
        )
        for one in found
    ]
    # The newest first, as everywhere.
    return tuple(sorted(records, key=lambda one: one.step or 0, reverse=True))


def _fault(error: Mapping[str, Any]) -> TuningFault | None:
    if not error:
        return None
    code = error.get("code")
    return TuningFault(
        message=str(error.get("message") or "no message"), code="" if code is None else str(code)
    )


def _tokens(stats: Mapping[str, Any]) -> int | None:
    supervised: Mapping[str, Any] = stats.get("supervised_tuning_data_stats") or {}
    return supervised.get("total_billable_token_count")


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
