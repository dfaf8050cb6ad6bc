"""Whatever a server sends instead of vectors, only racto's errors come out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import RactoGatewayError, RetryPolicy
from racto.core.flows import run
from racto.providers.arrays import lists, matrix
from racto.providers.connections import Translator, Vocabulary
from racto.providers.embeddings import EmbeddingCall, EmbeddingWire
from racto.providers.embeddings.flow import embedded
from racto.providers.google.embedding_wire import GoogleEmbeddingWire
from racto.providers.google.endpoints import gemini_endpoint
from racto.providers.huggingface.embedding_wire import FeatureExtractionWire
from racto.providers.kits import WireReply
from racto.providers.ollama.embedding_wire import OllamaEmbeddingWire
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire

THEIRS = Translator("them", Vocabulary())
CALL = EmbeddingCall(model="m", retry=RetryPolicy(attempts=1))

WIRES: dict[str, tuple[EmbeddingWire, Any]] = {
    "openai": (
        OpenAIEmbeddingWire("openai", THEIRS),
        {
            "model": "m",
            "data": [
                {"index": 0, "embedding": [0.6, 0.8]},
                {"index": 1, "embedding": "AACAPwAAAAA="},
            ],
            "usage": {"prompt_tokens": 3, "total_tokens": 3},
        },
    ),
    "ollama": (
        OllamaEmbeddingWire(THEIRS),
        {"model": "m", "embeddings": [[0.6, 0.8], [1.0, 0.0]], "prompt_eval_count": 3},
    ),
    "google": (
        GoogleEmbeddingWire(gemini_endpoint(), THEIRS),
        {
            "embeddings": [{"values": [0.6, 0.8]}, {"values": [1.0, 0.0]}],
            "usageMetadata": {"promptTokenCount": 3},
        },
    ),
    "vertex": (
        GoogleEmbeddingWire(gemini_endpoint(), THEIRS),
        {
            "predictions": [
                {"embeddings": {"values": row, "statistics": {"token_count": 1}}}
                for row in ([0.6, 0.8], [1.0, 0.0])
            ]
        },
    ),
    "huggingface": (FeatureExtractionWire(THEIRS), [[0.6, 0.8], [1.0, 0.0]]),
}


def vectors(wire: EmbeddingWire, data: Any, shape: Any) -> list[list[float]]:
    """What comes out when a server answers two texts so."""
    reply = WireReply(body=json.dumps(data).encode())
    transport: Any = SimpleNamespace(send=lambda *_: reply, asend=None)
    connection: Any = SimpleNamespace(transport=transport)
    flow = embedded(["a", "b"], CALL, wire=wire, connection=connection, shape=shape)
    (batch,) = run(flow)
    assert batch.usage.total_tokens < 10**13
    return [[float(value) for value in row] for row in batch.rows]


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("shape", [matrix, lists])
def test_the_good_replies_are_good(name: str, shape: Any) -> None:
    found = vectors(*WIRES[name], shape)
    assert found == [pytest.approx([0.6, 0.8]), [1.0, 0.0]]


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_reply_gets_past_a_wire(name: str, mutated: Callable[..., Any], data: Any) -> None:
    wire, good = WIRES[name]
    bad = data.draw(mutated(good))
    for shape in (matrix, lists):
        try:
            found = vectors(wire, bad, shape)
        except RactoGatewayError:
            continue
        assert len(found) == 2
        assert all(math.isfinite(value) for row in found for value in row)


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("shape", [matrix, lists])
def test_a_number_that_no_float_holds_is_told(name: str, shape: Any) -> None:
    wire, good = WIRES[name]
    bad = json.loads(json.dumps(good).replace("0.8", str(10**400)))
    with pytest.raises(RactoGatewayError):
        vectors(wire, bad, shape)
