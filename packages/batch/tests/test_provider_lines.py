"""What providers send, whatever it is: a job, an outcome or a complaint, and never another error."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from racto.batch import anthropic_lines, gemini_lines, openai_lines
from racto.batch.hosts import Fate, Outcome, RemoteJob
from racto.batch.jobs import BatchStatus
from racto.batch.result_lines import UnreadableLineError
from racto.core import ChatConfig

from .harness.codecs import ChatCodec

# Words that the readers look for, so that the search gets deeper than the first field.
WORDS = st.sampled_from(
    [
        "id",
        "name",
        "status",
        "processing_status",
        "state",
        "metadata",
        "request_counts",
        "batchStats",
        "errors",
        "error",
        "data",
        "output",
        "response",
        "responsesFile",
        "output_file_id",
        "error_file_id",
        "created_at",
        "createTime",
        "archived_at",
        "custom_id",
        "key",
        "result",
        "type",
        "message",
        "body",
        "status_code",
        "embedding",
        "embeddings",
        "values",
        "code",
        "line",
        "succeeded",
        "errored",
        "expired",
        "canceled",
        "batch_expired",
        "ended",
        "completed",
        "done",
        "displayName",
        "racto_tag",
        "a#text-1/2",
        "2026-11-30T12:00:00Z",
        "BATCH_STATE_SUCCEEDED",
        "usageMetadata",
        "promptTokenCount",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 600) | st.floats() | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=8)


@pytest.mark.parametrize(
    "read",
    [openai_lines.read_job, anthropic_lines.read_job, gemini_lines.read_job],
    ids=["openai", "anthropic", "google"],
)
@settings(max_examples=40)
@given(data=OBJECTS)
def test_any_object_is_a_job_as_far_as_it_can_be(
    read: Callable[[Mapping[str, Any]], RemoteJob], data: dict[str, Any]
) -> None:
    job = read(data)
    assert job.status in BatchStatus
    assert all(isinstance(each, str) for each in (job.job_id, job.tag, *job.outputs, *job.errors))
    assert isinstance(job.created_at, float)
    assert job.raw is data


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google"])
@settings(max_examples=40)
@given(lines=st.lists(OBJECTS, max_size=4))
def test_any_line_is_an_outcome_or_a_complaint(provider: str, lines: list[dict[str, Any]]) -> None:
    reader = gemini_lines.LineReader()
    read: Callable[[dict[str, Any]], Outcome | None] = {
        "openai": openai_lines.read_line,
        "anthropic": anthropic_lines.read_line,
        "google": reader.read,
    }[provider]
    for line in lines:
        try:
            outcome = read(line)
        except UnreadableLineError:
            continue
        if outcome is not None and outcome.fate in (Fate.ANSWERED, Fate.REFUSED):
            json.loads(outcome.body)
    list(reader.unfinished())


IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64).filter(
    lambda text: "#text-" not in text
)


@settings(max_examples=40)
@given(custom_id=IDS, words=st.text(min_size=1), reply=st.text())
def test_ids_words_and_replies_come_through(custom_id: str, words: str, reply: str) -> None:
    sent = words.encode("utf-8", "replace").decode()
    for provider in ("openai", "anthropic", "google"):
        codec = ChatCodec(provider)
        request = codec.encode(ChatConfig(user_message=words))
        if provider == "openai":
            line = orjson.loads(openai_lines.line_of(custom_id, request))
            said, name = line["body"]["messages"][0]["content"], line["custom_id"]
            told = {"custom_id": name, "response": {"status_code": 200, "body": {"x": reply}}}
            outcome: Outcome | None = openai_lines.read_line(told)
        elif provider == "anthropic":
            line = orjson.loads(anthropic_lines.line_of(custom_id, request))
            said, name = line["params"]["messages"][0]["content"], line["custom_id"]
            told = {"custom_id": name, "result": {"type": "succeeded", "message": {"x": reply}}}
            outcome = anthropic_lines.read_line(told)
        else:
            line = orjson.loads(gemini_lines.line_of(custom_id, request))
            said, name = line["request"]["contents"][0]["parts"][0]["text"], line["key"]
            told = {"key": name, "response": {"x": reply}}
            outcome = gemini_lines.LineReader().read(told)
        assert (name, said) == (custom_id, sent)
        assert outcome is not None
        assert (outcome.fate, outcome.custom_id) == (Fate.ANSWERED, custom_id)
        assert json.loads(outcome.body) == {"x": reply}


@pytest.mark.parametrize(
    ("told", "counts", "status"),
    [
        ("in_progress", {"processing": 3}, BatchStatus.IN_PROGRESS),
        ("canceling", {"processing": 3}, BatchStatus.CANCELLING),
        ("ended", {"succeeded": 3}, BatchStatus.COMPLETED),
        ("ended", {"errored": 3}, BatchStatus.COMPLETED),
        ("ended", {"succeeded": 1, "canceled": 2}, BatchStatus.CANCELLED),
        ("ended", {"succeeded": 1, "expired": 2}, BatchStatus.EXPIRED),
    ],
)
def test_how_a_batch_of_anthropics_ended_stands_in_its_counts(
    told: str, counts: dict[str, int], status: BatchStatus
) -> None:
    job = anthropic_lines.read_job({"processing_status": told, "request_counts": counts})
    assert job.status is status
    assert job.counts.total == 3


def test_an_operation_may_end_in_a_state_that_nobody_knows() -> None:
    done: dict[str, Any] = {"done": True, "metadata": {"state": "BATCH_STATE_NEW"}}
    assert gemini_lines.read_job(done).status is BatchStatus.COMPLETED
    failed = {**done, "error": {"code": 13, "message": "broken"}}
    assert gemini_lines.read_job(failed).status is BatchStatus.FAILED
    assert gemini_lines.read_job({"name": "batches/1"}).status is BatchStatus.PENDING


@pytest.mark.parametrize("key", ["a#text-0/2", "a#text-3/2", "a#text-1/0"])
def test_a_key_that_numbers_no_text_is_told(key: str) -> None:
    with pytest.raises(UnreadableLineError, match="numbers no text"):
        gemini_lines.LineReader().read({"key": key, "response": {"embedding": {}}})


def test_a_key_that_promises_a_billion_texts_costs_nothing() -> None:
    reader = gemini_lines.LineReader()
    line = {"key": "a#text-1/999999999", "response": {"embedding": {}}}
    assert reader.read(line) is None
    (outcome,) = reader.unfinished()
    assert outcome.problem == "of its 999999999 texts 1 came back"
