"""The embeddings wire: what is asked, and vectors in the order of the texts."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from racto.core import (
    EmbeddingError,
    InvalidResponseError,
    RateLimitError,
    UnsupportedFeatureError,
    Usage,
    UsageState,
)
from racto.providers.connections import Translator
from racto.providers.embeddings import EmbeddingCall
from racto.providers.kits import WireReply
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire
from racto.providers.openai.failures import OPENAI_VOCABULARY

WIRE = OpenAIEmbeddingWire("openai", Translator("openai", OPENAI_VOCABULARY))


def reply(data: Any) -> WireReply:
    return WireReply(body=data if isinstance(data, bytes) else json.dumps(data).encode())


def test_a_request_asks_for_compact_vectors_and_extra_wins() -> None:
    request = WIRE.encode(["a"], EmbeddingCall(model="m"))
    assert request.body == {"model": "m", "input": ["a"], "encoding_format": "base64"}
    call = EmbeddingCall(model="m", dimensions=8, extra={"encoding_format": "float"})
    more = WIRE.encode(["a"], call)
    assert (more.body["dimensions"], more.body["encoding_format"]) == (8, "float")


def test_queries_cannot_be_told_from_documents() -> None:
    with pytest.raises(UnsupportedFeatureError, match="input_type"):
        WIRE.encode(["a"], EmbeddingCall(model="m", input_type="query"))


def test_the_index_counts_and_usage_is_measured() -> None:
    data = {
        "model": "m2",
        "data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}],
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    batch = WIRE.decode(reply(data), 2)
    assert list(batch.rows) == [[1.0], [2.0]]
    assert (batch.model, batch.usage.total_tokens) == ("m2", 3)


@pytest.mark.parametrize(
    "usage", [5, [1], "x", {"total_tokens": math.inf}, {"total_tokens": "many"}]
)
def test_usage_that_is_none_costs_no_vectors(usage: Any) -> None:
    batch = WIRE.decode(reply({"data": [{"index": 0, "embedding": [1.0]}], "usage": usage}), 1)
    assert (list(batch.rows), batch.usage.state) == ([[1.0]], UsageState.UNKNOWN)


def test_usage_may_be_told_in_total_alone() -> None:
    data = {"data": [{"index": 0, "embedding": [1.0]}], "usage": {"total_tokens": 7}}
    assert WIRE.decode(reply(data), 1).usage == Usage(input_tokens=7)


@pytest.mark.parametrize("indexes", [[], [0], [0, math.inf], [0, 0], [0, 1, 2], [1, 2]])
def test_vectors_that_are_not_numbered_like_the_texts_are_an_error(indexes: list[int]) -> None:
    data = [{"index": index, "embedding": [1.0]} for index in indexes]
    with pytest.raises(EmbeddingError, match="2 texts"):
        WIRE.decode(reply({"data": data}), 2)


@pytest.mark.parametrize(
    "body",
    [
        b"no",
        b"[]",
        b"{}",
        b'{"data": [7]}',
        b'{"data": [{}]}',
        b'{"data": [{"index": [], "embedding": []}]}',
    ],
)
def test_what_is_no_list_of_embeddings_is_an_error(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        WIRE.decode(reply(body), 1)


def test_an_error_under_status_200_is_an_error() -> None:
    with pytest.raises(RateLimitError):
        WIRE.decode(reply({"error": {"message": "slow", "code": "rate_limit_exceeded"}}), 1)
