"""Three embeddings APIs: what each is asked, and vectors that belong to texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import (
    EmbeddingError,
    InvalidResponseError,
    OverloadedError,
    UnsupportedFeatureError,
    UsageState,
)
from racto.providers.embeddings import EmbeddingCall, EmbeddingWire
from racto.providers.huggingface.embedding_wire import EmbeddingsWire, FeatureExtractionWire
from racto.providers.huggingface.failures import HUGGINGFACE_VOCABULARY, HuggingFaceTranslator
from racto.providers.kits import WireReply

TRANSLATOR = HuggingFaceTranslator("huggingface", HUGGINGFACE_VOCABULARY)


def extraction(**settings: Any) -> EmbeddingWire:
    return FeatureExtractionWire(TRANSLATOR, **settings)


def call(**fields: Any) -> EmbeddingCall:
    return EmbeddingCall(**{"model": "BAAI/bge small", **fields})


def test_the_router_is_asked_by_pipeline() -> None:
    request = extraction().encode(["a", "b"], call())
    assert request.path == "/hf-inference/models/BAAI/bge%20small/pipeline/feature-extraction"
    assert request.body == {"inputs": ["a", "b"], "truncate": False}
    asked = extraction(normalize=True, truncate=True).encode(["a"], call(extra={"x": 1})).body
    assert asked == {"inputs": ["a"], "truncate": True, "normalize": True, "x": 1}


def test_an_input_type_is_a_prompt_of_the_model() -> None:
    wire = extraction()
    assert wire.encode(["a"], call(input_type="query")).body["prompt_name"] == "query"
    named = extraction(prompts={"query": "search", "document": None})
    assert named.encode(["a"], call(input_type="query")).body["prompt_name"] == "search"
    assert "prompt_name" not in named.encode(["a"], call(input_type="document")).body
    with pytest.raises(UnsupportedFeatureError, match="'query' or 'document'"):
        wire.encode(["a"], call(input_type="passage"))


def test_only_a_tei_shortens_vectors() -> None:
    with pytest.raises(UnsupportedFeatureError, match="dimensions"):
        extraction().encode(["a"], call(dimensions=8))
    request = extraction(is_tei=True).encode(["a"], call(dimensions=8))
    assert (request.path, request.body["dimensions"]) == ("/embed", 8)


def test_vectors_and_tokens_are_read() -> None:
    reply = WireReply(body=b"[[1.0, 2], [3, 4]]", headers={"x-compute-tokens": "6"})
    batch = extraction().decode(reply, 2)
    assert batch.rows == [[1.0, 2], [3, 4]]
    assert batch.usage.input_tokens == 6
    untold = extraction().decode(WireReply(body=b"[[1.0]]"), 1)
    assert untold.usage.state is UsageState.UNKNOWN


@pytest.mark.parametrize("tokens", ["9" * 5000, "9" * 15, "-1", "x", ""])
def test_tokens_that_are_no_count_are_unknown(tokens: str) -> None:
    reply = WireReply(body=b"[[1.0]]", headers={"x-compute-tokens": tokens})
    assert extraction().decode(reply, 1).usage.state is UsageState.UNKNOWN


def test_vectors_of_tokens_are_no_vectors_of_texts() -> None:
    with pytest.raises(EmbeddingError, match="sentence-similarity"):
        extraction().decode(WireReply(body=b"[[[1.0], [2.0]], [[3.0]]]"), 2)


@pytest.mark.parametrize("body", [b"x", b"7", b"[1.0, 2.0]"])
def test_a_reply_without_vectors_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponseError, match="not a list of vectors"):
        extraction().decode(WireReply(body=body), 1)


def test_an_error_under_status_200_is_an_error() -> None:
    with pytest.raises(OverloadedError):
        extraction().decode(WireReply(body=b'{"error": "no room", "error_type": "overloaded"}'), 1)


def test_openais_way_has_its_own_path_and_no_input_type() -> None:
    wire: EmbeddingWire = EmbeddingsWire(TRANSLATOR)
    request = wire.encode(["a"], call(dimensions=8))
    assert request.path == "/v1/embeddings"
    assert request.body["dimensions"] == 8
    with pytest.raises(UnsupportedFeatureError, match="input_type"):
        wire.encode(["a"], call(input_type="query"))
    alike = EmbeddingsWire(TRANSLATOR, is_symmetric=True)
    assert alike.encode(["a"], call(input_type="query")).body == alike.encode(["a"], call()).body
    data = {"data": [{"index": 0, "embedding": [1.0]}], "model": "m"}
    batch = wire.decode(WireReply(body=json.dumps(data).encode()), 1)
    assert (batch.rows, wire.provider) == ([[1.0]], "huggingface")
