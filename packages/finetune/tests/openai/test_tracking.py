"""Waits for jobs at OpenAI end as the jobs do, or in time, whatever happens in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    DeadlineExceededError,
    NotFoundError,
)
from racto.finetune.jobs import TuningJobError, TuningProgress, TuningState
from racto.finetune.openai import OpenAIFineTuner
from racto.testing import Conduct, Failure, OpenAIServer, Reply

from .conftest import Talk


def test_a_wait_ends_with_the_models_name(tuner: OpenAIFineTuner, job_id: str) -> None:
    model = tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)
    assert model == f"ft:gpt-x:org-test::{job_id[-8:]}"
    job = tuner.get_status(job_id)
    assert (job.state, job.model) == (TuningState.SUCCEEDED, model)
    assert job.trained_tokens


async def test_the_async_voice_waits_too(tuner: OpenAIFineTuner, job_id: str) -> None:
    model = await tuner.await_for_completion(job_id, poll_interval=0.01, verbose=False)
    assert model == (await tuner.aget_status(job_id)).model
    assert [job.job_id for job in await tuner.alist_jobs()] == [job_id]
    assert len(await tuner.alist_checkpoints(job_id)) == 3
    assert (await tuner.aloss_curves(job_id)).series["train_loss"]


@pytest.mark.parametrize(
    "trouble",
    [
        Failure(kind="server_error"),
        Failure(kind="overloaded"),
        Failure(kind="rate_limited", retry_after=0.02),
        Reply(conduct=Conduct(hang_up=True)),
        Reply(conduct=Conduct(cut_after=10)),
    ],
    ids=["500", "503", "429", "hang up", "cut"],
)
def test_a_wait_outlasts_failures(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str, trouble: Reply | Failure
) -> None:
    openai_server.fine_tuning.add(*[trouble] * 4)
    assert tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)


def test_a_failed_job_is_an_error_that_says_why(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.fail(code="moderation", message="The model is not safe.")
    with pytest.raises(TuningJobError, match=r"The model is not safe\. \(moderation\)") as caught:
        tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)
    assert isinstance(caught.value, RuntimeError)
    assert caught.value.job.state is TuningState.FAILED
    assert caught.value.job.fault is not None
    assert caught.value.job.fault.code == "moderation"


def test_a_file_that_openai_refuses_names_its_line(
    tuner: OpenAIFineTuner, examples: Path, talk: Talk, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(examples.read_bytes() + b'{"messages": []}\n')
    file_id = talk(lambda wire: wire.upload(bad, "train.jsonl"))
    job_id = tuner.create_job(file_id, "gpt-x")
    with pytest.raises(TuningJobError, match=r"Line 11: .*at fault: training_file"):
        tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)


def test_a_cancelled_job_is_an_error(tuner: OpenAIFineTuner, job_id: str) -> None:
    assert tuner.cancel_job(job_id).state is TuningState.CANCELLED
    with pytest.raises(TuningJobError, match=r"before it had a model \(cancelled\)"):
        tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)
    assert tuner.cancel_job(job_id).state is TuningState.CANCELLED


def test_a_lost_answer_to_an_order_is_no_error(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    lost = Reply(conduct=Conduct(hang_up=True))
    openai_server.fine_tuning.advance(2)
    openai_server.fine_tuning.polls_per_step = None
    for order, state in (
        (tuner.pause_job, TuningState.PAUSED),
        (tuner.resume_job, TuningState.RUNNING),
        (tuner.cancel_job, TuningState.CANCELLED),
    ):
        openai_server.fine_tuning.add(lost)
        assert order(job_id).state is state
    with pytest.raises(BadRequestError, match="Cannot pause"):
        tuner.pause_job(job_id)


def test_a_job_that_has_a_model_cannot_be_cancelled(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.advance(5)
    with pytest.raises(BadRequestError, match="Cannot cancel a job"):
        tuner.cancel_job(job_id)


@pytest.mark.parametrize("name", ["", "../files", "a b", "x?y", "x/cancel"])
def test_what_is_no_id_is_not_asked_for(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, name: str
) -> None:
    for call in (tuner.get_status, tuner.cancel_job, tuner.list_events, tuner.list_checkpoints):
        with pytest.raises(ConfigurationError, match="is no id of a job"):
            call(name)
    with pytest.raises(ConfigurationError, match="is no id of a job"):
        tuner.wait_for_completion(name, verbose=False)
    assert openai_server.received == 0


def test_a_wait_without_end_ends_in_time_and_can_be_taken_up_again(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.polls_per_step = None
    with pytest.raises(DeadlineExceededError, match=f"job {job_id} has not ended within 0.1 s"):
        tuner.wait_for_completion(job_id, poll_interval=0.02, verbose=False, timeout=0.1)
    openai_server.fine_tuning.polls_per_step = 1
    assert tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)


def test_the_deadline_is_a_timeout_error_and_zero_looks_twice(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    before = openai_server.received
    with pytest.raises(TimeoutError):
        tuner.wait_for_completion(job_id, poll_interval=30, verbose=False, timeout=0)
    assert openai_server.received == before + 2


def test_a_server_that_says_nothing_does_not_hold_a_wait(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.add(*[Reply(conduct=Conduct(delay=3.0))] * 4)
    with pytest.raises(DeadlineExceededError) as caught:
        tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False, timeout=0.2)
    assert "no answer in time" in str(caught.value.__cause__)


def test_an_unknown_job_is_not_waited_for(tuner: OpenAIFineTuner) -> None:
    calls = (
        lambda: tuner.wait_for_completion("ftjob-gone", poll_interval=0.01, verbose=False),
        lambda: tuner.get_status("ftjob-gone"),
        lambda: tuner.cancel_job("ftjob-gone"),
        lambda: tuner.list_events("ftjob-gone"),
        lambda: tuner.list_checkpoints("ftjob-gone"),
    )
    for call in calls:
        with pytest.raises(NotFoundError, match="Could not find fine tune: ftjob-gone"):
            call()


def test_progress_is_told_with_the_events_since_the_last_look(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    seen: list[TuningProgress] = []
    tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False, on_progress=seen.append)
    assert [one.job.status for one in seen] == ["queued", "running", "succeeded"]
    messages = [event.message for one in seen for event in one.events]
    assert messages[0].startswith("Created fine-tuning job")
    assert messages[-1] == "The job has successfully completed"
    assert len(messages) == len(set(messages))
    assert (seen[-1].step, seen[-1].total_steps, seen[-1].fraction) == (3, 3, 1.0)


def test_the_end_is_told_also_when_its_events_are_lost(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.advance(5)
    seen: list[TuningProgress] = []
    # The job's own answer is whole, that of its events is not.
    openai_server.fine_tuning.add(Reply(), Failure(kind="server_error"))
    tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False, on_progress=seen.append)
    assert [(one.job.status, one.events) for one in seen] == [("succeeded", ())]


def test_a_wait_prints_what_changes(
    tuner: OpenAIFineTuner, job_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tuner.wait_for_completion(job_id, poll_interval=0.01)
    printed = capsys.readouterr().out
    assert f"{job_id}: queued after 0 min 00 s" in printed
    assert "  New fine-tuned model created\n" in printed
    assert printed.endswith(f"{job_id}: succeeded after 0 min 00 s\n")


def test_a_running_job_is_paused_and_resumed(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.polls_per_step = None
    with pytest.raises(BadRequestError, match="Cannot pause"):
        tuner.pause_job(job_id)
    openai_server.fine_tuning.advance(2)
    assert tuner.pause_job(job_id).state is TuningState.PAUSED
    assert tuner.resume_job(job_id).state is TuningState.RUNNING


async def test_the_async_voices_order_too(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.advance(2)
    assert (await tuner.apause_job(job_id)).state is TuningState.PAUSED
    assert (await tuner.aresume_job(job_id)).state is TuningState.RUNNING
    assert (await tuner.acancel_job(job_id)).state is TuningState.CANCELLED


async def test_a_cancelled_wait_leaves_the_job_alone(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    openai_server.fine_tuning.polls_per_step = None
    waiting = asyncio.create_task(
        tuner.await_for_completion(job_id, poll_interval=0.01, verbose=False)
    )
    assert await openai_server.await_until(lambda: openai_server.received > 4)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await tuner.aget_status(job_id)).state is TuningState.VALIDATING
    assert await openai_server.await_until(lambda: openai_server.open_connections == 0)


def test_losses_are_drawn_from_events(tuner: OpenAIFineTuner, job_id: str) -> None:
    assert tuner.loss_curves(job_id).series == {}
    tuner.wait_for_completion(job_id, poll_interval=0.01, verbose=False)
    curves = tuner.loss_curves(job_id)
    assert [step for step, _ in curves.series["train_loss"]] == [1, 2, 3]
    step, loss = curves.best("train_loss")
    assert (step, round(loss, 3)) == (3, 0.333)
