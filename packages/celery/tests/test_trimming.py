"""Results within the limit, without vectors, and harmless for kombu."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st
from kombu.utils.json import dumps, loads

from racto.celery.trimming import Veiled, restored, trimmed_chunks, trimmed_response
from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import JobError
from racto.core.responses import LLMResponse

marked = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__type__", "__value__", "__plain__", "a"]), inner)
        | st.fixed_dictionaries({"__type__": inner, "__value__": inner})
    ),
    max_leaves=6,
)


def chunk(at: int, **extra: Any) -> Chunk:
    return Chunk(
        content="words " * 5,
        chunk_id=f"c{at}",
        embedding=[0.25] * 99,
        metadata=ChunkMetadata(source="a.txt", extra=extra),
    )


def test_small_reply_is_whole() -> None:
    response = LLMResponse(content="hi", thinking="hm", raw=object())
    data = trimmed_response(response, 10_000)
    assert data == response.model_dump(mode="json")
    assert "raw" not in data


def test_reply_loses_only_as_much_as_needed() -> None:
    response = LLMResponse(content="x" * 500, thinking="y" * 5000)
    data = trimmed_response(response, 2000)
    assert data["content"] == "x" * 500
    assert data["trimmed"] == ["logprobs", "parts", "thinking"]
    assert "thinking" not in data
    assert LLMResponse.model_validate(data).content == "x" * 500
    with pytest.raises(JobError, match="limit is 400"):
        trimmed_response(response, 400)


@given(marked)
def test_no_reply_becomes_an_object_of_kombus(value: Any) -> None:
    response = LLMResponse(content="x", parsed={"value": value})
    data = trimmed_response(response, 10**6)
    again: Any = loads(dumps(Veiled(data)))  # type: ignore[no-untyped-call]
    assert restored(again) == response.model_dump(mode="json")


@given(st.integers(0, 60), st.integers(200, 20_000))
def test_chunks_fit_and_none_is_lost_in_silence(count: int, limit: int) -> None:
    found = trimmed_chunks([chunk(at) for at in range(count)], limit)
    assert len(json.dumps(found, separators=(",", ":"))) <= limit
    assert "embedding" not in json.dumps(found)
    end = found[-1] if found and "trimmed" in found[-1] else {}
    listed = len(found) - bool(end)
    assert listed + end.get("omitted", 0) == count
    assert [one["chunk_id"] for one in found[:listed]] == [f"c{at}" for at in range(listed)]
    if not end:
        assert all(one["content"] for one in found)


def test_metadata_becomes_plain() -> None:
    found = trimmed_chunks([chunk(0, when=date(2026, 1, 2), where=(1, 2))], 10_000)
    assert found[0]["metadata"]["extra"] == {"when": "2026-01-02", "where": [1, 2]}


def test_mappings_pass_for_chunks_and_others_do_not() -> None:
    assert trimmed_chunks([{"chunk_id": "a", "embedding": [1.0]}], 1000) == [{"chunk_id": "a"}]
    with pytest.raises(JobError, match="returned a int"):
        trimmed_chunks([7], 1000)


def test_monitors_see_shapes() -> None:
    response = LLMResponse(content="my secret words")
    assert repr(Veiled(response.model_dump(mode="json"))) == "stop: 15 characters, 0 tokens"
    assert repr(Veiled([{"chunk_id": "a"}] * 3)) == "3 chunks"
    assert repr(Veiled("private")) == "str"
