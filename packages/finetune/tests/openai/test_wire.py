"""Uploads, submissions and lists hold what breaks on the way: cuts, lost answers, endless pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
)
from racto.core.flows import run
from racto.core.retries import RetryPolicy
from racto.finetune.calls import Calls, talking
from racto.finetune.openai import OpenAIFineTuner, wire as wire_room
from racto.finetune.openai.wire import OpenAIWire
from racto.finetune.submissions import MARK
from racto.testing import Conduct, Failure, OpenAIServer, Reply

from .conftest import QUICK, Talk

LOST = Reply(conduct=Conduct(hang_up=True))


def test_an_upload_arrives_whole(openai_server: OpenAIServer, examples: Path, file_id: str) -> None:
    kept = openai_server.files.find(file_id)
    assert kept is not None
    assert (kept.content, kept.purpose) == (examples.read_bytes(), "fine-tune")
    assert kept.filename == "train.jsonl"


@pytest.mark.parametrize(
    "trouble",
    [
        LOST,
        Reply(conduct=Conduct(cut_after=20)),
        Failure(kind="rate_limited", retry_after=0.01),
        Failure(kind="server_error"),
        Failure(kind="overloaded"),
    ],
    ids=["hang up", "cut", "429", "500", "503"],
)
def test_an_upload_is_made_again_from_its_beginning(
    openai_server: OpenAIServer, examples: Path, talk: Talk, trouble: Reply | Failure
) -> None:
    openai_server.files.add(trouble, trouble)
    file_id = talk(lambda wire: wire.upload(examples, "train.jsonl"))
    kept = openai_server.files.find(file_id)
    assert kept is not None
    assert kept.content == examples.read_bytes()
    assert openai_server.received == 3


def test_an_upload_that_never_works_is_an_error(
    openai_server: OpenAIServer, examples: Path, talk: Talk
) -> None:
    openai_server.files.add(*[LOST] * 3)
    with pytest.raises(APIConnectionError, match="openai: the connection failed") as caught:
        talk(lambda wire: wire.upload(examples, "train.jsonl"))
    assert "attempts made: 3" in caught.value.__notes__[0]


def test_files_of_no_size_or_too_large_a_one_are_not_sent(
    openai_server: OpenAIServer, tmp_path: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(ConfigurationError, match="has 0 bytes"):
        talk(lambda wire: wire.upload(empty, "train.jsonl"))
    monkeypatch.setattr(wire_room, "LARGEST_FILE", 3)
    empty.write_bytes(b"1234")
    with pytest.raises(ConfigurationError, match="has 4 bytes; OpenAI takes files of 1 to 3"):
        talk(lambda wire: wire.upload(empty, "train.jsonl"))
    assert openai_server.received == 0


@pytest.mark.parametrize("lost", [1, 2], ids=["one answer", "and another"])
def test_a_lost_answer_makes_no_second_job(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str, lost: int
) -> None:
    # The second one is that of the search for the job.
    openai_server.fine_tuning.add(*[LOST] * lost)
    job_id = tuner.create_job(file_id, "gpt-x", metadata={"mine": "1"})
    (only,) = tuner.list_jobs()
    assert only.job_id == job_id
    assert only.metadata["mine"] == "1"
    assert MARK in only.metadata


def test_a_job_that_was_not_made_is_made_again(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    openai_server.fine_tuning.add(Failure(kind="server_error"))
    job_id = tuner.create_job(file_id, "gpt-x")
    assert [job.job_id for job in tuner.list_jobs()] == [job_id]


def test_a_job_that_nothing_tells_apart_is_not_made_again(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    openai_server.fine_tuning.add(LOST)
    notes = {f"note{number}": "x" for number in range(16)}
    with pytest.raises(APIConnectionError) as caught:
        tuner.create_job(file_id, "gpt-x", metadata=notes)
    assert "look at list_jobs()" in caught.value.__notes__[-1]
    assert [job.metadata for job in tuner.list_jobs()] == [notes]


def test_a_server_without_notes_gets_none(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    openai_server.fine_tuning.add(Failure(kind="bad_request", message="unknown field: metadata"))
    tuner.create_job(file_id, "gpt-x")
    assert "metadata" not in openai_server.last.json


def test_notes_of_the_callers_own_are_not_dropped(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    openai_server.fine_tuning.add(Failure(kind="bad_request", message="unknown field: metadata"))
    with pytest.raises(BadRequestError, match="unknown field"):
        tuner.create_job(file_id, "gpt-x", metadata={"mine": "1"})


def test_the_pace_is_kept(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    openai_server.fine_tuning.add(Failure(kind="rate_limited", retry_after=0.01))
    assert tuner.create_job(file_id, "gpt-x").startswith("ftjob-")
    openai_server.fine_tuning.add(*[Failure(kind="rate_limited", retry_after=0.01)] * 3)
    with pytest.raises(RateLimitError) as caught:
        tuner.create_job(file_id, "gpt-x")
    # It is certain that there is no job, so nothing need be looked for.
    assert not getattr(caught.value, "__notes__", [])
    assert len(tuner.list_jobs()) == 1


def test_a_file_that_is_still_checked_is_waited_for(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    early = Failure(kind="bad_request", message=f"File '{file_id}' is still being processed.")
    order = {"model": "gpt-x", "training_file": file_id}
    patience = RetryPolicy(attempts=3, base=0.01)

    def create(calls: Calls) -> Any:
        return OpenAIWire(calls, patience=patience).create(order)

    openai_server.fine_tuning.add(early, early)
    assert run(talking(tuner._line, QUICK, create)).job_id.startswith("ftjob-")
    openai_server.fine_tuning.add(early, early, early)
    with pytest.raises(BadRequestError, match="still being processed"):
        run(talking(tuner._line, QUICK, create))


def test_lists_go_over_pages_and_end_at_their_limit(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, file_id: str
) -> None:
    job_id = tuner.create_job(file_id, "gpt-x", n_epochs=50)
    for _ in range(3):
        tuner.get_status(job_id)
    every = tuner.list_events(job_id, None)
    assert len({event.event_id for event in every}) == len(every) == 56
    assert [event.event_id for event in tuner.list_events(job_id, 3)] == [
        event.event_id for event in every[:3]
    ]
    assert [one.step for one in tuner.list_checkpoints(job_id)] == list(range(50, 0, -1))


def test_a_server_that_gives_one_page_for_ever_is_not_asked_for_ever(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str
) -> None:
    # One that the server knows: it looks for what a page is to begin after.
    known = tuner.list_events(job_id, 1)[0].event_id
    page = {
        "object": "list",
        "data": [{"id": known, "message": "again", "object": "fine_tuning.job.event"}],
        "has_more": True,
    }
    openai_server.fine_tuning.add(*[Reply(body=page)] * 5)
    assert [event.message for event in tuner.list_events(job_id, None)] == ["again"]


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in</html>", b"null", b"[]", {"object": "fine_tuning.job"}, {"id": 7}],
    ids=["page", "null", "list", "no id", "odd id"],
)
def test_an_answer_that_is_no_job_is_an_error(
    openai_server: OpenAIServer, tuner: OpenAIFineTuner, job_id: str, body: Any
) -> None:
    openai_server.fine_tuning.add(Reply(body=body))
    with pytest.raises(InvalidResponseError, match="openai: the answer cannot be read"):
        tuner.get_status(job_id)


def test_a_look_is_not_repeated_by_the_wire(
    openai_server: OpenAIServer, talk: Talk, job_id: str
) -> None:
    from racto.core.deadlines import NO_DEADLINE

    before = openai_server.received
    openai_server.fine_tuning.add(Failure(kind="server_error"))
    with pytest.raises(ServerError):
        talk(lambda wire: wire.look(job_id, NO_DEADLINE))
    assert openai_server.received == before + 1
