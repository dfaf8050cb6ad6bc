"""OpenAI's objects become records, also where a server leaves things out or adds some."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint

from racto.finetune.jobs import TuningEvent, TuningFault, TuningState
from racto.finetune.openai.records import checkpoint_of, event_of, job_of

JOB: dict[str, Any] = {
    "id": "ftjob-1",
    "object": "fine_tuning.job",
    "model": "gpt-x",
    "status": "running",
    "created_at": 1_700_000_000,
    "training_file": "file-1",
    "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "n_epochs": 2}}},
    "hyperparameters": {"n_epochs": "auto"},
    "metadata": {"mine": "1"},
    "error": {},
}


def test_a_job_has_what_openai_tells() -> None:
    job = job_of(FineTuningJob.construct(**JOB))
    assert (job.job_id, job.provider, job.base_model) == ("ftjob-1", "openai", "gpt-x")
    assert (job.state, job.status, job.model) == (TuningState.RUNNING, "running", None)
    assert (job.method, dict(job.hyperparameters)) == ("dpo", {"n_epochs": 2, "beta": 0.1})
    assert job.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (job.fault, job.finished_at, job.validation_file) == (None, None, None)
    assert job.raw["status"] == "running"


def test_the_error_of_a_failed_job_is_kept() -> None:
    error = {"code": "invalid_training_file", "message": "Line 3", "param": "training_file"}
    job = job_of(FineTuningJob.construct(**JOB | {"status": "failed", "error": error}))
    assert job.fault == TuningFault(
        message="Line 3", code="invalid_training_file", param="training_file"
    )
    assert str(job.fault) == "Line 3 (invalid_training_file)"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("validating_files", TuningState.VALIDATING),
        ("paused", TuningState.PAUSED),
        ("cancelled", TuningState.CANCELLED),
        ("dreaming", TuningState.UNKNOWN),
        (None, TuningState.UNKNOWN),
    ],
)
def test_states_are_known_and_new_ones_go_on(status: str | None, state: TuningState) -> None:
    job = job_of(FineTuningJob.construct(**JOB | {"status": status}))
    assert (job.state, job.status) == (state, status or "")


@pytest.mark.parametrize("odd", ["soon", -1e30, [1], True], ids=str)
def test_a_date_that_cannot_be_read_is_no_reason_to_lose_a_job(odd: Any) -> None:
    job = job_of(FineTuningJob.construct(**JOB | {"finished_at": odd, "trained_tokens": "many"}))
    assert job.trained_tokens is None


def test_an_event_tells_its_step() -> None:
    data = {"step": 3, "total_steps": 9, "train_loss": 0.5}
    event = event_of(
        FineTuningJobEvent.construct(id="e", message="m", type="metrics", data=data, level="info")
    )
    assert (event.step, event.total_steps, event.kind) == (3, 9, "metrics")
    told = event_of(FineTuningJobEvent.construct(id="e", message="Step 4/7: training loss=1.00"))
    assert (told.step, told.total_steps, told.level) == (4, 7, "info")
    other = event_of(FineTuningJobEvent.construct(id="e", message="Queued", data=None))
    assert (other.step, other.total_steps, other.data) == (None, None, {})


def test_a_checkpoint_has_its_model_and_its_numbers() -> None:
    made = checkpoint_of(
        FineTuningJobCheckpoint.construct(
            id="c",
            fine_tuned_model_checkpoint="ft:x:ckpt",
            step_number=8,
            metrics={"step": 8, "full_valid_loss": 0.25, "valid_loss": None},
        )
    )
    assert (made.model, made.step, made.metrics) == ("ft:x:ckpt", 8, {"full_valid_loss": 0.25})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = sorted(
    {*FineTuningJob.model_fields, *FineTuningJobEvent.model_fields}
    | set(FineTuningJobCheckpoint.model_fields)
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_a_server_sends_is_a_record_or_an_error_of_values(facts: dict[str, Any]) -> None:
    for model, decode in (
        (FineTuningJob, job_of),
        (FineTuningJobEvent, event_of),
        (FineTuningJobCheckpoint, checkpoint_of),
    ):
        answer = model.construct(**facts)
        if isinstance(facts.get("id"), str) and facts["id"]:
            made: Any = decode(answer)
            assert isinstance(json.dumps(made.as_data(), default=str), str)
            if isinstance(made, TuningEvent):
                assert made.step is None or made.step >= 0
        else:
            with pytest.raises(ValueError, match="no id"):
                decode(answer)
