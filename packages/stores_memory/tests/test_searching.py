"""Searches find exactly what a float64 search over everything finds."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.stores.memory import InMemoryVectorStore, Similarity

SIMILARITIES = get_args(Similarity)


def exact(
    similarity: Similarity, rows: np.ndarray, query: np.ndarray, among: np.ndarray, top_k: int
) -> list[tuple[int, float]]:
    """The slow way: float64, every row, a full sort, ties by row."""
    one, two = rows[among].astype(np.float64), query.astype(np.float64)
    if similarity == "euclidean":
        scores = -np.linalg.norm(one - two, axis=1)
    else:
        scores = one @ two
        if similarity == "cosine":
            lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two)
            scores = np.divide(scores, lengths, out=np.zeros_like(scores), where=lengths > 0)
    order = np.lexsort((among, -np.round(scores, 12)))[:top_k]
    return [(int(among[at]), float(scores[at])) for at in order]


@settings(max_examples=40, deadline=None)
@given(
    similarity=st.sampled_from(SIMILARITIES),
    size=st.integers(1, 3000),
    dimension=st.sampled_from([1, 3, 100]),
    top_k=st.sampled_from([1, 5, 200]),
    share=st.sampled_from([1, 2, 20]),
    removed=st.sampled_from([0, 5]),
    seed=st.integers(0, 2**16),
)
def test_finds_what_a_full_search_finds(
    similarity: Similarity,
    size: int,
    dimension: int,
    top_k: int,
    share: int,
    removed: int,
    seed: int,
) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.standard_normal((size, dimension), dtype=np.float32)
    rows[chance.integers(0, size, size // 10)] = rows[0]
    queries = np.concatenate([rows[:2], chance.standard_normal((4, dimension), dtype=np.float32)])
    store = InMemoryVectorStore(similarity)
    store.add([_chunk(at, row, share) for at, row in enumerate(rows)])
    gone = {int(row) for row in chance.integers(0, size, removed)}
    store.delete([str(row) for row in gone])
    filters = {"class": 0} if share > 1 else None
    among = np.array([r for r in range(size) if r not in gone and r % share == 0], dtype=int)
    batch = store.search_batch(queries, top_k, filters)
    for query, found in zip(queries, batch, strict=True):
        wanted = exact(similarity, rows, query, among, top_k)
        assert [int(item.chunk.chunk_id) for item in found] == [row for row, _ in wanted]
        assert [item.score for item in found] == pytest.approx([s for _, s in wanted], abs=1e-9)
        assert [item.rank for item in found] == list(range(1, len(wanted) + 1))
        alone = store.search(query, top_k, filters)
        assert [(r.chunk.chunk_id, r.score) for r in alone] == [
            (r.chunk.chunk_id, r.score) for r in found
        ]


@pytest.mark.parametrize("count", [3, 4000])
def test_equal_scores_come_in_the_order_of_addition(count: int) -> None:
    store = InMemoryVectorStore()
    for at in range(0, count, 300):
        store.add([_chunk(row, [1.0, 2.0, 3.0]) for row in range(at, min(at + 300, count))])
    found = store.search([3.0, 2.0, 1.0], 3)
    assert [item.chunk.chunk_id for item in found] == ["0", "1", "2"]
    assert len({item.score for item in found}) == 1


def test_near_ties_beyond_float32_are_told_apart() -> None:
    chance = np.random.default_rng(0)
    base = chance.standard_normal(384)
    rows = np.array([base + 1e-3 * chance.standard_normal(384) for _ in range(400)], "float32")
    store = InMemoryVectorStore()
    store.add([_chunk(at, row) for at, row in enumerate(rows)])
    query = base.astype(np.float32)
    one, two = rows.astype(np.float64), query.astype(np.float64)
    scores = one @ two / np.linalg.norm(one, axis=1) / np.linalg.norm(two)
    found = [int(item.chunk.chunk_id) for item in store.search(query, 20)]
    assert found == np.argsort(-scores)[:20].tolist()
    assert np.ptp(scores[found]) < np.finfo(np.float32).eps


def test_many_queries_are_answered_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from racto.stores.memory import searching

    monkeypatch.setattr(searching, "_KEYS_AT_ONCE", 50)
    store = InMemoryVectorStore()
    rows = np.eye(20, dtype=np.float32)
    store.add([_chunk(at, row) for at, row in enumerate(rows)])
    found = store.search_batch(rows, 1)
    assert [hits[0].chunk.chunk_id for hits in found] == [str(at) for at in range(20)]


def test_results_carry_their_vectors_read_only() -> None:
    store = InMemoryVectorStore()
    store.add([_chunk(at, row) for at, row in enumerate(np.eye(3, dtype=np.float32))])
    best: Any = store.search([0.0, 5.0, 0.0], 1)[0].chunk.embedding
    assert best.tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        best[0] = 1.0


def _chunk(number: int, embedding: Any, share: int = 1) -> Chunk:
    return Chunk(
        content="",
        chunk_id=str(number),
        embedding=embedding,
        metadata=ChunkMetadata(extra={"class": number % share}),
    )
