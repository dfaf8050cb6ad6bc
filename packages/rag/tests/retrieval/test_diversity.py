"""MMRRetriever chooses as the paper's formula does, with numpy and without."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, RetrievalResult
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    EmbeddingError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, WordRetriever
from racto.rag import RactoRAG
from racto.rag.retrieval import MMRRetriever
from racto.rag.retrieval.diversity import marginal_order, similarities

NUMBERS = st.floats(-1, 1).map(lambda value: round(value, 3))
VECTORS = st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=8)


class TestMMRRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> MMRRetriever:
        return MMRRetriever(WordRetriever(corpus), HashEmbedder(256))


class TestMMRRetrieverWithoutEmbedderKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> MMRRetriever:
        vectors = HashEmbedder(256).embed([chunk.content for chunk in corpus])
        embedded = [c.with_embedding(v) for c, v in zip(corpus, vectors, strict=True)]
        return MMRRetriever(WordRetriever(embedded), weight=0.9)


class Fixed:
    """Returns chosen chunks with chosen scores, and remembers how many were asked for."""

    def __init__(self, *found: tuple[Chunk, float]) -> None:
        self.found = found
        self.depths: list[int] = []

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        self.depths.append(top_k)
        return [
            RetrievalResult(chunk=chunk, score=score, rank=rank)
            for rank, (chunk, score) in enumerate(self.found[:top_k], start=1)
        ]

    aretrieve = threaded(retrieve)


class Counting(HashEmbedder):
    """Remembers what it embedded; may lose a vector."""

    def __init__(self, *, lost: int = 0) -> None:
        super().__init__(64)
        self.calls: list[list[str]] = []
        self.lost = lost

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        return super().embed(texts)[self.lost :]


def named(name: str, vector: Sequence[float] | None = None) -> Chunk:
    return Chunk(content=name, chunk_id=name, embedding=vector)


def names(found: Sequence[RetrievalResult]) -> list[str]:
    return [hit.chunk.chunk_id for hit in found]


TWINS = Fixed(
    (named("bees dance"), 0.9), (named("bees dance again"), 0.8), (named("moon bees"), 0.7)
)


def test_a_near_copy_gives_way_to_something_new() -> None:
    diverse = MMRRetriever(TWINS, HashEmbedder(64), weight=0.4)
    assert names(diverse.retrieve("bees dance", 2)) == ["bees dance", "moon bees"]
    relevance_only = MMRRetriever(TWINS, HashEmbedder(64), weight=1.0)
    assert names(relevance_only.retrieve("bees dance", 2)) == ["bees dance", "bees dance again"]


async def test_chunks_without_vectors_are_embedded_in_one_call() -> None:
    embedder = Counting()
    vector = embedder.embed_query("two")
    found = Fixed((named("one"), 3.0), (named("two", vector), 2.0), (named("three"), 1.0))
    retriever = MMRRetriever(found, embedder)
    first = retriever.retrieve("one")
    assert embedder.calls == [["one", "three"]]
    assert await retriever.aretrieve("one") == first
    assert await retriever.aretrieve_batch(["one", "one"]) == [first, first]
    assert {hit.chunk.chunk_id: hit.scores for hit in first} == {
        "one": {"retrieved": 3.0}, "two": {"retrieved": 2.0}, "three": {"retrieved": 1.0},
    }  # fmt: skip


def test_candidates_are_fetched_beyond_what_is_wanted() -> None:
    found = Fixed((named("one"), 1.0))
    retriever = MMRRetriever(found, HashEmbedder(8), fetch=7)
    retriever.retrieve("one", 2)
    retriever.retrieve("one", 9)
    assert found.depths == [7, 9]


def test_nothing_found_costs_no_embedding() -> None:
    embedder = Counting()
    assert MMRRetriever(Fixed(), embedder).retrieve("one") == []
    assert embedder.calls == []


async def test_vectors_that_are_missing_or_wrong_are_errors() -> None:
    bare = Fixed((named("one"), 1.0))
    with pytest.raises(MissingEmbeddingError, match="1 of 1 chunks"):
        MMRRetriever(bare).retrieve("one")
    with pytest.raises(EmbeddingError, match="0 vectors for 1 texts"):
        await MMRRetriever(bare, Counting(lost=1)).aretrieve("one")
    mixed = Fixed((named("one", [1.0, 0.0]), 1.0), (named("two", [1.0]), 1.0))
    with pytest.raises(DimensionMismatchError, match="2 and of 1"):
        MMRRetriever(mixed).retrieve("one")
    broken = Fixed((named("one", [math.nan, 0.0]), 1.0))
    with pytest.raises(InvalidEmbeddingError, match="NaN"):
        MMRRetriever(broken).retrieve("one")


@pytest.mark.parametrize("wrong", [{"weight": 1.1}, {"weight": -0.1}, {"fetch": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        MMRRetriever(Fixed(), **wrong)


def cosine(one: Sequence[float], two: Sequence[float]) -> float:
    norms = math.hypot(*one) * math.hypot(*two)
    return sum(a * b for a, b in zip(one, two, strict=True)) / norms if norms else 0.0


@given(VECTORS, st.lists(NUMBERS, min_size=8, max_size=8), st.floats(0, 1), st.integers(1, 8))
def test_the_order_is_the_formulas(
    vectors: list[list[float]], relevance: list[float], weight: float, top_k: int
) -> None:
    relevance = relevance[: len(vectors)]
    picked = marginal_order(relevance, similarities(vectors), top_k=top_k, weight=weight)
    chosen: list[int] = []
    for at, value in picked:
        left = [place for place in range(len(vectors)) if place not in chosen]

        def marginal(place: int) -> float:
            redundancy = max([0.0, *(cosine(vectors[place], vectors[c]) for c in chosen)])
            return weight * relevance[place] - (1 - weight) * redundancy

        assert value == pytest.approx(marginal(at), abs=1e-9)
        assert value == pytest.approx(max(map(marginal, left)), abs=1e-9)
        chosen.append(at)
    assert len(set(chosen)) == len(chosen) == min(top_k, len(vectors))
    values = [value for _, value in picked]
    assert values == sorted(values, reverse=True)


@given(VECTORS)
def test_numpy_and_plain_lists_agree(vectors: list[list[float]]) -> None:
    from racto.rag.retrieval.diversity import _in_arrays, _in_lists

    numpy = pytest.importorskip("numpy")
    arrays = [numpy.array(vector, dtype="float64") for vector in vectors]
    fast, plain = _in_arrays(arrays, numpy), _in_lists(vectors)
    for at in range(len(vectors)):
        assert list(fast(at)) == pytest.approx(list(plain(at)), abs=1e-9)


def test_it_stands_around_a_pipelines_own_retriever() -> None:
    store = DictStore()
    with RactoRAG(store, HashEmbedder(64), retriever=MMRRetriever) as rag:
        for number in range(300):
            rag.ingest_text(f"note {number} about kappa{number % 50}", source=f"n{number}")
        # Some of these are found by their words alone, and come without vectors.
        assert len(rag.retrieve("kappa7 note", 10)) == 10
