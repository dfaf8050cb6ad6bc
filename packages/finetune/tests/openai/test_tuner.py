"""From examples to a model at OpenAI: nothing bad is sent, and nothing is left behind."""

from __future__ import annotations

import gzip
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    DeadlineExceededError,
    PermissionDeniedError,
    ServerError,
)
from racto.finetune import (
    DatasetFile,
    OpenAIFineTuner,
    RactoDataset,
    TuningJobError,
    TuningRetirementWarning,
)
from racto.finetune.jobs import TuningState
from racto.finetune.retirements import warn_of_openai
from racto.testing import Conduct, Failure, OpenAIServer, Reply

PAIRS = [(f"question {number}", f"answer {number}") for number in range(12)]
GRADER = {
    "type": "string_check",
    "name": "g",
    "input": "{{sample.output_text}}",
    "operation": "eq",
    "reference": "{{item.answer}}",
}


@pytest.fixture
def dataset() -> RactoDataset:
    """Twelve questions with their answers."""
    return RactoDataset.from_pairs(PAIRS, system="Be short.")


def created(server: OpenAIServer) -> Any:
    """The latest job that was asked for."""
    jobs = (one for one in reversed(server.requests) if one.path.endswith("/jobs"))
    return next(one.json for one in jobs if one.method == "POST")


def kept(server: OpenAIServer) -> Iterator[bytes]:
    """The contents of the training files that the server has, in the order of their ids."""
    for number in range(1, 9):
        file = server.files.find(f"file-{number:022d}")
        if file is not None and file.purpose == "fine-tune":
            yield file.content


