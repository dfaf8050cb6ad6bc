"""Jobs at Vertex AI: what is asked for, what is refused before anything is sent, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    RactoGatewayAuthError,
    UnsupportedFeatureError,
)
from racto.finetune import RactoDataset
from racto.finetune.gemini import GeminiFineTuner
from racto.finetune.jobs import TuningState
from racto.finetune.submissions import MARK
from racto.testing import Conduct, Failure, GeminiServer, Reply

from .conftest import DATA, JOBS, Make
from .storage_server import StorageServer

LOST = Reply(conduct=Conduct(hang_up=True))
DATASET = RactoDataset.from_pairs([(f"question {n}", f"answer {n}") for n in range(12)])


def asked(server: GeminiServer) -> Any:
    """The latest job that was asked for."""
    return next(one.json for one in reversed(server.requests) if one.method == "POST")


def test_a_job_is_asked_for_as_the_reference_does(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    job = tuner.create_job(DATA, "gemini-x", display_name="mine")
    assert job.job_id == f"{JOBS}/1"
    assert (job.state, job.base_model, job.method) == (TuningState.QUEUED, "gemini-x", "supervised")
    assert job.training_file == DATA
    body = asked(gemini_server)
    assert body["tunedModelDisplayName"] == "mine"
    assert body["supervisedTuningSpec"]["hyperParameters"] == {"epochCount": 5}
    assert set(body["labels"]) == {MARK}


def test_every_setting_has_its_place(gemini_server: GeminiServer, tuner: GeminiFineTuner) -> None:
    tuner.create_job(
        DATA,
        "models/gemini-x",
        epoch_count=2,
        validation_dataset="gs://bucket/check.jsonl",
        method="dpo",
        beta=0.2,
        learning_rate_multiplier=1.5,
        adapter_size=8,
        checkpoints=False,
        description="why",
        labels={"team": "a"},
    )
    body = asked(gemini_server)
    assert (body["baseModel"], body["description"]) == ("gemini-x", "why")
    assert body["labels"]["team"] == "a"
    spec = body["preferenceOptimizationSpec"]
    assert spec["validationDatasetUri"] == "gs://bucket/check.jsonl"
    assert spec["exportLastCheckpointOnly"] is True
    assert spec["hyperParameters"] == {
        "epochCount": 2,
        "beta": 0.2,
        "learningRateMultiplier": 1.5,
        "adapterSize": "ADAPTER_SIZE_EIGHT",
    }


def test_a_tuned_model_is_tuned_further(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    name = "projects/p/locations/us-central1/models/1@1"
    assert tuner.create_job(DATA, name).base_model == name
    assert list(asked(gemini_server)["preTunedModel"].values()) == [name]


def test_a_lost_answer_makes_no_second_job(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    gemini_server.tunings.add(LOST, LOST)
    job = tuner.create_job(DATA, "gemini-x", labels={"team": "a"})
    assert [one.job_id for one in tuner.list_jobs()] == [job.job_id]
    gemini_server.tunings.add(Failure(kind="server_error"))
    tuner.create_job(DATA, "gemini-x")
    assert len(tuner.list_jobs()) == 2
    assert len(tuner.list_jobs(limit=1)) == 1


def test_a_job_that_cannot_be_made_is_an_error(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    gemini_server.tunings.add(*[Failure(kind="server_error")] * 3)
    with pytest.raises(Exception, match="google: answered 500") as caught:
        tuner.create_job(DATA, "gemini-x")
    assert "look at list_jobs()" in caught.value.__notes__[-1]


async def test_the_async_voice_runs_the_whole_of_it(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    model = await tuner.arun_pipeline(DATA, "gemini-x", poll_interval=0.01, verbose=False)
    assert model == "projects/p/locations/us-central1/endpoints/1"
    job = await tuner.acreate_job(DATA, "gemini-x")
    assert await tuner.await_for_completion(job, poll_interval=0.01, verbose=False)


def test_examples_are_staged_and_then_trained_on(
    gemini_server: GeminiServer, storage_server: StorageServer, tuner: GeminiFineTuner
) -> None:
    model = tuner.run_pipeline(
        DATASET, "gemini-x", validation_dataset=DATASET[:3], poll_interval=0.01, verbose=False
    )
    assert model.startswith("projects/p/")
    spec = asked(gemini_server)["supervisedTuningSpec"]
    kept = {f"gs://{name}": content for name, content in storage_server.storage.files.items()}
    assert set(kept) == {spec["trainingDatasetUri"], spec["validationDatasetUri"]}
    assert kept[spec["trainingDatasetUri"]].decode() == DATASET.to_jsonl_string("gemini")
    # The same examples are there already.
    assert tuner.upload_dataset(DATASET) == spec["trainingDatasetUri"]
    assert len(storage_server.storage.files) == 2


async def test_a_file_of_any_format_is_staged_in_the_async_voice_too(
    storage_server: StorageServer, tuner: GeminiFineTuner, tmp_path: Path
) -> None:
    path = DATASET.export_jsonl(tmp_path / "train.jsonl", "openai")
    place = await tuner.aupload_dataset(path)
    content = storage_server.storage.files[place.removeprefix("gs://")]
    assert content.decode() == DATASET.to_jsonl_string("gemini")
    assert await tuner.aupload_dataset(DATA) == DATA


def test_bad_examples_are_refused_before_anything_is_staged(
    gemini_server: GeminiServer, storage_server: StorageServer, tuner: GeminiFineTuner
) -> None:
    bad = RactoDataset.from_pairs([("question", "")])
    for examples, validation in ((bad, None), (DATASET, bad), (DATA, bad), (RactoDataset(), None)):
        with pytest.raises(ConfigurationError, match="nothing was sent"):
            tuner.create_job(examples, "gemini-x", validation_dataset=validation)
    with pytest.raises(ConfigurationError, match="colour"):
        tuner.create_job(DATASET, "gemini-x", extra={"colour": 1})
    assert gemini_server.received == storage_server.received == 0


def test_an_api_key_is_refused_at_construction() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"no model since May 2025.*Vertex AI"):
        GeminiFineTuner("a-key", project="p", location="us-central1")


def test_a_project_and_a_region_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="give project="):
        GeminiFineTuner(location="us-central1")
    for place in (None, "global", "us"):
        with pytest.raises(ConfigurationError, match="must name a region"):
            GeminiFineTuner(project="p", location=place)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west4")
    # A key of the environment belongs to the other service, and does no harm.
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    GeminiFineTuner()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"base_model": None}, "base_model= must name the model"),
        ({"base_model": "models/gemini-1.5-flash-001-tuning"}, "of the Gemini Developer API"),
        ({"base_model": "tunedModels/mine"}, "of the Gemini Developer API"),
        ({"dataset": "bucket/train.jsonl"}, r"no address on Cloud Storage \(gs://"),
        ({"method": "rlhf"}, "method must be one of supervised, dpo"),
        ({"beta": 0.1}, "beta= is for method 'dpo'"),
        ({"adapter_size": 3}, "adapter_size is one of 1, 2, 4, 8, 16, 32"),
        ({"learning_rate": 0.1, "learning_rate_multiplier": 1.0}, "not both"),
        ({"colour": 1}, "unknown options colour"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(
    gemini_server: GeminiServer, tuner: GeminiFineTuner, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        tuner.create_job(**{"dataset": DATA, "base_model": "gemini-x", **given})
    assert gemini_server.received == 0


def test_examples_need_a_bucket(make: Make, tmp_path: Path, gemini_server: GeminiServer) -> None:
    with pytest.raises(ConfigurationError, match=r"staging_bucket=.*Nothing was sent"):
        make(staging_bucket=None).create_job(tmp_path / "train.jsonl", "gemini-x")
    assert gemini_server.received == 0


def test_credentials_that_are_missing_or_refused_say_what_to_do(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from google.oauth2.credentials import Credentials

    wrong: Any = Credentials(token="wrong-token")  # type: ignore[no-untyped-call]
    with pytest.raises(RactoGatewayAuthError, match="gcloud auth application-default login"):
        make(credentials=wrong).list_jobs()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(RactoGatewayAuthError, match=r"google: answered 401: File .* was not found"):
        make(credentials=None).list_jobs()


def test_nobody_at_the_other_end_is_a_connection_error(make: Make) -> None:
    with pytest.raises(APIConnectionError, match="the connection failed"):
        make(base_url="http://127.0.0.1:9").list_jobs()


def test_a_setting_that_the_sdk_does_not_know_is_told(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    with pytest.raises(ConfigurationError, match="colour"):
        tuner.create_job(DATA, "gemini-x", extra={"colour": 1})
    assert gemini_server.received == 0


def test_nothing_stays_open(
    gemini_server: GeminiServer, storage_server: StorageServer, tuner: GeminiFineTuner
) -> None:
    tuner.list_jobs()
    assert gemini_server.wait_until(lambda: gemini_server.open_connections == 0)
