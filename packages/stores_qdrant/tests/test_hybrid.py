"""Hybrid search: words and meaning both count, and filters hold for both."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError, DimensionMismatchError
from racto.stores.qdrant import QdrantStore
from racto.stores.qdrant.keywords import question_of, weights_of

TEXTS = {
    "moon": "The moon pulls at the oceans.",
    "bread": "Sourdough bread rises slowly, and E4021 is an error of the oven.",
    "bees": "Honey bees dance.",
}


@pytest.fixture
def store() -> QdrantStore:
    store = QdrantStore(keywords=True)
    store.add(
        [
            Chunk(
                content=text,
                chunk_id=name,
                embedding=[1.0, 0.3 * at],
                metadata=ChunkMetadata(extra={"name": name}),
            )
            for at, (name, text) in enumerate(TEXTS.items())
        ]
    )
    return store


def test_a_rare_word_lifts_its_chunk(store: QdrantStore) -> None:
    assert [r.chunk.chunk_id for r in store.search([1.0, 0.0])] == ["moon", "bread", "bees"]
    found = store.search_hybrid("what is e4021?", [1.0, 0.0])
    assert found[0].chunk.chunk_id == "bread"
    assert [r.rank for r in found] == [1, 2, 3]


def test_filters_hold_for_words_too(store: QdrantStore) -> None:
    for filters in ({"name": {"$ne": "bread"}}, {"name": {"$gt": "c"}}):
        found = store.search_hybrid("E4021 bees moon", [1.0, 0.0], 1, filters)
        assert [r.chunk.chunk_id for r in found] == ["moon"]


async def test_it_has_a_twin_and_limits(store: QdrantStore) -> None:
    (found,) = await store.asearch_hybrid("E4021", [1.0, 0.0], 1)
    assert found.chunk.chunk_id == "bread"
    assert store.search_hybrid("?!", [1.0, 0.0], 1)[0].chunk.chunk_id == "moon"
    with pytest.raises(ConfigurationError, match="top_k"):
        store.search_hybrid("a", [1.0, 0.0], 0)
    with pytest.raises(DimensionMismatchError):
        store.search_hybrid("a", [1.0])
    with pytest.raises(ConfigurationError, match="keywords=True"):
        QdrantStore().search_hybrid("a", [1.0])
    store.drop()
    assert store.search_hybrid("a", [1.0, 0.0]) == []


def test_it_travels_over_http(loopback: Any) -> None:
    store = QdrantStore(url=loopback.url, keywords=True, return_vectors=True)
    store.add(
        [Chunk(content=text, chunk_id=name, embedding=[1.0, 0.0]) for name, text in TEXTS.items()]
    )
    (found,) = store.search_hybrid("bees", [1.0, 0.0], 1)
    assert (found.chunk.chunk_id, found.chunk.embedding) == ("bees", [1.0, 0.0])
    assert ("POST", "/collections/ractogateway/points/query") in loopback.asked


def test_weights_are_those_of_bm25() -> None:
    weights = weights_of("bees bees dance")
    assert len(weights) == 2
    twice, once = weights.values()
    norm = 1.2 * (0.25 + 0.75 * 3 / 256)
    assert (twice, once) == pytest.approx((2 * 2.2 / (2 + norm), 2.2 / (1 + norm)))
    assert weights_of("") == {}
    # The same word in another dress: case, and compatibility forms.
    assert question_of("BEES ﬁsh STRASSE") == question_of("bees fish straße")
