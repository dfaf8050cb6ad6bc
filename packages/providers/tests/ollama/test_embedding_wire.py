"""The embeddings wire: nothing is cut in silence, and every vector is a text's."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from racto.core import (
    ContextLengthError,
    InvalidResponseError,
    UnsupportedFeatureError,
    UsageState,
)
from racto.providers.embeddings import EmbeddingCall, EmbeddingWire
from racto.providers.kits import WireReply
from racto.providers.ollama.embedding_wire import OllamaEmbeddingWire
from racto.providers.ollama.failures import OLLAMA_VOCABULARY, OllamaTranslator


def wire(**settings: Any) -> EmbeddingWire:
    return OllamaEmbeddingWire(OllamaTranslator("ollama", OLLAMA_VOCABULARY), **settings)


def test_a_request_says_that_nothing_may_be_cut() -> None:
    request = wire().encode(["a", "b"], EmbeddingCall(model="m"))
    assert request.path == "/api/embed"
    assert request.body == {"model": "m", "input": ["a", "b"], "truncate": False}
    lenient = wire(truncate=True, keep_alive="5m")
    call = EmbeddingCall(model="m", dimensions=8, extra={"options": {"num_ctx": 9}})
    assert lenient.encode(["a"], call).body == {
        "model": "m",
        "input": ["a"],
        "truncate": True,
        "keep_alive": "5m",
        "dimensions": 8,
        "options": {"num_ctx": 9},
    }


def test_queries_and_documents_are_not_told_apart() -> None:
    with pytest.raises(UnsupportedFeatureError, match="queries"):
        wire().encode(["a"], EmbeddingCall(model="m", input_type="query"))


def test_vectors_model_and_tokens_are_read() -> None:
    body = {"model": "nomic", "embeddings": [[1.0, 2.0], [3.0, 4.0]], "prompt_eval_count": 5}
    batch = wire().decode(WireReply(body=json.dumps(body).encode(), request_id="r"), 2)
    assert batch.rows == [[1.0, 2.0], [3.0, 4.0]]
    assert (batch.model, batch.request_id, batch.usage.input_tokens) == ("nomic", "r", 5)
    untold = wire().decode(WireReply(body=b'{"embeddings": [[1.0]]}'), 1)
    assert untold.usage.state is UsageState.UNKNOWN


@pytest.mark.parametrize("tokens", ["many", -1, [1], math.inf, 10**400])
def test_tokens_that_are_no_count_are_unknown(tokens: Any) -> None:
    body = json.dumps({"embeddings": [[1.0]], "prompt_eval_count": tokens}).encode()
    assert wire().decode(WireReply(body=body), 1).usage.state is UsageState.UNKNOWN


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b'{"embeddings": null}'])
def test_a_reply_without_vectors_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        wire().decode(WireReply(body=body), 1)


def test_an_overflow_is_told() -> None:
    body = b'{"error": "the input length exceeds the context length"}'
    with pytest.raises(ContextLengthError, match="num_ctx"):
        wire().decode(WireReply(body=body), 1)
