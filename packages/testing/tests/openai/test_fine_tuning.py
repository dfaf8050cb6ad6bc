"""Fine-tuning jobs: every state, what each leaves behind, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, get_type_hints

import openai
import pytest
from openai.types.fine_tuning import (
    FineTuningJob,
    ReinforcementHyperparametersParam,
    SupervisedHyperparametersParam,
    job_create_params,
)
from openai.types.fine_tuning.dpo_hyperparameters_param import DpoHyperparametersParam

from racto.testing import Failure, OpenAIServer
from racto.testing.openai.fine_tuning_requests import (
    PreferenceSettings,
    ReinforcementSettings,
    SupervisedSettings,
    TuningCreate,
)

EXAMPLE = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
GOOD = (json.dumps(EXAMPLE) + "\n").encode() * 10
GRADER = {
    "type": "string_check",
    "name": "g",
    "input": "{{sample.output_text}}",
    "operation": "eq",
    "reference": "{{item.answer}}",
}
MULTI = {"type": "multi", "name": "m", "calculate_output": "a"}
Make = Callable[..., FineTuningJob]


@pytest.fixture
def make(client: openai.OpenAI) -> Make:
    """Uploads a training file and creates a job for it."""

    def create(content: bytes = GOOD, **fields: Any) -> FineTuningJob:
        file = client.files.create(file=("train.jsonl", content), purpose="fine-tune")
        wanted = {"model": "gpt-x", "training_file": file.id, **fields}
        return client.fine_tuning.jobs.create(**wanted)

    return create


def test_a_job_goes_through_its_states_by_polls(client: openai.OpenAI, make: Make) -> None:
    made = make(suffix="mine", seed=7, metadata={"for": "me"})
    assert (made.status, made.seed, made.metadata) == ("validating_files", 7, {"for": "me"})
    assert made.hyperparameters.n_epochs == "auto"
    states = [client.fine_tuning.jobs.retrieve(made.id) for _ in range(4)]
    assert [one.status for one in states] == ["queued", "running", "succeeded", "succeeded"]
    assert states[1].hyperparameters.n_epochs == 3
    assert (states[1].fine_tuned_model, states[1].finished_at) == (None, None)
    done = states[-1]
    assert done.fine_tuned_model == f"ft:gpt-x:org-test:mine:{made.id[-8:]}"
    assert done.finished_at
    assert done.trained_tokens == 3 * -(-len(GOOD) // 4)


def test_a_job_leaves_metrics_checkpoints_and_events(
    openai_server: OpenAIServer, client: openai.OpenAI, make: Make
) -> None:
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    made = make(method=method)
    assert list(client.fine_tuning.jobs.checkpoints.list(made.id)) == []
    openai_server.fine_tuning.advance(3)
    (result,) = client.fine_tuning.jobs.retrieve(made.id).result_files
    table = base64.b64decode(client.files.content(result).content).decode()
    assert table.splitlines() == ["step,train_loss,train_accuracy", "1,1.0,0.5", "2,0.5,0.75"]
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(made.id, limit=1))
    assert [one.step_number for one in checkpoints] == [2, 1]
    assert checkpoints[0].metrics.train_loss == 0.5
    events = list(client.fine_tuning.jobs.list_events(made.id, limit=2))
    assert events[0].message == "The job has successfully completed"
    assert events[-1].message == f"Created fine-tuning job: {made.id}"
    assert [one.type for one in events].count("metrics") == 2


def test_the_old_place_of_the_settings_is_still_taken(client: openai.OpenAI, make: Make) -> None:
    made = make(hyperparameters={"n_epochs": 5, "batch_size": "auto"})
    assert made.hyperparameters.n_epochs == 5
    assert made.method is not None
    assert made.method.type == "supervised"


@pytest.mark.parametrize(
    "method",
    [
        {"type": "supervised"},
        {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "n_epochs": "auto"}}},
        {"type": "reinforcement", "reinforcement": {"grader": GRADER}},
        {
            "type": "reinforcement",
            "reinforcement": {
                "grader": {**MULTI, "graders": {"a": GRADER}},
                "hyperparameters": {"reasoning_effort": "high"},
            },
        },
        {
            "type": "reinforcement",
            "reinforcement": {"grader": {**MULTI, "graders": GRADER}},
        },
    ],
    ids=str,
)
def test_each_method_is_taken(make: Make, method: dict[str, Any]) -> None:
    made = make(method=method)
    assert made.method is not None
    assert made.method.type == method["type"]


def test_a_bad_file_fails_the_job(client: openai.OpenAI, make: Make) -> None:
    failed = client.fine_tuning.jobs.retrieve(make(GOOD[: len(GOOD) // 2]).id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert (failed.error.code, failed.error.param) == ("invalid_n_examples", "training_file")
    (event,) = list(client.fine_tuning.jobs.list_events(failed.id, limit=1))[:1]
    assert event.level == "error"


def test_a_bad_validation_file_fails_it_too(client: openai.OpenAI, make: Make) -> None:
    bad = client.files.create(file=("v.jsonl", b"[]"), purpose="fine-tune").id
    failed = client.fine_tuning.jobs.retrieve(make(validation_file=bad).id)
    assert failed.error is not None
    assert (failed.error.code, failed.error.param) == ("invalid_training_file", "validation_file")


def test_a_file_that_was_deleted_meanwhile_fails_it(client: openai.OpenAI, make: Make) -> None:
    made = make()
    client.files.delete(made.training_file)
    failed = client.fine_tuning.jobs.retrieve(made.id)
    assert failed.error is not None
    assert failed.error.code == "file_not_found"


def test_a_test_can_let_a_job_fail(
    openai_server: OpenAIServer, client: openai.OpenAI, make: Make
) -> None:
    made = make()
    openai_server.fine_tuning.fail(code="moderation", message="The model is not safe.")
    failed = client.fine_tuning.jobs.retrieve(made.id)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == ("failed", "moderation")


def test_a_job_can_be_paused_resumed_and_cancelled(
    openai_server: OpenAIServer, client: openai.OpenAI, make: Make
) -> None:
    made = make()
    jobs = client.fine_tuning.jobs
    with pytest.raises(openai.BadRequestError, match="Cannot pause a job with status 'validating"):
        jobs.pause(made.id)
    openai_server.fine_tuning.advance(2)
    jobs.pause(made.id)
    # The SDK's types do not know this state.
    assert str(jobs.retrieve(made.id).status) == "paused"
    jobs.resume(made.id)
    cancelled = jobs.cancel(made.id)
    assert (cancelled.status, bool(cancelled.finished_at)) == ("cancelled", True)
    for order in (jobs.cancel, jobs.pause, jobs.resume):
        with pytest.raises(openai.BadRequestError, match="with status 'cancelled'"):
            order(made.id)
    assert jobs.retrieve(made.id).fine_tuned_model is None


def test_jobs_are_listed_newest_first_and_by_their_notes(client: openai.OpenAI, make: Make) -> None:
    ids = [make(metadata={"kind": kind}).id for kind in "aba"]
    assert [one.id for one in client.fine_tuning.jobs.list(limit=2)] == ids[::-1]
    listed = client.fine_tuning.jobs.list(metadata={"kind": "a"})
    assert [one.id for one in listed] == [ids[2], ids[0]]


def test_an_organisation_can_be_shut_out(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.fine_tuning.closed = True
    with pytest.raises(openai.PermissionDeniedError, match="no longer available") as caught:
        make()
    assert caught.value.code == "training_not_available"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"training_file": "file-gone"}, "training_file"),
        ({"validation_file": "file-gone"}, "validation_file"),
        pytest.param({"model": openai.omit}, None, id="no model"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"seed": -1}, "seed"),
        ({"method": {"type": "guess"}}, "method.type"),
        ({"method": {"type": "reinforcement"}}, "method.reinforcement"),
        (
            {"method": {"type": "supervised", "supervised": {"hyperparameters": {"beta": 1}}}},
            "method.supervised.hyperparameters.beta",
        ),
        ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"),
        ({"integrations": [{"type": "other"}]}, "integrations[0].type"),
        ({"extra_body": {"colour": 1}}, "colour"),
    ],
    ids=str,
)
def test_a_bad_job_is_refused(make: Make, fields: dict[str, Any], param: str | None) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        make(**fields)
    assert caught.value.param == param


def test_a_file_for_something_else_is_refused(client: openai.OpenAI, make: Make) -> None:
    other = client.files.create(file=("a.jsonl", GOOD), purpose="batch").id
    with pytest.raises(openai.BadRequestError, match="has the purpose 'batch'"):
        make(training_file=other)


def test_an_unknown_job_is_not_found(client: openai.OpenAI, make: Make) -> None:
    jobs = client.fine_tuning.jobs
    for call in (jobs.retrieve, jobs.cancel, jobs.list_events, jobs.checkpoints.list):
        with pytest.raises(openai.NotFoundError, match="Could not find fine tune: ftjob-gone"):
            call("ftjob-gone")
    made = make()
    for method, path in (("DELETE", ""), ("GET", "/nothing"), ("POST", "/nothing")):
        with pytest.raises(openai.NotFoundError, match="Invalid URL"):
            getattr(client, method.lower())(f"/fine_tuning/jobs/{made.id}{path}", cast_to=object)


def test_a_poll_can_fail(openai_server: OpenAIServer, client: openai.OpenAI, make: Make) -> None:
    made = make()
    openai_server.fine_tuning.add(Failure(kind="server_error"))
    with pytest.raises(openai.InternalServerError):
        client.fine_tuning.jobs.retrieve(made.id)
    assert client.fine_tuning.jobs.retrieve(made.id).status == "queued"


def test_a_request_has_the_fields_of_the_sdk() -> None:
    for ours, theirs in (
        (TuningCreate, job_create_params.JobCreateParams),
        (SupervisedSettings, SupervisedHyperparametersParam),
        (PreferenceSettings, DpoHyperparametersParam),
        (ReinforcementSettings, ReinforcementHyperparametersParam),
    ):
        assert set(ours.model_fields) == set(get_type_hints(theirs)), ours


async def test_the_async_client_is_answered_too(
    async_client: openai.AsyncOpenAI, make: Make
) -> None:
    made = make()
    jobs = async_client.fine_tuning.jobs
    assert (await jobs.retrieve(made.id)).status == "queued"
    assert len([one async for one in await jobs.list_events(made.id)]) == 3
