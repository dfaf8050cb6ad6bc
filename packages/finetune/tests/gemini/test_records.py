"""Vertex AI's jobs become records, with their checkpoints, tokens and faults."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.genai import types

from racto.finetune.gemini.records import job_of
from racto.finetune.jobs import TuningCheckpoint, TuningFault, TuningState

NAME = "projects/p/locations/l/tuningJobs/1"


def test_a_job_has_what_vertex_tells() -> None:
    job = job_of(
        types.TuningJob(
            name=NAME,
            state=types.JobState.JOB_STATE_SUCCEEDED,
            base_model="gemini-x",
            create_time=datetime(2026, 1, 2, tzinfo=UTC),
            tuned_model=types.TunedModel(
                model="projects/p/locations/l/models/1@1",
                endpoint="projects/p/locations/l/endpoints/9",
                checkpoints=[
                    types.TunedModelCheckpoint(checkpoint_id="1", epoch=1, step=10),
                    types.TunedModelCheckpoint(checkpoint_id="2", epoch=2, step=20, endpoint="e"),
                ],
            ),
            preference_optimization_spec=types.PreferenceOptimizationSpec(
                training_dataset_uri="gs://b/t",
                validation_dataset_uri="gs://b/v",
                hyper_parameters=types.PreferenceOptimizationHyperParameters(beta=0.1),
            ),
            tuning_data_stats=types.TuningDataStats(
                supervised_tuning_data_stats=types.SupervisedTuningDataStats(
                    total_billable_token_count=77
                )
            ),
            tuning_job_metadata=types.TuningJobMetadata(completed_epoch_count=2),
            labels={"team": "a"},
        )
    )
    assert (job.job_id, job.provider, job.method) == (NAME, "google", "dpo")
    assert job.model == "projects/p/locations/l/endpoints/9"
    assert (job.training_file, job.validation_file) == ("gs://b/t", "gs://b/v")
    assert (job.trained_tokens, job.epochs_done, job.metadata) == (77, 2, {"team": "a"})
    assert job.created_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert job.hyperparameters == {"beta": 0.1}
    assert job.checkpoints == (
        TuningCheckpoint(checkpoint_id="2", model="e", step=20, epoch=2),
        TuningCheckpoint(checkpoint_id="1", step=10, epoch=1),
    )
    assert job.as_data()["checkpoints"][0]["checkpoint_id"] == "2"


def test_a_fault_is_kept() -> None:
    error = types.GoogleRpcStatus(code=3, message="Row 7: no model turn.")
    job = job_of(types.TuningJob(name=NAME, state=types.JobState.JOB_STATE_FAILED, error=error))
    assert (job.state, job.fault) == (
        TuningState.FAILED,
        TuningFault(message="Row 7: no model turn.", code="3"),
    )


def test_every_state_of_the_sdk_has_a_meaning() -> None:
    for state in types.JobState:
        job = job_of(types.TuningJob(name=NAME, state=state))
        unknown = state is types.JobState.JOB_STATE_UNSPECIFIED
        assert (job.state is TuningState.UNKNOWN) is unknown, state


def test_a_job_without_a_name_is_none() -> None:
    with pytest.raises(ValueError, match="no name"):
        job_of(types.TuningJob())
