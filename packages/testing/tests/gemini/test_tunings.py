"""Tunings go through their states, on both of Google's APIs."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import errors, types

from racto.testing import GeminiServer

pytestmark = pytest.mark.filterwarnings("ignore::google.genai._common.ExperimentalWarning")

EXAMPLES = types.TuningDataset(examples=[types.TuningExample(text_input="a", output="b")])
SPEC = {"trainingDatasetUri": "gs://b/a.jsonl"}
JOBS = "projects/p/locations/l/tuningJobs"


def test_a_model_is_tuned(client: Any) -> None:
    config = types.CreateTuningJobConfig(
        epoch_count=2, batch_size=3, learning_rate=0.1, tuned_model_display_name="mine"
    )
    job = client.tunings.tune(base_model="models/x", training_dataset=EXAMPLES, config=config)
    assert job.name is not None
    assert job.name.startswith("tunedModels/")
    job = client.tunings.get(name=job.name)
    assert job.state is types.JobState.JOB_STATE_SUCCEEDED
    assert job.end_time is not None
    assert job.tuned_model is not None
    assert job.tuned_model.model == job.name
    assert client.models.generate_content(model=job.name, contents="x").text == "ok"


def test_a_tuning_can_be_cancelled_and_fail(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.tunings.polls_per_step = None
    name = client.tunings.tune(base_model="models/x", training_dataset=EXAMPLES).name
    assert name is not None
    assert client.tunings.get(name=name).state is types.JobState.JOB_STATE_RUNNING
    client.tunings.cancel(name=name)
    assert client.tunings.get(name=name).state is types.JobState.JOB_STATE_FAILED


def test_an_operation_ends_with_its_model(gemini_server: GeminiServer, post: Any) -> None:
    begun = post("tunedModels", {"baseModel": "models/x"}).json()
    assert "done" not in begun
    done = post(begun["name"], method="GET").json()
    assert done["done"] is True
    assert done["response"]["state"] == "ACTIVE"
    gemini_server.tunings.enter("FAILED")
    assert post(begun["name"], method="GET").json()["error"]["code"] == 13


def test_a_model_may_be_named(post: Any) -> None:
    body = {"baseModel": "models/x"}
    assert (
        post("tunedModels?tunedModelId=mine", body).json()["metadata"]["tunedModel"]
        == "tunedModels/mine"
    )
    assert post("tunedModels?tunedModelId=mine", body).status_code == 409
    assert [each["name"] for each in post("tunedModels", method="GET").json()["tunedModels"]] == [
        "tunedModels/mine"
    ]
    assert post("tunedModels/mine", method="DELETE").status_code == 200
    assert post("tunedModels/mine", method="GET").status_code == 404


def test_a_model_to_be_tuned_is_named(post: Any) -> None:
    assert "base_model" in post("tunedModels", {}).json()["error"]["message"]


def test_a_job_of_vertex_runs_and_succeeds(vertex: Any) -> None:
    config = types.CreateTuningJobConfig(
        epoch_count=2,
        learning_rate_multiplier=1.5,
        adapter_size=types.AdapterSize.ADAPTER_SIZE_ONE,
        validation_dataset=types.TuningValidationDataset(gcs_uri="gs://b/v.jsonl"),
    )
    dataset = types.TuningDataset(gcs_uri="gs://b/a.jsonl")
    job = vertex.tunings.tune(base_model="gemini-x", training_dataset=dataset, config=config)
    assert job.name is not None
    states = [job.state] + [vertex.tunings.get(name=job.name).state for _ in range(2)]
    assert [state and state.name for state in states] == [
        "JOB_STATE_PENDING",
        "JOB_STATE_RUNNING",
        "JOB_STATE_SUCCEEDED",
    ]
    (listed,) = vertex.tunings.list()
    assert listed.name == job.name
    assert listed.tuned_model is not None
    assert listed.tuned_model.endpoint == "projects/p/locations/l/endpoints/1"


@pytest.mark.parametrize(
    ("method", "spec"),
    [
        ("PREFERENCE_TUNING", "preferenceOptimizationSpec"),
        ("DISTILLATION", "distillationSpec"),
    ],
)
def test_other_ways_of_tuning_are_taken(
    method: str, spec: str, gemini_server: GeminiServer, vertex: Any
) -> None:
    dataset = types.TuningDataset(gcs_uri="gs://b/a.jsonl")
    config = types.CreateTuningJobConfig(method=types.TuningMethod(method))
    vertex.tunings.tune(base_model="gemini-x", training_dataset=dataset, config=config)
    assert spec in gemini_server.last.json


def test_a_job_can_be_cancelled_and_fail(gemini_server: GeminiServer, post: Any) -> None:
    body = {"baseModel": "x", "supervisedTuningSpec": SPEC}
    name = post(JOBS, body).json()["name"]
    post(f"{name}:cancel")
    assert post(name, method="GET").json()["state"] == "JOB_STATE_CANCELLED"
    gemini_server.tunings.enter("JOB_STATE_FAILED", id=name)
    assert post(name, method="GET").json()["error"]["code"] == 13


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"supervisedTuningSpec": SPEC}, "base_model"),
        ({"baseModel": "x"}, "The tuning spec is required."),
        ({"baseModel": "x", "supervisedTuningSpec": {"trainingDatasetUri": "a"}}, "URI: a"),
        (
            {"baseModel": "x", "supervisedTuningSpec": SPEC, "distillationSpec": SPEC},
            "oneof field 'tuning_spec' is already set",
        ),
        ({"baseModel": "x", "epochs": 3}, 'Unknown name "epochs"'),
    ],
)
def test_wrong_jobs_are_refused(body: dict[str, Any], told: str, post: Any) -> None:
    answer = post(JOBS, body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_a_job_that_is_not_there_is_not_found(vertex: Any) -> None:
    with pytest.raises(errors.ClientError) as caught:
        vertex.tunings.get(name=f"{JOBS}/7")
    assert caught.value.code == 404
