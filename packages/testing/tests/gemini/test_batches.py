"""Batches go through their states, and give back each result with its mark."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from racto.testing import GeminiServer, Reply
from racto.testing.gemini.batch_jobs import read_lines

pytestmark = pytest.mark.filterwarnings("ignore:batches.create_embeddings")


def inline(*texts: str) -> list[types.InlinedRequest]:
    return [
        types.InlinedRequest(
            contents=text,
            metadata={"key": text},
            config=types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.5),
        )
        for text in texts
    ]


def created(client: genai.Client, *texts: str) -> str:
    name = client.batches.create(model="m", src=inline(*texts), config={"display_name": "b"}).name
    assert name is not None
    return name


def ended(client: genai.Client, name: str) -> types.BatchJob:
    for _ in range(3):
        job = client.batches.get(name=name)
    return job


def test_a_batch_is_pending_runs_and_succeeds(client: genai.Client) -> None:
    made = client.batches.create(model="m", src=inline("a"), config={"display_name": "mine"})
    assert made.name is not None
    jobs = [made, *(client.batches.get(name=made.name) for _ in range(3))]
    assert [job.state and job.state.name for job in jobs] == [
        "JOB_STATE_PENDING",
        "JOB_STATE_RUNNING",
        "JOB_STATE_SUCCEEDED",
        "JOB_STATE_SUCCEEDED",
    ]
    assert (made.display_name, made.model, made.dest) == ("mine", "models/m", None)


def test_each_result_has_its_own_metadata(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.add(Reply(text="one"), Reply(text="two"))
    gemini_server.fail("overloaded")
    job = ended(client, created(client, "a", "b", "c"))
    assert job.dest is not None
    results = job.dest.inlined_responses
    assert results is not None
    assert [each.metadata for each in results] == [{"key": "a"}, {"key": "b"}, {"key": "c"}]
    assert [each.response.text if each.response else None for each in results] == [
        "one",
        "two",
        None,
    ]
    assert results[2].error is not None
    assert results[2].error.code == 14
    assert results[2].error.message


def test_a_request_that_breaks_a_rule_fails_alone(client: genai.Client) -> None:
    wrong = types.InlinedRequest(
        contents="x", config=types.GenerateContentConfig(temperature=5), metadata={"key": "w"}
    )
    name = client.batches.create(model="m", src=[wrong, *inline("a")]).name
    assert name is not None
    job = ended(client, name)
    assert job.dest is not None
    assert job.dest.inlined_responses is not None
    first, second = job.dest.inlined_responses
    assert first.error is not None
    assert first.error.code == 3
    assert "temperature" in (first.error.message or "")
    assert second.response is not None


def lines(*texts: str) -> bytes:
    requests = (
        {"key": text, "request": {"contents": [{"parts": [{"text": text}]}]}} for text in texts
    )
    return b"".join(json.dumps(each).encode() + b"\n" for each in requests)


def file_of(client: genai.Client, data: bytes) -> str:
    config = types.UploadFileConfig(mime_type="application/jsonl")
    name = client.files.upload(file=io.BytesIO(data), config=config).name
    assert name is not None
    return name


def test_a_file_of_requests_becomes_a_file_of_results(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.say("one")
    gemini_server.fail("rate_limited")
    name = client.batches.create(model="m", src=file_of(client, lines("a", "b"))).name
    assert name is not None
    job = ended(client, name)
    assert job.dest is not None
    assert job.dest.file_name is not None
    told = client.files.download(file=job.dest.file_name)
    assert told is not None
    first, second = map(json.loads, told.splitlines())
    assert first["key"] == "a"
    assert first["response"]["candidates"][0]["content"]["parts"] == [{"text": "one"}]
    assert (second["key"], second["error"]["code"]) == ("b", 8)


@pytest.mark.parametrize("data", [b"not json\n", b'{"key": "a"}\n', b"[1]\n"])
def test_a_file_that_cannot_be_read_fails_the_batch(
    data: bytes, client: genai.Client, post: Any
) -> None:
    name = client.batches.create(model="m", src=file_of(client, lines("a") + data)).name
    assert name is not None
    job = client.batches.get(name=name)
    assert job.state is types.JobState.JOB_STATE_FAILED
    told = post(name, method="GET").json()
    assert told["done"] is True
    assert told["error"]["code"] == 13
    assert "Line 2 of the input file" in told["error"]["message"]


def test_a_batch_may_expire_halfway(gemini_server: GeminiServer, client: genai.Client) -> None:
    name = created(client, "a", "b")
    gemini_server.batches.work(1)
    gemini_server.batches.expire()
    job = client.batches.get(name=name)
    assert (job.done, job.dest) == (True, None)
    assert job.state is types.JobState.JOB_STATE_EXPIRED


def test_a_batch_that_has_ended_does_not_expire(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    job = ended(client, created(client, "a"))
    gemini_server.batches.expire(id=job.name)
    assert client.batches.get(name=job.name or "").state is job.state


def test_blank_lines_are_no_requests() -> None:
    assert [entry.mark for entry in read_lines(b"\n" + lines("a") + b"\n  \n")] == [{"key": "a"}]


def test_an_input_must_be_there(client: genai.Client, post: Any) -> None:
    with pytest.raises(errors.ClientError, match="it may not exist"):
        client.batches.create(model="m", src="files/nowhere")
    assert post("models/m:batchGenerateContent", {"batch": {}}).status_code == 400


def test_vectors_come_in_batches(client: genai.Client) -> None:
    source = types.EmbeddingsBatchJobSource(
        inlined_requests=types.EmbedContentBatch(
            contents=["a", "b"], config=types.EmbedContentConfig(output_dimensionality=3)
        )
    )
    name = client.batches.create_embeddings(model="m", src=source).name
    assert name is not None
    job = ended(client, name)
    assert job.dest is not None
    found = job.dest.inlined_embed_content_responses
    assert found is not None
    vectors = [
        each.response.embedding.values
        for each in found
        if each.response and each.response.embedding
    ]
    assert [len(values or ()) for values in vectors] == [3, 3]


async def test_async_clients_have_batches_too(aio: Any) -> None:
    job = await aio.batches.create(model="m", src=inline("a"))
    for _ in range(2):
        job = await aio.batches.get(name=job.name)
    assert job.state is types.JobState.JOB_STATE_SUCCEEDED
    assert [each.name async for each in await aio.batches.list()] == [job.name]


def test_a_cancelled_batch_answers_nothing(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.say("unsaid")
    name = created(client, "a")
    client.batches.cancel(name=name)
    job = ended(client, name)
    assert (job.state, job.dest) == (types.JobState.JOB_STATE_CANCELLED, None)
    assert client.models.generate_content(model="m", contents="x").text == "unsaid"


def test_a_batch_that_has_ended_cannot_be_cancelled_any_more(client: genai.Client) -> None:
    name = created(client, "a")
    ended(client, name)
    client.batches.cancel(name=name)
    assert client.batches.get(name=name).state is types.JobState.JOB_STATE_SUCCEEDED


def test_a_deleted_batch_is_gone(client: genai.Client) -> None:
    name = created(client, "a")
    client.batches.delete(name=name)
    with pytest.raises(errors.ClientError) as caught:
        client.batches.get(name=name)
    assert caught.value.code == 404


def test_a_test_moves_batches_by_hand(gemini_server: GeminiServer, client: genai.Client) -> None:
    gemini_server.batches.polls_per_step = None
    name = created(client, "a", "b")
    assert ended(client, name).state is types.JobState.JOB_STATE_PENDING
    gemini_server.batches.advance()
    gemini_server.batches.work(1)
    assert ended(client, name).state is types.JobState.JOB_STATE_RUNNING
    gemini_server.batches.advance(id=name)
    assert ended(client, name).state is types.JobState.JOB_STATE_SUCCEEDED
    with pytest.raises(LookupError):
        gemini_server.batches.advance(id="batches/nowhere")


@pytest.mark.parametrize("state", [state.value for state in types.JobState])
def test_a_batch_may_be_in_any_state(
    state: str, gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.batches.polls_per_step = None
    name = created(client, "a")
    gemini_server.batches.enter(state)
    job = client.batches.get(name=name)
    assert job.state == types.JobState(state)
    has_results = state in ("JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED")
    assert (job.dest is not None) == has_results


@pytest.mark.parametrize(
    "ending", ["UNSPECIFIED", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"]
)
def test_both_names_of_a_state_are_known(
    ending: str, gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.batches.polls_per_step = None
    name = created(client, "a")
    gemini_server.batches.enter(f"BATCH_STATE_{ending}")
    assert client.batches.get(name=name).state == types.JobState(f"JOB_STATE_{ending}")


def test_the_counts_of_a_batch_add_up(
    gemini_server: GeminiServer, client: genai.Client, post: Any
) -> None:
    gemini_server.say("one")
    gemini_server.fail()
    name = created(client, "a", "b")
    told = post(name, method="GET").json()["metadata"]["batchStats"]
    assert told == {"requestCount": "2", "pendingRequestCount": "2"}
    told = post(name, method="GET").json()["metadata"]["batchStats"]
    assert told == {
        "requestCount": "2",
        "successfulRequestCount": "1",
        "failedRequestCount": "1",
    }
