"""Waits for jobs at Vertex AI end as the jobs do, or in time; models are shown and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.errors import ConfigurationError, DeadlineExceededError, NotFoundError
from racto.finetune.gemini import GeminiFineTuner
from racto.finetune.jobs import TuningJob, TuningJobError, TuningProgress, TuningState
from racto.testing import Conduct, Failure, GeminiServer, Reply

from .conftest import DATA, JOBS

ENDPOINT = "projects/p/locations/us-central1/endpoints/1"


@pytest.fixture
def job(tuner: GeminiFineTuner) -> TuningJob:
    """A job that waits for a machine."""
    return tuner.create_job(DATA, "gemini-x")


def test_a_wait_ends_with_the_endpoint(tuner: GeminiFineTuner, job: TuningJob) -> None:
    seen: list[TuningProgress] = []
    model = tuner.wait_for_completion(
        job, poll_interval=0.01, verbose=False, on_progress=seen.append
    )
    assert model == ENDPOINT
    assert [one.job.state for one in seen] == [TuningState.RUNNING, TuningState.SUCCEEDED]
    assert tuner.wait_for_completion(job.job_id, poll_interval=0.01, verbose=False) == ENDPOINT


@pytest.mark.parametrize(
    "trouble",
    [
        Failure(kind="server_error"),
        Failure(kind="overloaded"),
        Failure(kind="rate_limited", retry_after=0.02),
        Reply(conduct=Conduct(hang_up=True)),
    ],
    ids=["500", "503", "429", "hang up"],
)
def test_a_wait_outlasts_failures(
    gemini_server: GeminiServer,
    tuner: GeminiFineTuner,
    job: TuningJob,
    trouble: Failure | Reply,
) -> None:
    gemini_server.tunings.add(*[trouble] * 3)
    assert tuner.wait_for_completion(job, poll_interval=0.01, verbose=False) == ENDPOINT


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("JOB_STATE_FAILED", r"has failed: The tuning job failed\. \(13\)"),
        ("JOB_STATE_CANCELLED", "was ended before it had a model"),
        ("JOB_STATE_EXPIRED", "has failed: the provider does not say why"),
    ],
)
def test_a_job_that_ends_badly_is_an_error(
    gemini_server: GeminiServer, tuner: GeminiFineTuner, job: TuningJob, state: str, told: str
) -> None:
    gemini_server.tunings.enter(state)
    with pytest.raises(TuningJobError, match=told) as caught:
        tuner.wait_for_completion(job, poll_interval=0.01, verbose=False)
    assert caught.value.job.job_id == job.job_id


@pytest.mark.parametrize("state", ["JOB_STATE_PAUSED", "JOB_STATE_UNSPECIFIED"])
def test_a_job_that_never_ends_does_not_hold_a_wait(
    gemini_server: GeminiServer, tuner: GeminiFineTuner, job: TuningJob, state: str
) -> None:
    gemini_server.tunings.enter(state)
    with pytest.raises(DeadlineExceededError, match=r"has not ended within 0\.1 s; it goes on"):
        tuner.wait_for_completion(job, poll_interval=0.02, verbose=False, timeout=0.1)
    gemini_server.tunings.enter("JOB_STATE_RUNNING")
    assert tuner.wait_for_completion(job, poll_interval=0.01, verbose=False) == ENDPOINT


def test_a_server_that_says_nothing_does_not_hold_a_wait(
    gemini_server: GeminiServer, tuner: GeminiFineTuner, job: TuningJob
) -> None:
    gemini_server.tunings.add(*[Reply(conduct=Conduct(delay=3.0))] * 3)
    with pytest.raises(DeadlineExceededError) as caught:
        tuner.wait_for_completion(job, poll_interval=0.01, verbose=False, timeout=0.2)
    assert "no answer in time" in str(caught.value.__cause__)


def test_a_cancelled_job_says_so(tuner: GeminiFineTuner, job: TuningJob) -> None:
    assert tuner.cancel_job(job.job_id).state is TuningState.CANCELLED


def test_an_unknown_job_is_not_waited_for(tuner: GeminiFineTuner) -> None:
    for name in ("7", f"{JOBS}/7"):
        with pytest.raises(NotFoundError, match="a job lives in one region"):
            tuner.wait_for_completion(name, poll_interval=0.01, verbose=False)
        with pytest.raises(NotFoundError):
            tuner.cancel_job(name)


@pytest.mark.parametrize("name", ["", "../models/1", "a?b", "a b", "/1"])
def test_a_name_that_would_call_something_else_is_refused(
    gemini_server: GeminiServer, tuner: GeminiFineTuner, name: str
) -> None:
    calls: list[Any] = [tuner.get_status, tuner.cancel_job, tuner.get_model, tuner.delete_model]
    for call in calls:
        with pytest.raises(ConfigurationError, match="no name of a resource"):
            call(name)
    assert gemini_server.received == 0


async def test_the_async_voices_track_too(tuner: GeminiFineTuner, job: TuningJob) -> None:
    assert (await tuner.aget_status(job.job_id)).job_id == job.job_id
    assert await tuner.alist_checkpoints(job.job_id) == []
    assert (await tuner.acancel_job(job.job_id)).state is TuningState.CANCELLED


async def test_a_tuned_model_is_shown_and_deleted(
    gemini_server: GeminiServer, tuner: GeminiFineTuner
) -> None:
    name = "projects/p/locations/us-central1/models/1@1"
    assert tuner.get_model(name)["name"]
    assert (await tuner.aget_model(name))["name"]
    tuner.delete_model(name)
    assert (gemini_server.last.method, gemini_server.last.path) == ("DELETE", f"/v1beta1/{name}")
    await tuner.adelete_model(name)