def test_a_pipeline_ends_with_the_models_name(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    model = tuner.run_pipeline(dataset, "gpt-x", suffix="mine", poll_interval=0.01, verbose=False)
    assert model.startswith("ft:gpt-x:org-test:mine:")
    (content,) = kept(openai_server)
    assert content.decode() == dataset.to_jsonl_string("openai")
    body = created(openai_server)
    assert (body["suffix"], body["method"]) == ("mine", {"type": "supervised"})


async def test_the_async_voice_runs_the_whole_of_it(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    model = await tuner.arun_pipeline(
        dataset, "gpt-x", validation_dataset=dataset[:10], poll_interval=0.01, verbose=False
    )
    assert model.startswith("ft:gpt-x:")
    training, validation = kept(openai_server)
    assert (training.count(b"\n"), validation.count(b"\n")) == (12, 10)
    file_id = await tuner.aupload_dataset(dataset)
    job_id = await tuner.acreate_job(file_id, "gpt-x")
    assert (await tuner.aget_status(job_id)).training_file == file_id
    job = await tuner.astart(dataset, "gpt-x")
    assert job.state is TuningState.VALIDATING


def test_the_reference_s_steps_work_one_by_one(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    training, validation = tuner.upload_dataset(dataset), tuner.upload_dataset(dataset[:10])
    job_id = tuner.create_job(
        training, "gpt-x", validation_file=validation, n_epochs=2, learning_rate_multiplier=0.5
    )
    job = tuner.get_status(job_id)
    assert (job.training_file, job.validation_file) == (training, validation)
    assert job.hyperparameters["n_epochs"] == 2
    assert created(openai_server)["method"]["supervised"]["hyperparameters"] == {
        "n_epochs": 2,
        "learning_rate_multiplier": 0.5,
    }


@pytest.mark.parametrize("name", ["train.jsonl", "train.jsonl.gz"])
def test_a_file_is_sent_without_being_loaded(
    openai_server: OpenAIServer,
    tuner: OpenAIFineTuner,
    dataset: RactoDataset,
    tmp_path: Path,
    name: str,
) -> None:
    path = tmp_path / name
    dataset.export_jsonl(path)
    for source in (path, str(path), DatasetFile(path)):
        tuner.upload_dataset(source)
    plain = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    assert set(kept(openai_server)) == {plain}


def test_a_file_of_another_format_is_converted(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset, tmp_path: Path
) -> None:
    path = tmp_path / "gemini.jsonl"
    dataset.export_jsonl(path, "gemini")
    tuner.upload_dataset(path)
    (content,) = kept(openai_server)
    assert content.decode() == dataset.to_jsonl_string("openai")


def test_preferences_and_grades_have_formats_of_their_own(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, tmp_path: Path
) -> None:
    said = [{"role": "user", "content": "a"}]
    good, bad = ([{"role": "assistant", "content": text}] for text in ("b", "c"))
    pair = {"input": {"messages": said}, "preferred_output": good, "non_preferred_output": bad}
    for method, record, options in (
        ("dpo", pair, {"hyperparameters": {"beta": 0.1}}),
        ("reinforcement", {"messages": said, "answer": "b"}, {"grader": GRADER}),
    ):
        path = tmp_path / f"{method}.jsonl"
        path.write_text(
            "".join(f"{json.dumps({**record, 'n': n} if 'messages' in record else record)}\n" for n in range(10))
        )  # fmt: skip
        job = tuner.start(path, "gpt-x", method=method, **options)  # type: ignore[arg-type]
        assert tuner.wait_for_completion(job.job_id, poll_interval=0.01, verbose=False)
        assert created(openai_server)["method"]["type"] == method


def test_bad_examples_are_refused_before_anything_is_sent(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset, tmp_path: Path
) -> None:
    bad = RactoDataset.from_pairs([("question", ""), *PAIRS])
    for call in (
        lambda: tuner.run_pipeline(bad, "gpt-x"),
        lambda: tuner.start(dataset, "gpt-x", validation_dataset=bad),
        lambda: tuner.upload_dataset(bad),
        lambda: tuner.run_pipeline(RactoDataset(), "gpt-x"),
        lambda: tuner.run_pipeline(dataset),
        lambda: tuner.run_pipeline(dataset, "gpt-x", poll_interval=0),
        lambda: tuner.run_pipeline(dataset, "gpt-x", method="dpo"),
        lambda: tuner.upload_dataset(dataset, method="rlhf"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigurationError) as caught:
            call()
        assert isinstance(caught.value, ValueError)
    with pytest.raises(FileNotFoundError):
        tuner.upload_dataset(tmp_path / "none.jsonl")
    assert openai_server.received == 0


def test_openai_s_own_limits_hold_at_openai_alone(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    with (
        pytest.warns(TuningRetirementWarning),
        pytest.raises(ConfigurationError, match="needs at least 10"),
    ):
        OpenAIFineTuner("sk-none").upload_dataset(dataset[:3])
    # Another host may take three, and says so itself when it does not.
    assert tuner.upload_dataset(dataset[:3]).startswith("file-")
    with pytest.raises(ConfigurationError, match="no examples"):
        tuner.upload_dataset(RactoDataset())


def test_findings_name_the_data_and_the_line(tuner: OpenAIFineTuner, dataset: RactoDataset) -> None:
    bad = RactoDataset.from_pairs([("question", "")] * 30)
    with pytest.raises(ConfigurationError, match="nothing was sent") as caught:
        tuner.start(dataset, "gpt-x", validation_dataset=bad)
    first = str(caught.value).splitlines()[1]
    assert first.startswith("  validation: line 1")
    assert "more" in str(caught.value).splitlines()[-1]


def test_files_of_a_job_that_is_refused_are_deleted(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    openai_server.fine_tuning.closed = True
    with pytest.raises(PermissionDeniedError, match="no new fine-tuning jobs after 2027") as caught:
        tuner.run_pipeline(dataset, "gpt-x", validation_dataset=dataset[:10])
    assert list(kept(openai_server)) == []
    assert sum("was deleted again" in note for note in caught.value.__notes__) == 2


def test_files_that_cannot_be_deleted_are_named(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    # The upload works, the deletion does not.
    openai_server.files.add(Reply(), Failure(kind="forbidden"))
    openai_server.fine_tuning.add(Failure(kind="bad_request", message="No such model."))
    with pytest.raises(BadRequestError, match="No such model") as caught:
        tuner.start(dataset, "gpt-x")
    assert "file-0000000000000000000001 was uploaded and could not be" in caught.value.__notes__[-1]


def test_a_deletion_whose_answer_is_lost_has_worked(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    openai_server.files.add(Reply(), Reply(conduct=Conduct(hang_up=True)))
    openai_server.fine_tuning.add(Failure(kind="bad_request", message="No such model."))
    with pytest.raises(BadRequestError, match="No such model") as caught:
        tuner.start(dataset, "gpt-x")
    assert "was deleted again" in caught.value.__notes__[-1]


def test_files_that_the_caller_uploaded_are_the_caller_s(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    uploaded = tuner.upload_dataset(dataset)
    openai_server.fine_tuning.add(Failure(kind="bad_request", message="No such model."))
    with pytest.raises(BadRequestError, match="No such model"):
        tuner.create_job(uploaded, "gpt-x")
    assert openai_server.files.find(uploaded) is not None


def test_files_stay_when_nobody_knows_whether_there_is_a_job(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    openai_server.fine_tuning.add(*[Failure(kind="server_error")] * 3)
    with pytest.raises(ServerError):
        tuner.start(dataset, "gpt-x")
    assert len(list(kept(openai_server))) == 1


def test_a_pipeline_that_takes_too_long_names_the_job(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    openai_server.fine_tuning.polls_per_step = None
    with pytest.raises(DeadlineExceededError, match="job ftjob-0") as caught:
        tuner.run_pipeline(dataset, "gpt-x", poll_interval=0.01, verbose=False, timeout=0.05)
    (job,) = tuner.list_jobs()
    assert job.job_id in str(caught.value)


def test_a_pipeline_whose_job_fails_is_a_runtime_error(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, dataset: RactoDataset
) -> None:
    job = tuner.start(dataset, "gpt-x")
    openai_server.fine_tuning.fail(id=job.job_id)
    with pytest.raises(TuningJobError, match="internal error"):
        tuner.wait_for_completion(job.job_id, poll_interval=0.01, verbose=False)


def test_openai_s_own_service_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is sent: the model is missing, which is found first but for the warning.
    tuner = OpenAIFineTuner("test-key", base_url="https://api.openai.com/v1")
    with pytest.warns(TuningRetirementWarning, match="2027-01-06"):
        tuner._warn()
    elsewhere = OpenAIFineTuner("test-key", base_url="http://127.0.0.1:9/v1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        elsewhere._warn()
    with pytest.warns(TuningRetirementWarning, match="provider='trl'"):
        warn_of_openai()
