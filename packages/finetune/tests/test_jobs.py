"""Records of jobs know when they are final, count steps, and travel as JSON and in a pickle."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import pytest

from racto.finetune import TuningJobError
from racto.finetune.jobs import (
    TuningCheckpoint,
    TuningEvent,
    TuningFault,
    TuningJob,
    TuningProgress,
    TuningState,
)

JOB = TuningJob(
    job_id="j",
    provider="openai",
    state=TuningState.FAILED,
    status="failed",
    fault=TuningFault(message="Bad", code="c"),
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    hyperparameters={"n_epochs": 2},
    checkpoints=(TuningCheckpoint(checkpoint_id="1", metrics={"loss": 0.5}),),
    raw={"secret": "of the provider"},
)


def test_three_states_are_final() -> None:
    final = {state for state in TuningState if state.is_final}
    assert final == {TuningState.SUCCEEDED, TuningState.FAILED, TuningState.CANCELLED}


def test_a_job_is_json_without_the_provider_s_object() -> None:
    data = json.loads(json.dumps(JOB.as_data()))
    assert (data["state"], data["created_at"]) == ("failed", "2026-01-02T00:00:00+00:00")
    assert data["fault"] == {"message": "Bad", "code": "c", "param": None}
    assert data["checkpoints"][0]["metrics"] == {"loss": 0.5}
    assert "raw" not in data
    assert "of the provider" not in repr(JOB)


@pytest.mark.parametrize(
    ("message", "data", "step", "total"),
    [
        ("Step 4/7: training loss=1.00", {}, 4, 7),
        ("", {"step": 3.0, "total_steps": 9}, 3, 9),
        ("Step 4/7", {"step": 5}, 5, 7),
        ("Step by step", {"step": True}, None, None),
        ("", {"step": -1}, None, None),
    ],
    ids=["words", "numbers", "both", "neither", "negative"],
)
def test_an_event_counts_steps(
    message: str, data: dict[str, object], step: int | None, total: int | None
) -> None:
    event = TuningEvent(event_id="e", message=message, data=data)
    assert (event.step, event.total_steps) == (step, total)


def test_a_fraction_is_known_when_steps_are() -> None:
    assert TuningProgress(job=JOB).fraction is None
    assert TuningProgress(job=JOB, step=1).fraction is None
    assert TuningProgress(job=JOB, step=9, total_steps=4).fraction == 1.0
    assert TuningProgress(job=JOB, step=1, total_steps=4).fraction == 0.25


def test_the_error_of_a_job_travels_with_it() -> None:
    error = pickle.loads(pickle.dumps(TuningJobError("why", job=JOB, provider="openai")))
    assert (str(error), error.job, error.provider) == ("why", JOB, "openai")
