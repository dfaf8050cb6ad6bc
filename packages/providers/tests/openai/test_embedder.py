"""Embeddings over the real SDK: batches, order, retries, and vectors that were miscounted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from racto.core import (
    ConfigurationError,
    EmbeddingConfig,
    EmbeddingError,
    InvalidResponseError,
    RateLimitError,
    RetryPolicy,
    UnsupportedFeatureError,
)
from racto.core.telemetry import RecordingTracer
from racto.providers.openai import OpenAIDeveloperKit, OpenAIEmbedder, embedding


@pytest.fixture
def embedder(server: Any) -> Iterator[OpenAIEmbedder]:
    quick = RetryPolicy(base=0.01)
    with OpenAIEmbedder("m", api_key="k", base_url=server.url, batch_size=3, retry=quick) as made:
        yield made


async def test_batches_are_joined_in_order(server: Any, embedder: OpenAIEmbedder) -> None:
    texts = ["x" * length for length in range(1, 11)]
    for made in (embedder.embed(texts), await embedder.aembed(texts)):
        assert np.asarray(made)[:, 0].tolist() == [float(length) for length in range(1, 11)]
    assert sorted(len(body["input"]) for body in server.requests) == [1, 1, 3, 3, 3, 3, 3, 3]
    assert embedder.dimension == 4
    assert np.shape(embedder.embed([])) == (0, 4)
    await embedder.aclose()


def test_a_batch_is_retried_alone(server: Any, embedder: OpenAIEmbedder) -> None:
    server.add(server.fails(429), server.fails(503))
    assert len(embedder.embed(["a"] * 9)) == 9
    assert len(server.requests) == 5


def test_what_cannot_be_mended_is_raised(server: Any, embedder: OpenAIEmbedder) -> None:
    for _ in range(3):
        server.add(server.fails(429))
    with pytest.raises(RateLimitError):
        embedder.embed(["a"])


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
    ],
)
def test_miscounted_vectors_are_an_error(server: Any, embedder: OpenAIEmbedder, data: Any) -> None:
    server.add(server.reply({"data": data, "model": "m"}))
    with pytest.raises(EmbeddingError, match="2 texts"):
        embedder.embed(["a", "b"])


def test_batches_of_several_lengths_are_an_error(
    server: Any, embedder: OpenAIEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCHES_AT_ONCE", 1)
    server.add(server.reply({"data": [{"index": n, "embedding": [1.0]} for n in range(3)]}))
    with pytest.raises(EmbeddingError, match="several lengths"):
        embedder.embed(["a", "b", "c", "d"])


@pytest.mark.parametrize("body", [b"no", b"[]", b"{}", b'{"data": [{"index": 0, "embedding": 3}]}'])
def test_what_is_no_list_of_embeddings_is_an_error(
    server: Any, embedder: OpenAIEmbedder, body: bytes
) -> None:
    server.add(server.reply(body))
    with pytest.raises(InvalidResponseError):
        embedder.embed(["a"])


def test_dimensions_are_asked_for_and_known_at_once(server: Any) -> None:
    with OpenAIEmbedder("m", api_key="k", base_url=server.url, dimensions=8) as embedder:
        assert embedder.dimension == 8
        assert np.shape(embedder.embed(["a"])) == (1, 8)
        assert server.last["dimensions"] == 8
        assert embedder.fingerprint == "openai/m/8"
    for wrong in ({"batch_size": 0}, {"dimensions": 0}):
        with pytest.raises(ConfigurationError):
            OpenAIEmbedder("m", **wrong)


async def test_the_kit_embeds_too(server: Any, make_kit: Any) -> None:
    tracer = RecordingTracer()
    kit: OpenAIDeveloperKit = make_kit(embedding_model="e", tracer=tracer)
    for response in (
        kit.embed(EmbeddingConfig(texts=["a", "bb"])),
        await kit.aembed(EmbeddingConfig(texts=["a", "bb"])),
    ):
        assert [vector.embedding[0] for vector in response.vectors] == [1.0, 2.0]
        assert [vector.text for vector in response.vectors] == ["a", "bb"]
        assert (response.model, response.usage.total_tokens) == ("e", 2)
    assert [span.name for span in tracer.spans] == ["embeddings e"] * 2
    with pytest.raises(UnsupportedFeatureError, match="input_type"):
        kit.embed(EmbeddingConfig(texts=["a"], input_type="query"))
    await kit.aclose()
