"""Anthropic's host against the loopback server: every way in which a job can end, and every break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from racto.batch.anthropic_host import AnthropicBatchHost
from racto.batch.hosts import Fate, JobOrder
from racto.batch.jobs import BatchStatus
from racto.core import (
    ChatConfig,
    JobError,
    NotFoundError,
    RactoGatewayAuthError,
    RetryPolicy,
    UnsupportedFeatureError,
)
from racto.core.requests import EncodedRequest
from racto.testing import AnthropicServer, Conduct, Failure, Reply

from .harness.codecs import ChatCodec
from .harness.orders import collected, ended, questions, spooled
from .harness.voices import Voice, voice as voice

AT_ONCE = RetryPolicy(attempts=3, base=0.0)
CODEC = ChatCodec("anthropic")


@pytest.fixture
def server() -> Iterator[AnthropicServer]:
    with AnthropicServer(key="sk-ant-test-0123456789") as server:
        yield server


@pytest.fixture
def host(server: AnthropicServer) -> Iterator[AnthropicBatchHost]:
    host = AnthropicBatchHost(
        CODEC, api_key=server.key, base_url=server.url, timeout=10.0, retries=AT_ONCE
    )
    yield host
    host.close()


def order(
    host: AnthropicBatchHost, folder: Path, count: int = 3, tag: str = "order-1"
) -> tuple[Path, JobOrder]:
    return spooled(host, folder, questions(CODEC, count), tag=tag)


def test_a_job_goes_up_and_its_answers_come_down(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    server.when(lambda request: Reply(text=f"to {request.json['messages'][0]['content']}"))
    job = voice(host.start(*order(host, tmp_path)))
    assert job.status is BatchStatus.IN_PROGRESS
    assert job.created_at > 1_700_000_000
    assert job.outputs == ()
    job = ended(host, job, voice)
    assert job.status is BatchStatus.COMPLETED
    assert (job.counts.total, job.counts.succeeded) == (3, 3)
    outcomes = collected(host, job, tmp_path, voice)
    custom_id, request = questions(CODEC, 3)[2]
    assert outcomes[custom_id].fate is Fate.ANSWERED
    assert CODEC.decode(request, outcomes[custom_id].body).content == "to Question 2?"


def test_the_upload_is_one_array_of_the_lines(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    voice(host.start(spool, wanted))
    upload = server.last
    assert (upload.method, upload.path) == ("POST", "/v1/messages/batches")
    assert int(upload.headers["content-length"]) == len(upload.body)
    assert upload.json == {
        "requests": [json.loads(line) for line in spool.read_bytes().splitlines()]
    }
    assert upload.headers["anthropic-version"] == "2026-10-21"
    limits = host.limits
    assert len(upload.body) == spool.stat().st_size - 1 + limits.frame_bytes


def test_headers_of_the_requests_go_with_the_upload(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    betas = {"anthropic-beta": "one,two", "anthropic-version": "2023-06-01"}
    wanted = JobOrder(
        path=wanted.path, model=wanted.model, count=wanted.count, tag="order-1", headers=betas
    )
    voice(host.start(spool, wanted))
    assert server.last.headers["anthropic-beta"] == "one,two"
    assert server.last.headers["anthropic-version"] == "2023-06-01"


def test_refused_items_are_results_too(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Reply(text="a"), Failure(kind="bad_request", message="no such thing"))
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert job.status is BatchStatus.COMPLETED
    assert (job.counts.succeeded, job.counts.failed) == (2, 1)
    outcomes = collected(host, job, tmp_path, voice)
    assert outcomes["item-1"].fate is Fate.REFUSED
    error = CODEC.refused(outcomes["item-1"].status, outcomes["item-1"].body)
    assert "no such thing" in str(error)


@pytest.mark.parametrize("end", ["expire", "cancel"])
def test_what_was_done_before_the_end_is_kept(
    end: str,
    host: AnthropicBatchHost,
    server: AnthropicServer,
    tmp_path: Path,
    voice: Voice,
) -> None:
    job = voice(host.start(*order(host, tmp_path, 4)))
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
    assert job.counts.succeeded == 2
    outcomes = collected(host, job, tmp_path, voice)
    fates = [outcomes[f"item-{number}"].fate for number in range(4)]
    assert fates == [Fate.ANSWERED, Fate.ANSWERED, undone, undone]


def test_a_job_that_has_ended_is_cancelled_in_vain(
    host: AnthropicBatchHost, tmp_path: Path, voice: Voice
) -> None:
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert voice(host.cancel(job.job_id)).status is BatchStatus.COMPLETED


@pytest.mark.parametrize("kind", ["server_error", "overloaded", "rate_limited"])
def test_polling_outlives_passing_errors(
    kind: str, host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    server.batches.add(Failure(kind=kind), Failure(kind=kind))  # type: ignore[arg-type]
    assert voice(host.look(job.job_id)).status is BatchStatus.IN_PROGRESS


def test_a_creation_whose_answer_was_lost_makes_no_second_job(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    first = voice(host.start(*order(host, tmp_path)))
    # The list before the upload, and then the upload itself.
    server.batches.add(Reply(), Reply(conduct=Conduct(hang_up=True)))
    second = voice(host.start(*order(host, tmp_path, tag="order-2")))
    assert second.job_id != first.job_id
    assert len(voice(host.jobs(10))) == 2


def test_a_creation_that_failed_is_tried_again(
    host: AnthropicBatchHost, server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    server.batches.add(Reply(), Failure(kind="server_error"), Reply(), Failure(kind="overloaded"))
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert job.counts.succeeded == 3
    assert len(voice(host.jobs(10))) == 1


def test_the_one_unknown_job_of_so_many_requests_is_found(
    host: AnthropicBatchHost, tmp_path: Path, voice: Voice
) -> None:
    small = voice(host.start(*order(host, tmp_path, 2)))
    large = voice(host.start(*order(host, tmp_path, 3)))
    found = voice(host.find("any", count=3, since=small.created_at))
    assert found is not None
    # Only a creation that was answered proves whose job it is.
    assert (found.job_id, found.tag, large.tag) == (large.job_id, "", "order-1")
    assert voice(host.find("any", count=4, since=small.created_at)) is None
    assert voice(host.find("any", count=3, since=large.created_at + 3600)) is None
    again = voice(host.start(*order(host, tmp_path, 3)))
    with pytest.raises(JobError, match="2 jobs could be"):
        voice(host.find("any", count=3, since=small.created_at))
    known = {large.job_id}
    assert voice(host.find("any", count=3, since=small.created_at, known=known)) == replace(
        again, tag=""
    )


def test_lists_go_from_page_to_page(host: AnthropicBatchHost, tmp_path: Path, voice: Voice) -> None:
    made = [voice(host.start(*order(host, tmp_path, 1))).job_id for _ in range(5)]
    assert [job.job_id for job in voice(host.jobs(4))] == made[:0:-1]


def test_a_bad_key_is_told_before_the_upload(
    server: AnthropicServer, tmp_path: Path, voice: Voice
) -> None:
    host = AnthropicBatchHost(CODEC, api_key="sk-ant-wrong-key", base_url=server.url)
    with pytest.raises(RactoGatewayAuthError):
        voice(host.start(*order(host, tmp_path)))
    assert [each.method for each in server.requests] == ["GET"]
    host.close()


def test_results_that_were_archived_are_told(host: AnthropicBatchHost, voice: Voice) -> None:
    from racto.batch.anthropic_lines import read_job

    job = read_job(
        {
            "id": "msgbatch_1",
            "processing_status": "ended",
            "archived_at": "2026-11-01T00:00:00Z",
            "request_counts": {"succeeded": 2},
        }
    )
    assert job.status is BatchStatus.COMPLETED
    assert voice(host.fetch(job, Path("nowhere"))) == []
    assert "archived at 2026-11-01" in job.errors[0]


def test_unknown_jobs_and_ids_that_are_none(host: AnthropicBatchHost, voice: Voice) -> None:
    with pytest.raises(NotFoundError, match="msgbatch_gone"):
        voice(host.look("msgbatch_gone"))
    with pytest.raises(JobError, match="no id of a job"):
        voice(host.cancel("../messages"))


def test_all_messages_share_a_lane(host: AnthropicBatchHost) -> None:
    one = CODEC.encode(ChatConfig(user_message="hello"))
    other = CODEC.encode(ChatConfig(user_message="hello", model="claude-opus-4-8"))
    assert host.lane(one) == host.lane(other)
    assert host.weight(one) == 1
    with pytest.raises(UnsupportedFeatureError, match="count_tokens"):
        host.lane(EncodedRequest(path="/v1/messages/count_tokens", body={}))


def test_no_key_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(RactoGatewayAuthError, match="ANTHROPIC_API_KEY"):
        AnthropicBatchHost(CODEC)


def test_the_environment_names_key_and_server(
    server: AnthropicServer, monkeypatch: pytest.MonkeyPatch, voice: Voice
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", str(server.key))
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    host = AnthropicBatchHost(CODEC)
    assert voice(host.jobs(1)) == []
    host.close()
