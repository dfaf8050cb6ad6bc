"""Hybrid search: ranks of meaning and of words, fused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]
TEXTS = {
    "moon": ("The moon pulls at the oceans; tides rise and fall.", [1.0, 0.0]),
    "bread": ("Sourdough bread rises slowly.", [0.0, 1.0]),
    "bees": ("Bees dance in the dark, error code X-42.", [0.7, 0.7]),
}


@pytest.fixture
def store(make_store: Maker) -> PGVectorStore:
    store = make_store(text_search="english")
    store.add(
        [
            Chunk(
                content=text, chunk_id=name, embedding=vector, metadata=ChunkMetadata(source=name)
            )
            for name, (text, vector) in TEXTS.items()
        ]
    )
    return store


def test_both_count(store: PGVectorStore) -> None:
    found = store.search_hybrid("what does a rising tide do?", [0.9, 0.1], 3)
    assert found[0].chunk.chunk_id == "moon"
    assert found[0].scores.keys() == {"vector", "text"}
    assert [result.rank for result in found] == [1, 2, 3]
    assert found[0].score == pytest.approx(1 / 61)


@pytest.mark.parametrize(("weight", "first"), [(0.0, "bread"), (1.0, "bees")])
def test_weights(store: PGVectorStore, weight: float, first: str) -> None:
    found = store.search_hybrid("X-42", [0.0, 1.0], 3, text_weight=weight)
    assert found[0].chunk.chunk_id == first


async def test_filter_holds_for_both(store: PGVectorStore) -> None:
    found = await store.asearch_hybrid("bees and the moon", [1.0, 0.0], 5, {"source": "bees"})
    assert [result.chunk.chunk_id for result in found] == ["bees"]
    await store.aclose()


@pytest.mark.parametrize("text", ["", "the", "' & | ! <-> :* \\ \x00", "o'clock \\ 'x' & y"])
def test_no_text_is_read_as_a_query(store: PGVectorStore, text: str) -> None:
    assert len(store.search_hybrid(text, [1.0, 0.0], 3)) == 3


def test_needs_its_option(make_store: Maker) -> None:
    with pytest.raises(ConfigurationError, match="text_search='english'"):
        make_store().search_hybrid("moon", [1.0, 0.0])
