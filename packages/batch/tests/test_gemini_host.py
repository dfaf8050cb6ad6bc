"""Gemini's host against the loopback server: every way in which a job can end, and every break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.batch.gemini_host import GeminiBatchHost
from racto.batch.hosts import Fate, JobOrder
from racto.batch.jobs import BatchStatus
from racto.core import (
    ChatConfig,
    JobError,
    NotFoundError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RetryPolicy,
    UnsupportedFeatureError,
)
from racto.core.requests import EncodedRequest
from racto.testing import Conduct, Failure, GeminiServer, Reply

from .harness.codecs import ChatCodec
from .harness.orders import collected, ended, questions, spooled, vectors
from .harness.voices import Voice, voice as voice

AT_ONCE = RetryPolicy(attempts=3, base=0.0)
CODEC = ChatCodec("google")


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer(key="AIza-test-0123456789") as server:
        yield server


@pytest.fixture
def host(server: GeminiServer) -> Iterator[GeminiBatchHost]:
    host = GeminiBatchHost(
        CODEC, api_key=server.key, base_url=server.url, timeout=10.0, retries=AT_ONCE
    )
    yield host
    host.close()


def order(
    host: GeminiBatchHost, folder: Path, count: int = 3, tag: str = "order-1", label: str = ""
) -> tuple[Path, JobOrder]:
    return spooled(host, folder, questions(CODEC, count), tag=tag, label=label)


def test_a_job_goes_up_and_its_answers_come_down(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    server.when(lambda request: Reply(text=f"to {request.json['contents'][0]['parts'][0]['text']}"))
    job = voice(host.start(*order(host, tmp_path, label="the nightly run")))
    assert job.status is BatchStatus.PENDING
    assert job.tag == "order-1"
    assert job.raw["metadata"]["displayName"] == "order-1 the nightly run"
    assert job.created_at > 1_700_000_000
    seen = [voice(host.look(job.job_id)).status for _ in range(2)]
    assert seen == [BatchStatus.IN_PROGRESS, BatchStatus.COMPLETED]
    job = voice(host.look(job.job_id))
    assert (job.counts.total, job.counts.succeeded) == (3, 3)
    outcomes = collected(host, job, tmp_path, voice)
    custom_id, request = questions(CODEC, 3)[2]
    assert CODEC.decode(request, outcomes[custom_id].body).content == "to Question 2?"


def test_refused_items_are_results_too(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Reply(text="a"), Failure(kind="bad_request", message="no such thing"))
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    assert (job.counts.succeeded, job.counts.failed) == (2, 1)
    outcomes = collected(host, job, tmp_path, voice)
    assert (outcomes["item-1"].fate, outcomes["item-1"].status) == (Fate.REFUSED, 400)
    told = json.loads(outcomes["item-1"].body)["error"]
    assert told["code"] == 400
    assert told["status"] == "INVALID_ARGUMENT"
    assert "no such thing" in told["message"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("BATCH_STATE_EXPIRED", BatchStatus.EXPIRED),
        ("BATCH_STATE_CANCELLED", BatchStatus.CANCELLED),
        ("BATCH_STATE_FAILED", BatchStatus.FAILED),
    ],
)
def test_a_job_that_ends_without_results_says_why(
    state: str,
    status: BatchStatus,
    host: GeminiBatchHost,
    server: GeminiServer,
    tmp_path: Path,
    voice: Voice,
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    server.batches.enter(state)
    job = voice(host.look(job.job_id))
    assert job.status is status
    assert job.errors
    assert voice(host.fetch(job, tmp_path)) == []


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("JOB_STATE_QUEUED", BatchStatus.PENDING),
        ("JOB_STATE_PAUSED", BatchStatus.IN_PROGRESS),
        ("JOB_STATE_UPDATING", BatchStatus.IN_PROGRESS),
        ("BATCH_STATE_CANCELLING", BatchStatus.CANCELLING),
        ("JOB_STATE_OF_TOMORROW", BatchStatus.IN_PROGRESS),
        ("BATCH_STATE_PARTIALLY_SUCCEEDED", BatchStatus.COMPLETED),
    ],
)
def test_all_states_are_known(
    state: str,
    status: BatchStatus,
    host: GeminiBatchHost,
    server: GeminiServer,
    tmp_path: Path,
    voice: Voice,
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    server.batches.enter(state)
    assert voice(host.look(job.job_id)).status is status


def test_a_job_is_cancelled_and_a_second_time_in_vain(
    host: GeminiBatchHost, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    assert voice(host.cancel(job.job_id)).status is BatchStatus.CANCELLED
    assert voice(host.cancel(job.job_id)).status is BatchStatus.CANCELLED


def test_a_cancellation_that_comes_too_late_shows_the_job(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    job = ended(host, voice(host.start(*order(host, tmp_path))), voice)
    server.batches.add(Failure(kind="bad_request"))
    assert voice(host.cancel(job.job_id)).status is BatchStatus.COMPLETED


@pytest.mark.parametrize("kind", ["server_error", "overloaded", "rate_limited"])
def test_polling_outlives_passing_errors(
    kind: str, host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    job = voice(host.start(*order(host, tmp_path)))
    failure = Failure(kind=kind, retry_after=0.01)  # type: ignore[arg-type]
    server.batches.add(failure, failure)
    assert voice(host.look(job.job_id)).status is BatchStatus.IN_PROGRESS


def test_a_creation_whose_answer_was_lost_makes_no_second_job(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    server.batches.add(Reply(conduct=Conduct(hang_up=True)))
    assert voice(host.start(*order(host, tmp_path))).tag == "order-1"
    assert len(voice(host.jobs(10))) == 1


def test_a_creation_that_failed_is_tried_again_with_the_same_file(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    spool, wanted = order(host, tmp_path)
    server.batches.add(Failure(kind="bad_request"))
    with pytest.raises(RactoGatewayError):
        voice(host.start(spool, wanted))
    job = ended(host, voice(host.start(spool, wanted)), voice)
    assert job.counts.succeeded == 3
    finals = [
        each
        for each in server.requests
        if "finalize" in each.headers.get("x-goog-upload-command", "")
    ]
    assert len(finals) == 1


def test_another_file_of_the_same_name_is_not_taken(
    host: GeminiBatchHost, tmp_path: Path, voice: Voice
) -> None:
    voice(host.start(*order(host, tmp_path, 3)))
    with pytest.raises(JobError, match="another one"):
        voice(host.start(*order(host, tmp_path, 4)))


def test_a_tag_finds_its_job_and_lists_go_from_page_to_page(
    host: GeminiBatchHost, tmp_path: Path, voice: Voice
) -> None:
    made = [
        voice(host.start(*order(host, tmp_path, 1, tag=f"order-{number}"))).job_id
        for number in range(4)
    ]
    found = voice(host.find("order-1", count=1, since=0.0))
    assert found is not None
    assert found.job_id == made[1]
    assert voice(host.find("order-1", count=1, since=0.0, known={made[1]})) is None
    assert [job.job_id for job in voice(host.jobs(3))] == made[:0:-1]


def test_vectors_take_a_line_a_text_and_come_back_together(
    host: GeminiBatchHost, server: GeminiServer, tmp_path: Path, voice: Voice
) -> None:
    texts = (["one", "two", "three"], ["four"])
    requests = vectors(CODEC, *texts)
    assert [host.weight(request) for _, request in requests] == [3, 1]
    spool, wanted = spooled(host, tmp_path, requests)
    assert len(spool.read_bytes().splitlines()) == 4
    job = ended(host, voice(host.start(spool, wanted)), voice)
    paths = voice(host.fetch(job, tmp_path))
    # In whatever order they come.
    paths[0].write_bytes(b"\n".join(reversed(paths[0].read_bytes().splitlines())))
    outcomes = {each.custom_id: each for each in host.outcomes(paths)}
    assert outcomes.keys() == {"item-0", "item-1"}
    for (custom_id, request), each in zip(requests, texts, strict=True):
        reply = CODEC.decode_embedding(request, outcomes[custom_id].body, texts=each)
        assert [vector.text for vector in reply.vectors] == each
    one = CODEC.decode_embedding(requests[0][1], outcomes["item-0"].body, texts=texts[0])
    assert len({tuple(vector.embedding) for vector in one.vectors}) == 3


def test_unknown_jobs_and_ids_that_are_none(host: GeminiBatchHost, voice: Voice) -> None:
    with pytest.raises(NotFoundError):
        voice(host.look("batches/gone"))
    for bad in ("gone", "batches/../files/x", "files/x"):
        with pytest.raises(JobError, match="no id of a job"):
            voice(host.look(bad))


def test_lanes_part_models_and_methods(host: GeminiBatchHost) -> None:
    chat = CODEC.encode(ChatConfig(user_message="hello"))
    other = CODEC.encode(ChatConfig(user_message="hello", model="gemini-2.5-pro"))
    vector = vectors(CODEC, ["hello"])[0][1]
    assert len({host.lane(chat), host.lane(other), host.lane(vector)}) == 3
    path = "/v1beta1/projects/p/locations/l/publishers/google/models/m:generateContent"
    with pytest.raises(UnsupportedFeatureError, match="Vertex AI"):
        host.lane(EncodedRequest(path=path, body={}))
    with pytest.raises(UnsupportedFeatureError, match="predictLongRunning"):
        host.lane(EncodedRequest(path="/v1/models/veo:predictLongRunning", body={}))


def test_no_key_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(RactoGatewayAuthError, match="GOOGLE_API_KEY or GEMINI_API_KEY"):
        GeminiBatchHost(CODEC)


@pytest.mark.parametrize("version", ["", "/v1beta", "/v1alpha/"])
def test_the_environment_names_key_and_server(
    version: str, server: GeminiServer, monkeypatch: pytest.MonkeyPatch, voice: Voice
) -> None:
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", str(server.key))
    root = server.url.removesuffix("/v1beta")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", root + version)
    host = GeminiBatchHost(CODEC)
    assert voice(host.jobs(1)) == []
    assert server.last.path == f"{version.rstrip('/') or '/v1beta'}/batches"
    host.close()
