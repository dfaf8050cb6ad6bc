"""Batches: every state, what each leaves behind, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import openai
import pytest
from hypothesis import given, strategies as st
from openai.types import Batch

from racto.core import Usage
from racto.testing import Failure, OpenAIServer
from racto.testing.openai.batch_files import Tally, read_lines

CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
Make = Callable[..., Batch]


def line(name: Any = "a", body: Any = ASKED, **more: Any) -> dict[str, Any]:
    return {"custom_id": name, "method": "POST", "url": CHAT, "body": body, **more}


@pytest.fixture
def make(client: openai.OpenAI) -> Make:
    """Uploads lines and creates a batch of them."""

    def create(*lines: Any, **fields: Any) -> Batch:
        text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
        file = client.files.create(file=("in.jsonl", text.encode()), purpose="batch")
        wanted: dict[str, Any] = {"endpoint": CHAT, "completion_window": "24h", **fields}
        return client.batches.create(input_file_id=file.id, **wanted)

    return create


@pytest.fixture
def three(make: Make) -> Batch:
    return make(*(line(name) for name in "abc"))


def results(client: openai.OpenAI, id: str | None) -> dict[str, Mapping[str, Any]]:
    assert id is not None
    told = [json.loads(text) for text in client.files.content(id).content.splitlines()]
    return {one["custom_id"]: one for one in told}


def test_a_batch_goes_through_its_states_by_polls(client: openai.OpenAI, make: Make) -> None:
    made = make(line(), metadata={"for": "me"})
    assert (made.status, made.metadata) == ("validating", {"for": "me"})
    states = [client.batches.retrieve(made.id) for _ in range(4)]
    assert [one.status for one in states] == ["in_progress", "finalizing", "completed", "completed"]
    counts = [one.request_counts for one in states]
    assert [(one.total, one.completed) for one in counts if one] == [(1, 0), (1, 1), (1, 1), (1, 1)]
    done = states[-1]
    assert done.model == "m"
    assert done.expires_at == made.created_at + 24 * 3600
    assert done.in_progress_at
    assert done.finalizing_at
    assert done.completed_at
    assert done.failed_at is done.cancelled_at is done.expired_at is None


def test_good_and_bad_answers_go_to_their_files(
    openai_server: OpenAIServer, client: openai.OpenAI, three: Batch
) -> None:
    openai_server.say("first", usage=Usage(input_tokens=3, cache_read_tokens=4, output_tokens=5))
    openai_server.fail("server_error")
    openai_server.say("third", usage=Usage(input_tokens=1, output_tokens=2, reasoning_tokens=1))
    openai_server.batches.advance(4)
    done = client.batches.retrieve(three.id)
    counts = done.request_counts
    assert counts is not None
    assert (counts.total, counts.completed, counts.failed) == (3, 2, 1)
    good = results(client, done.output_file_id)
    assert list(good) == ["c", "a"]
    assert good["a"]["error"] is None
    assert good["a"]["response"]["status_code"] == 200
    assert good["a"]["response"]["body"]["choices"][0]["message"]["content"] == "first"
    (bad,) = results(client, done.error_file_id).values()
    assert bad["error"] is None
    assert bad["response"]["status_code"] == 500
    assert bad["response"]["body"]["error"]["type"] == "server_error"
    usage = done.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (8, 7, 15)
    assert usage.input_tokens_details.cached_tokens == 4
    assert usage.output_tokens_details.reasoning_tokens == 1


def test_when_all_fail_there_is_no_output(
    openai_server: OpenAIServer, client: openai.OpenAI, three: Batch
) -> None:
    openai_server.default = Failure(kind="rate_limited")
    openai_server.batches.advance(4)
    done = client.batches.retrieve(three.id)
    assert (done.status, done.output_file_id) == ("completed", None)
    told = results(client, done.error_file_id)
    assert [one["response"]["status_code"] for one in told.values()] == [429] * 3


def test_a_request_that_the_endpoint_refuses_is_an_error_of_its_line(
    openai_server: OpenAIServer, client: openai.OpenAI, make: Make
) -> None:
    made = make(line("a", {**ASKED, "colour": 1}), line("b", {**ASKED, "stream": True}))
    openai_server.batches.advance(4)
    told = results(client, client.batches.retrieve(made.id).error_file_id)
    assert told["a"]["response"]["status_code"] == 400
    assert "colour" in told["a"]["response"]["body"]["error"]["message"]
    assert told["b"]["response"]["body"]["error"]["param"] == "stream"


@pytest.mark.parametrize(
    ("endpoint", "body", "kind"),
    [
        ("/v1/responses", {"model": "m", "input": "hi"}, "response"),
        ("/v1/embeddings", {"model": "m", "input": ["hi"]}, "list"),
    ],
)
def test_each_endpoint_answers(
    openai_server: OpenAIServer,
    client: openai.OpenAI,
    make: Make,
    endpoint: str,
    body: dict[str, Any],
    kind: str,
) -> None:
    made = make(line("a", body, url=endpoint), endpoint=endpoint)
    openai_server.batches.advance(4)
    done = client.batches.retrieve(made.id)
    told = results(client, done.output_file_id)["a"]["response"]["body"]
    assert told["object"] == kind
    assert done.usage is not None
    assert done.usage.input_tokens > 0


def test_an_expired_batch_keeps_what_was_answered(
    openai_server: OpenAIServer, client: openai.OpenAI, three: Batch
) -> None:
    openai_server.batches.advance()
    openai_server.batches.work(1)
    openai_server.batches.expire()
    ended = client.batches.retrieve(three.id)
    assert ended.status == "expired"
    assert ended.expired_at
    counts = ended.request_counts
    assert counts is not None
    assert (counts.total, counts.completed, counts.failed) == (3, 1, 0)
    assert list(results(client, ended.output_file_id)) == ["a"]
    left = results(client, ended.error_file_id)
    assert {name: one["error"]["code"] for name, one in left.items()} == {
        "b": "batch_expired",
        "c": "batch_expired",
    }
    assert left["b"]["response"] is None


def test_a_cancelled_batch_does_so_too(
    openai_server: OpenAIServer, client: openai.OpenAI, three: Batch
) -> None:
    openai_server.batches.advance()
    openai_server.batches.work(2)
    cancelling = client.batches.cancel(three.id)
    assert (cancelling.status, bool(cancelling.cancelling_at)) == ("cancelling", True)
    ended = client.batches.retrieve(three.id)
    assert (ended.status, bool(ended.cancelled_at)) == ("cancelled", True)
    assert set(results(client, ended.output_file_id)) == {"a", "b"}
    assert results(client, ended.error_file_id)["c"]["error"]["code"] == "batch_cancelled"
    with pytest.raises(openai.ConflictError, match="Cannot cancel a batch with status 'cancelled'"):
        client.batches.cancel(three.id)


@pytest.mark.parametrize(
    ("lines", "code", "number", "param"),
    [
        ([""], "empty_file", None, None),
        ([line("a"), "{no json"], "invalid_json_line", 2, None),
        (["[1]"], "invalid_json_line", 1, None),
        ([line("a"), line("a")], "duplicate_custom_id", 2, "custom_id"),
        ([line("a", url="/v1/responses")], "url_mismatch", 1, "url"),
        ([line("a", method="GET")], "invalid_method", 1, "method"),
        ([line("a"), line("b", {**ASKED, "model": "n"})], "model_mismatch", 2, "body.model"),
        ([line(None)], "missing_required_parameter", 1, "custom_id"),
        ([line(5)], "invalid_type", 1, "custom_id"),
        ([line("a", None)], "missing_required_parameter", 1, "body"),
        ([line("a", [])], "invalid_type", 1, "body"),
    ],
    ids=str,
)
def test_a_bad_line_fails_the_batch_and_is_named(
    client: openai.OpenAI,
    make: Make,
    lines: list[Any],
    code: str,
    number: int | None,
    param: str | None,
) -> None:
    failed = client.batches.retrieve(make(*lines).id)
    assert (failed.status, bool(failed.failed_at)) == ("failed", True)
    assert failed.errors is not None
    assert failed.errors.data is not None
    (error,) = failed.errors.data
    assert (error.code, error.line, error.param) == (code, number, param)
    assert error.message
    assert failed.output_file_id is failed.error_file_id is None
    assert client.batches.retrieve(failed.id).status == "failed"


def test_all_bad_lines_are_named(client: openai.OpenAI, make: Make) -> None:
    failed = client.batches.retrieve(make(line("a"), "x", line("a"), line("b", url="/x")).id)
    assert failed.errors is not None
    assert [error.line for error in failed.errors.data or []] == [2, 3, 4]


def test_too_many_requests_fail_the_batch(client: openai.OpenAI, make: Make) -> None:
    failed = client.batches.retrieve(make("\n".join(["{}"] * 50_001)).id)
    assert failed.errors is not None
    assert [error.code for error in failed.errors.data or []] == ["too_many_tasks"]


def test_a_batch_of_a_file_that_is_not_for_it_fails(client: openai.OpenAI) -> None:
    other = client.files.create(file=("a.txt", b"{}"), purpose="evals").id
    wanted: Any = {"endpoint": CHAT, "completion_window": "24h"}
    for id in ("file-gone", other):
        made = client.batches.create(input_file_id=id, **wanted)
        failed = client.batches.retrieve(made.id)
        assert failed.status == "failed"
        assert failed.errors is not None
        assert [error.param for error in failed.errors.data or []] == ["input_file_id"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"endpoint": "/v1/nowhere"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"a": 5}}, "metadata.a"),
        (
            {"output_expires_after": {"anchor": "created_at", "seconds": 1}},
            "output_expires_after.seconds",
        ),
        ({"extra_body": {"colour": 1}}, "colour"),
    ],
    ids=str,
)
def test_a_bad_batch_is_refused(make: Make, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        make(line(), **fields)
    assert caught.value.param == param


def test_results_are_kept_as_long_as_told(
    openai_server: OpenAIServer, client: openai.OpenAI, make: Make
) -> None:
    made = make(line(), output_expires_after={"anchor": "created_at", "seconds": 7200})
    openai_server.batches.advance(4)
    id = client.batches.retrieve(made.id).output_file_id
    assert id is not None
    file = client.files.retrieve(id)
    assert file.purpose == "batch_output"
    assert file.expires_at == file.created_at + 7200


def test_batches_are_listed_newest_first(client: openai.OpenAI, make: Make) -> None:
    ids = [make(line()).id for _ in range(5)]
    assert [one.id for one in client.batches.list(limit=2)] == ids[::-1]
    assert {one.status for one in client.batches.list()} == {"validating"}


def test_an_unknown_batch_is_not_found(client: openai.OpenAI) -> None:
    for call in (client.batches.retrieve, client.batches.cancel):
        with pytest.raises(openai.NotFoundError, match="batch_gone"):
            call("batch_gone")
    with pytest.raises(openai.NotFoundError, match="Invalid URL"):
        client.delete("/batches/batch_gone", cast_to=object)


def test_a_poll_can_fail_without_moving_anything(
    openai_server: OpenAIServer, client: openai.OpenAI, three: Batch
) -> None:
    openai_server.batches.add(Failure(kind="overloaded"))
    with pytest.raises(openai.InternalServerError):
        client.batches.retrieve(three.id)
    assert client.batches.retrieve(three.id).status == "in_progress"


def test_another_batch_cannot_be_moved_on(openai_server: OpenAIServer, three: Batch) -> None:
    with pytest.raises(LookupError, match=three.id):
        openai_server.batches.expire(id="gone")
    with pytest.raises(LookupError, match=three.id):
        openai_server.batches.work(1, id="gone")


async def test_the_async_client_polls_too(async_client: openai.AsyncOpenAI, three: Batch) -> None:
    assert (await async_client.batches.retrieve(three.id)).status == "in_progress"


KEYS = st.sampled_from(["custom_id", "method", "url", "body", "model", "usage", "input_tokens"])
VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["a", "POST", CHAT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4))
def test_whatever_stands_on_a_line_it_is_taken_or_named(values: list[Any]) -> None:
    content = "\n".join(map(json.dumps, values)).encode()
    lines, faults = read_lines(content, endpoint=CHAT)
    assert bool(lines) != bool(faults)


@given(st.dictionaries(KEYS, VALUES))
def test_whatever_an_answer_reports_it_is_counted(body: dict[str, Any]) -> None:
    tally = Tally()
    tally.add(body)
    assert tally.shown()["total_tokens"] >= 0
