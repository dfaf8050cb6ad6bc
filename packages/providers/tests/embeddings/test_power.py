"""Kits that embed: all texts in order, usage summed, the kit's telemetry told."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import EmbeddingConfig, EmbeddingError, UnsupportedFeatureError
from racto.core.telemetry import RecordingTracer
from racto.providers.openai import OpenAIDeveloperKit
from racto.providers.pricing import PriceTable
from racto.testing import OpenAIServer


async def test_a_kit_embeds_in_both_voices(server: OpenAIServer, make_kit: Any) -> None:
    tracer = RecordingTracer()
    kit: OpenAIDeveloperKit = make_kit(embedding_model="e", tracer=tracer)
    texts = ["a", "bb", *["ccc"] * 300]
    for response in (
        kit.embed(EmbeddingConfig(texts=texts)),
        await kit.aembed(EmbeddingConfig(texts=texts)),
    ):
        assert [vector.text for vector in response.vectors] == texts
        first, second, third = (vector.embedding for vector in response.vectors[:3])
        assert first != second != third
        assert all(vector.embedding == third for vector in response.vectors[3:])
        assert (response.model, response.usage.total_tokens) == ("e", 302)
        assert response.provider == "openai"
    assert len(server.requests) == 4
    assert [span.name for span in tracer.spans] == ["embeddings e"] * 2
    await kit.aclose()


def test_a_request_names_its_own_model_and_length(server: OpenAIServer, make_kit: Any) -> None:
    kit: OpenAIDeveloperKit = make_kit(embedding_model="e")
    response = kit.embed(
        EmbeddingConfig(texts=["a"], model="other", dimensions=2, extra={"user": "me"})
    )
    assert len(response.vectors[0].embedding) == 2
    assert (server.last.json["model"], server.last.json["user"]) == ("other", "me")
    make_kit().embed(EmbeddingConfig(texts=["a"]))
    assert server.last.json["model"].startswith("text-embedding")


def test_a_kits_prices_are_applied(server: OpenAIServer, make_kit: Any) -> None:
    prices = PriceTable({"openai": {"e": {"input": 2.0}}})
    kit: OpenAIDeveloperKit = make_kit(embedding_model="e", prices=prices)
    usage = kit.embed(EmbeddingConfig(texts=["a"])).usage
    assert usage.cost == pytest.approx(usage.total_tokens * 2e-6)
    assert usage.cost


def test_what_cannot_be_embedded_is_refused(server: OpenAIServer, make_kit: Any) -> None:
    kit: OpenAIDeveloperKit = make_kit(embedding_model="e")
    with pytest.raises(UnsupportedFeatureError, match="input_type"):
        kit.embed(EmbeddingConfig(texts=["a"], input_type="query"))
    server.say(body={"data": [{"index": 0, "embedding": [None]}]})
    with pytest.raises(EmbeddingError, match="texts 0 to 0 of 1"):
        kit.embed(EmbeddingConfig(texts=["a"]))
