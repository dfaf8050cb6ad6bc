"""Voyage's wire: what is asked, and replies whose only count is the total."""

from __future__ import annotations

import json

import pytest

from racto.core import UnsupportedFeatureError, UsageState
from racto.providers.embeddings import EmbeddingCall, EmbeddingWire
from racto.providers.kits import WireReply
from racto.providers.voyage.failures import VOYAGE_VOCABULARY, VoyageTranslator
from racto.providers.voyage.wire import VoyageWire

TRANSLATOR = VoyageTranslator("voyage", VOYAGE_VOCABULARY)


def test_a_request_says_that_nothing_may_be_cut() -> None:
    wire: EmbeddingWire = VoyageWire(TRANSLATOR)
    assert wire.provider == "voyage"
    request = wire.encode(["a", "b"], EmbeddingCall(model="voyage-4"))
    assert request.path == "/embeddings"
    assert request.body == {
        "model": "voyage-4",
        "input": ["a", "b"],
        "truncation": False,
        "encoding_format": "base64",
    }


def test_every_wish_has_its_field() -> None:
    call = EmbeddingCall(
        model="m", dimensions=256, input_type="query", extra={"output_dtype": "float"}
    )
    body = VoyageWire(TRANSLATOR, truncation=True).encode(["a"], call).body
    assert body["truncation"] is True
    assert body["input_type"] == "query"
    assert body["output_dimension"] == 256
    assert body["output_dtype"] == "float"


def test_an_input_type_that_it_does_not_know_is_refused() -> None:
    call = EmbeddingCall(model="m", input_type="passage")
    with pytest.raises(UnsupportedFeatureError, match="'query' or 'document'"):
        VoyageWire(TRANSLATOR).encode(["a"], call)


def test_all_tokens_are_input() -> None:
    body = {
        "data": [{"index": 0, "embedding": [1.0]}],
        "model": "voyage-4",
        "usage": {"total_tokens": 9},
    }
    batch = VoyageWire(TRANSLATOR).decode(WireReply(body=json.dumps(body).encode()), 1)
    assert (batch.usage.input_tokens, batch.usage.output_tokens) == (9, 0)
    assert batch.usage.state is UsageState.MEASURED
    assert batch.model == "voyage-4"
