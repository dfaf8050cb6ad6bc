"""OpenAI's host against the loopback server: every way in which a job can end, and every break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.batch.hosts import Fate, JobOrder, RemoteJob
from racto.batch.jobs import BatchStatus
from racto.batch.openai_host import OpenAIBatchHost
from racto.core import (
    ChatConfig,
    Deadline,
    DeadlineExceededError,
    InvalidResponseError,
    JobError,
    NotFoundError,
    RactoGatewayAuthError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnsupportedFeatureError,
)
from racto.core.requests import EncodedRequest
from racto.testing import Conduct, Failure, OpenAIServer, Reply

from .harness.codecs import ChatCodec
from .harness.orders import collected, ended, questions, spooled, vectors
from .harness.voices import Voice, voice as voice

AT_ONCE = RetryPolicy(attempts=3, base=0.0)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key="sk-test-0123456789") as server:
        yield server


@pytest.fixture
def host(server: OpenAIServer) -> Iterator[OpenAIBatchHost]:
    host = OpenAIBatchHost(
        ChatCodec(), api_key=server.key, base_url=server.url, timeout=10.0, retries=AT_ONCE
    )
    yield host
    host.close()


def order(host: OpenAIBatchHost, folder: Path, count: int = 3) -> tuple[Path, JobOrder]:
    return spooled(host, folder, questions(ChatCodec(), count))


def test_a_job_goes_up_and_its_answers_come_down(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.when(lambda request: Reply(text=f"to {request.json['messages'][0]['content']}"))
    spool, wanted = spooled(host, tmp_path, questions(ChatCodec(), 3), label="nightly")
    job = voice(host.start(spool, wanted))
    assert job.status is BatchStatus.PENDING
    assert job.tag == "order-1"
    assert job.created_at > 1_700_000_000
    assert job.raw["metadata"] == {"racto_tag": "order-1", "label": "nightly"}
    assert job.raw["completion_window"] == "24h"
    seen = [voice(host.look(job.job_id)).status for _ in range(3)]
    assert seen == [BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING, BatchStatus.COMPLETED]
    job = voice(host.look(job.job_id))
    assert (job.counts.total, job.counts.succeeded, job.counts.failed) == (3, 3, 0)
    outcomes = collected(host, job, tmp_path, voice)
    assert {each.fate for each in outcomes.values()} == {Fate.ANSWERED}
    codec, (custom_id, request) = ChatCodec(), questions(ChatCodec(), 3)[2]
    answer = codec.decode(request, outcomes[custom_id].body)
    assert answer.content == "to Question 2?"
    assert outcomes[custom_id].request_id


def test_the_upload_is_a_form_that_says_its_length(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    voice(host.start(spool, wanted))
    upload = server.requests[0]
    assert upload.path == "/v1/files"
    assert int(upload.headers["content-length"]) == len(upload.body)
    assert "transfer-encoding" not in upload.headers
    assert spool.read_bytes() in upload.body
    assert b'filename="racto-order-1.jsonl"' in upload.body


def test_errors_come_from_the_error_file_and_all_failed_is_no_fault(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.default = Failure(kind="bad_request", message="no such thing")
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert job.status is BatchStatus.COMPLETED
    assert job.counts.failed == 3
    assert len(job.outputs) == 1
    outcomes = collected(host, job, tmp_path, voice)
    assert outcomes.keys() == {"item-0", "item-1", "item-2"}
    assert {(each.fate, each.status) for each in outcomes.values()} == {(Fate.REFUSED, 400)}
    error = ChatCodec().refused(400, outcomes["item-1"].body)
    assert "no such thing" in str(error)


def test_good_and_bad_items_come_from_two_files(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Reply(text="a"), Failure(kind="rate_limited"), Reply(text="c"))
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert len(job.outputs) == 2
    outcomes = collected(host, job, tmp_path, voice)
    assert outcomes["item-1"].fate is Fate.REFUSED
    assert outcomes["item-1"].status == 429
    assert outcomes["item-0"].fate is outcomes["item-2"].fate is Fate.ANSWERED


@pytest.mark.parametrize("end", ["expire", "cancel"])
def test_what_was_done_before_the_end_is_kept(
    end: str, host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path, 4)))
    voice(host.look(job.job_id))
    server.batches.work(2)
    if end == "expire":
        server.batches.expire()
    else:
        assert voice(host.cancel(job.job_id)).status is BatchStatus.CANCELLING
    job = ended(host, job, voice)
    undone, status = (
        (Fate.EXPIRED, BatchStatus.EXPIRED)
        if end == "expire"
        else (Fate.CANCELLED, BatchStatus.CANCELLED)
    )
    assert job.status is status
    outcomes = collected(host, job, tmp_path, voice)
    fates = [outcomes[f"item-{number}"].fate for number in range(4)]
    assert fates == [Fate.ANSWERED, Fate.ANSWERED, undone, undone]


def test_a_job_that_failed_says_in_which_line_and_why(
    host: OpenAIBatchHost, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    spool.write_bytes(spool.read_bytes() + spool.read_bytes().splitlines(keepends=True)[0])
    job = ended(host, voice(host.start(spool, wanted)), voice)
    assert job.status is BatchStatus.FAILED
    assert len(job.errors) == 1
    assert job.errors[0].startswith("line 4: ")
    assert "duplicate_custom_id" in job.errors[0]
    assert voice(host.fetch(job, tmp_path)) == []


def test_a_job_that_has_ended_is_cancelled_in_vain(
    host: OpenAIBatchHost, tmp_path: Path, voice: Voice
) -> None:
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert voice(host.cancel(job.job_id)).status is BatchStatus.COMPLETED


@pytest.mark.parametrize("kind", ["server_error", "overloaded", "rate_limited"])
def test_polling_outlives_passing_errors(
    kind: str, host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    server.batches.add(Failure(kind=kind), Failure(kind=kind))  # type: ignore[arg-type]
    assert voice(host.look(job.job_id)).status is BatchStatus.IN_PROGRESS


def test_polling_gives_up_after_all_attempts(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    server.batches.add(*[Failure(kind="server_error")] * 3)
    with pytest.raises(ServerError) as caught:
        voice(host.look(job.job_id))
    assert "attempts made: 3" in "".join(caught.value.__notes__)


def test_an_upload_whose_answer_was_lost_is_not_sent_twice(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.files.add(Reply(conduct=Conduct(hang_up=True)))
    voice(host.start(*order(host, tmp_path)))
    asked = [(each.method, each.path) for each in server.requests]
    assert asked == [("POST", "/v1/files"), ("GET", "/v1/files"), ("POST", "/v1/batches")]


def test_an_upload_that_did_not_arrive_is_sent_again(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.files.add(Failure(kind="server_error"), Failure(kind="overloaded"))
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert job.counts.succeeded == 3


def test_a_creation_whose_answer_was_lost_makes_no_second_job(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.batches.add(Reply(conduct=Conduct(hang_up=True)))
    job = voice(host.start(*order(host, tmp_path)))
    assert job.tag == "order-1"
    assert len(voice(host.jobs(10))) == 1


def test_a_creation_whose_answer_is_garbled_is_found(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.batches.add(Reply(body=b"<html>"))
    assert voice(host.start(*order(host, tmp_path))).tag == "order-1"


def test_a_creation_that_failed_is_tried_again(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    server.batches.add(Failure(kind="server_error"))
    assert voice(host.start(*order(host, tmp_path))).tag == "order-1"
    server.batches.add(Failure(kind="rate_limited", retry_after=0.01))
    spool, wanted = spooled(host, tmp_path, questions(ChatCodec(), 3), tag="order-2")
    before = len(server.requests)
    assert voice(host.start(spool, wanted)).tag == "order-2"
    # Who is told to slow down has made nothing: there is nothing to look for.
    asked = [each.method for each in server.requests[before:]]
    assert asked == ["POST", "POST", "POST"]


def test_a_tag_finds_its_job_among_many(
    host: OpenAIBatchHost, tmp_path: Path, voice: Voice
) -> None:
    for number in range(3):
        spool, wanted = spooled(host, tmp_path, questions(ChatCodec(), 1), tag=f"order-{number}")
        voice(host.start(spool, wanted))
    found = voice(host.find("order-1", count=1, since=0.0))
    assert found is not None
    assert found.tag == "order-1"
    assert voice(host.find("order-1", count=1, since=0.0, known={found.job_id})) is None
    assert voice(host.find("order-9", count=1, since=0.0)) is None
    later = found.created_at + 3 * 24 * 3600
    assert voice(host.find("order-1", count=1, since=later)) is None


def test_two_jobs_of_one_tag_are_told(host: OpenAIBatchHost, tmp_path: Path, voice: Voice) -> None:
    spool, wanted = order(host, tmp_path)
    for _ in range(2):
        voice(host.start(spool, wanted))
    with pytest.raises(JobError, match="2 jobs could be"):
        voice(host.find("order-1", count=3, since=0.0))


def test_lists_go_from_page_to_page(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path, 1)
    made = [voice(host.start(spool, wanted)).job_id for _ in range(5)]
    assert [job.job_id for job in voice(host.jobs(4))] == made[:0:-1]
    limits = [each.query["limit"] for each in server.requests if each.method == "GET"]
    assert limits == ["4"]
    # A provider may give shorter pages than were asked for.
    page = voice(host._page(None, 2, Deadline()))
    assert [job.job_id for job in page.jobs] == made[:2:-1]
    assert [job.job_id for job in voice(host._page(page.next, 9, Deadline())).jobs] == made[2::-1]


def test_unknown_jobs_and_ids_that_are_none(host: OpenAIBatchHost, voice: Voice) -> None:
    with pytest.raises(NotFoundError, match="batch_gone"):
        voice(host.look("batch_gone"))
    for bad in ("", "../files", "batch/1", "batch?x=1", "batch\n"):
        with pytest.raises(JobError, match="no id of a job"):
            voice(host.look(bad))


def test_a_file_id_that_is_a_path_is_not_asked_for(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = RemoteJob(job_id="batch_1", status=BatchStatus.COMPLETED, outputs=("../../batches",))
    with pytest.raises(InvalidResponseError, match="no id of a file"):
        voice(host.fetch(job, tmp_path))
    assert not server.requests


def test_results_that_are_there_are_not_asked_for_again(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    first = voice(host.fetch(job, tmp_path))
    before = len(server.requests)
    assert voice(host.fetch(job, tmp_path)) == first
    assert len(server.requests) == before
    assert first[0].stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_a_download_that_breaks_off_begins_anew(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    server.files.add(
        Reply(conduct=Conduct(cut_after=100)), Reply(conduct=Conduct(cut_after=20, reset=True))
    )
    assert len(collected(host, job, tmp_path, voice)) == 3


def test_vectors_are_asked_for_in_a_job_of_their_own(
    host: OpenAIBatchHost, tmp_path: Path, voice: Voice
) -> None:
    codec = ChatCodec()
    requests = vectors(codec, ["one", "two"], ["three"])
    assert [host.weight(request) for _, request in requests] == [2, 1]
    job = ended(host, voice(host.start(*spooled(host, tmp_path, requests))), voice)
    outcomes = collected(host, job, tmp_path, voice)
    texts = ["one", "two"]
    reply = codec.decode_embedding(requests[0][1], outcomes["item-0"].body, texts=texts)
    assert [each.text for each in reply.vectors] == texts


def test_lanes_part_paths_and_models(host: OpenAIBatchHost) -> None:
    codec = ChatCodec()
    chat = codec.encode(ChatConfig(user_message="hello"))
    other = codec.encode(ChatConfig(user_message="hello", model="gpt-4o"))
    vector = vectors(codec, ["hello"])[0][1]
    assert len({host.lane(chat), host.lane(other), host.lane(vector)}) == 3
    assert host.lane(chat) == host.lane(codec.encode(ChatConfig(user_message="bye")))
    with pytest.raises(UnsupportedFeatureError, match="/audio/speech"):
        host.lane(EncodedRequest(path="/audio/speech", body={}))


def test_a_deadline_ends_uploads_and_polls(
    host: OpenAIBatchHost, server: OpenAIServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    with pytest.raises(DeadlineExceededError):
        voice(host.start(spool, wanted, deadline=Deadline.after(0.0)))
    job = voice(host.start(spool, wanted))
    server.batches.add(Reply(conduct=Conduct(delay=5.0)))
    with pytest.raises(TimeoutError):
        voice(host.look(job.job_id, deadline=Deadline.after(0.1)))


def test_no_key_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(RactoGatewayAuthError, match="OPENAI_API_KEY"):
        OpenAIBatchHost(ChatCodec())


def test_the_environment_names_key_server_and_payer(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, voice: Voice
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{server.key}\n")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-7")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-7")
    host = OpenAIBatchHost(ChatCodec())
    assert voice(host.jobs(1)) == []
    assert server.last.headers["openai-organization"] == "org-7"
    assert server.last.headers["openai-project"] == "proj-7"
    host.close()


def test_the_environments_key_goes_to_no_other_server(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, voice: Voice
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    host = OpenAIBatchHost(ChatCodec(), base_url=server.url, retries=AT_ONCE)
    with pytest.raises(RactoGatewayAuthError):
        voice(host.jobs(1))
    assert "authorization" not in server.last.headers
    host.close()


def test_a_key_that_the_server_repeats_is_not_shown(
    host: OpenAIBatchHost, server: OpenAIServer, voice: Voice
) -> None:
    told = {"error": {"message": f"bad key {server.key}!"}}
    server.batches.add(Failure(kind="unauthorized", body=told))
    with pytest.raises(RactoGatewayAuthError) as caught:
        voice(host.jobs(1))
    assert str(server.key) not in str(caught.value)
    assert "***" in str(caught.value)


def test_a_rate_limit_that_asks_for_too_long_is_raised(
    host: OpenAIBatchHost, server: OpenAIServer, voice: Voice
) -> None:
    server.batches.add(Failure(kind="rate_limited", retry_after=3600))
    with pytest.raises(RateLimitError) as caught:
        voice(host.jobs(1))
    assert caught.value.retry_after == 3600


def test_a_line_is_one_request_as_the_guide_has_it(host: OpenAIBatchHost) -> None:
    custom_id, request = questions(ChatCodec(), 1)[0]
    line = json.loads(host.line(custom_id, request))
    assert line.keys() == {"custom_id", "method", "url", "body"}
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"] == request.body
