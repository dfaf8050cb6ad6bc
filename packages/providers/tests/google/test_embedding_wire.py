"""Texts to vectors: which field or word tells the task, what a reply holds, and its length."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import InvalidResponseError, OverloadedError, UsageState
from racto.providers.embeddings import EmbeddedBatch, EmbeddingCall
from racto.providers.google.access import access
from racto.providers.google.embedding_wire import GoogleEmbeddingWire
from racto.providers.kits import WireReply, WireRequest

OLD, NEW = "gemini-embedding-001", "gemini-embedding-2"


def wire(**options: Any) -> GoogleEmbeddingWire:
    service = access(**({"api_key": "k"} | options))
    return GoogleEmbeddingWire(service.endpoint, service.connect().translator)


VERTEX = {"vertexai": True, "project": "p"}


def encoded(model: str = OLD, *, options: Any = None, **call: Any) -> WireRequest:
    return wire(**(options or {})).encode(["a", "b"], EmbeddingCall(model=model, **call))


def decoded(body: Any) -> EmbeddedBatch:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire().decode(WireReply(body=raw, request_id="q"), 1)


def text(value: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": value}]}


def test_each_text_is_a_request_of_its_own() -> None:
    request = encoded(dimensions=5, input_type="query", extra={"autoTruncate": False})
    assert request.path == f"/v1/models/{OLD}:batchEmbedContents"
    settings = {"model": f"models/{OLD}", "taskType": "RETRIEVAL_QUERY", "autoTruncate": False}
    assert request.body == {
        "requests": [
            {"content": text("a"), "outputDimensionality": 5, **settings},
            {"content": text("b"), "outputDimensionality": 5, **settings},
        ]
    }


@pytest.mark.parametrize(
    ("model", "is_field"),
    [
        (OLD, True),
        ("models/text-embedding-004", True),
        ("text-multilingual-embedding-002", True),
        (NEW, False),
        ("gemini-embedding-2-preview", False),
        ("embeddings-of-the-future", False),
    ],
)
def test_the_task_is_told_as_the_model_reads_it(model: str, is_field: bool) -> None:
    (first, _) = encoded(model, input_type="document").body["requests"]
    assert ("taskType" in first) == is_field
    assert first["content"] == text("a" if is_field else "title: none | text: a")


@pytest.mark.parametrize(
    ("task", "written"),
    [
        ("query", "task: search result | query: a"),
        ("CLUSTERING", "task: clustering | query: a"),
        ("SEMANTIC_SIMILARITY", "task: sentence similarity | query: a"),
        (None, "a"),
    ],
)
def test_tasks_in_words(task: str | None, written: str) -> None:
    (first, _) = encoded(NEW, input_type=task).body["requests"]
    assert first == {"content": text(written), "model": f"models/{NEW}"}


def test_a_title_goes_where_the_model_reads_it() -> None:
    extra = {"title": "T"}
    (old, _) = encoded(OLD, input_type="document", extra=extra).body["requests"]
    (new, _) = encoded(NEW, input_type="document", extra=extra).body["requests"]
    assert old["title"] == "T"
    assert new == {"content": text("title: T | text: a"), "model": f"models/{NEW}"}


def test_vertex_ai_takes_settings_in_a_place_of_their_own() -> None:
    request = encoded(options=VERTEX, dimensions=5, input_type="query")
    assert request.path.endswith(f"/publishers/google/models/{OLD}:batchEmbedContents")
    assert request.body["requests"][0] == {
        "content": text("a"),
        "embedContentConfig": {"outputDimensionality": 5, "taskType": "RETRIEVAL_QUERY"},
    }


def test_vertex_ais_older_models_predict() -> None:
    request = encoded("text-embedding-005", options=VERTEX, dimensions=5, input_type="document")
    assert request.path.endswith("/publishers/google/models/text-embedding-005:predict")
    assert request.body == {
        "instances": [
            {"content": "a", "task_type": "RETRIEVAL_DOCUMENT"},
            {"content": "b", "task_type": "RETRIEVAL_DOCUMENT"},
        ],
        "parameters": {"outputDimensionality": 5},
    }


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"embeddings": [{"values": [0.6, 0.8]}]}, None),
        (
            {"embeddings": [{"values": [0.6, 0.8]}], "usageMetadata": {"promptTokenCount": 7}},
            7,
        ),
        (
            {
                "predictions": [
                    {"embeddings": {"values": [0.6, 0.8], "statistics": {"token_count": 3}}}
                ]
            },
            3,
        ),
    ],
)
def test_vectors_and_tokens_are_read(body: Any, tokens: int | None) -> None:
    batch = decoded(body)
    assert batch.rows == [[0.6, 0.8]]
    assert batch.request_id == "q"
    assert batch.usage.input_tokens == (tokens or 0)
    assert (batch.usage.state is UsageState.UNKNOWN) == (tokens is None)


FINITE = st.floats(-1e6, 1e6)


@given(st.lists(FINITE, min_size=1, max_size=8))
def test_every_vector_gets_length_one(values: list[float]) -> None:
    (row,) = decoded({"embeddings": [{"values": values}]}).rows
    length = math.hypot(*row)
    assert math.isclose(length, 1.0, rel_tol=1e-5) or not any(row)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        [],
        {},
        {"predictions": [{}]},
        {"embeddings": [{}]},
        {"embeddings": [{"values": ["a"]}]},
        {"embeddings": 7},
    ],
)
def test_a_reply_of_another_shape_is_an_error(body: Any) -> None:
    with pytest.raises(InvalidResponseError, match="is not"):
        decoded(body)


def test_an_error_under_status_200_is_an_error() -> None:
    with pytest.raises(OverloadedError):
        decoded({"error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}})
