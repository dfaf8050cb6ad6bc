"""HybridRetriever keeps the contract of retrievers; fusion counts ranks and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, WordRetriever
from racto.rag import BM25Index, HybridRetriever, VectorRetriever, reciprocal_rank_fusion


class TestHybridRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> HybridRetriever:
        embedder = HashEmbedder(256)
        store = DictStore()
        vectors = embedder.embed([chunk.content for chunk in corpus])
        store.add([chunk.with_embedding(v) for chunk, v in zip(corpus, vectors, strict=True)])
        index = BM25Index()
        index.add(corpus)
        return HybridRetriever({"vector": VectorRetriever(store, embedder), "keywords": index})


def ranking(*names: str, best: float = 10.0) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=Chunk(content=name, chunk_id=name), score=best - place, rank=place)
        for place, name in enumerate(names, start=1)
    ]


def names(results: Sequence[RetrievalResult]) -> list[str]:
    return [result.chunk.chunk_id for result in results]


def test_a_chunk_that_both_know_beats_one_that_only_one_puts_first() -> None:
    fused = reciprocal_rank_fusion({"a": ranking("x", "both"), "b": ranking("y", "both")})
    assert names(fused) == ["both", "x", "y"]
    assert [result.rank for result in fused] == [1, 2, 3]
    assert fused[0].scores == {"a": 8.0, "b": 8.0}
    assert fused[1].scores == {"a": 9.0}


def test_first_everywhere_scores_one() -> None:
    fused = reciprocal_rank_fusion({"a": ranking("x", "y"), "b": ranking("x")})
    assert fused[0].score == pytest.approx(1.0)
    assert fused[1].score < 0.5


def test_scores_do_not_matter() -> None:
    one = reciprocal_rank_fusion({"a": ranking("x", "y"), "b": ranking("y", "z", best=1e9)})
    two = reciprocal_rank_fusion({"a": ranking("x", "y", best=-5), "b": ranking("y", "z")})
    assert names(one) == names(two)


def test_weights_tip_the_scales() -> None:
    rankings = {"a": ranking("x", "y"), "b": ranking("y", "x")}
    assert names(reciprocal_rank_fusion(rankings, weights={"a": 2.0})) == ["x", "y"]
    assert names(reciprocal_rank_fusion(rankings, weights={"b": 2.0})) == ["y", "x"]


@given(st.lists(st.permutations("abcdef"), min_size=1, max_size=4))
def test_every_chunk_comes_once_in_falling_order(orders: list[list[str]]) -> None:
    fused = reciprocal_rank_fusion({str(n): ranking(*order) for n, order in enumerate(orders)})
    assert sorted(names(fused)) == list("abcdef")
    scores = [result.score for result in fused]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] <= 1.0 + 1e-9


def test_a_weight_of_zero_leaves_a_retriever_unasked() -> None:
    class Untouchable:
        def retrieve(self, *_: Any) -> list[RetrievalResult]:
            raise AssertionError

        aretrieve = retrieve

    words = WordRetriever([Chunk(content="bees", chunk_id="1")])
    retriever = HybridRetriever({"a": words, "b": Untouchable()}, weights={"b": 0.0})  # type: ignore[dict-item]
    assert names(retriever.retrieve("bees")) == ["1"]


@pytest.mark.parametrize(
    "options",
    [
        {"weights": {"unknown": 1.0}},
        {"weights": {"a": -1.0}},
        {"weights": {"a": 0.0}},
        {"k": 0},
        {"depth": 0},
    ],
)
def test_contradictory_settings_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        HybridRetriever({"a": WordRetriever([])}, **options)
    with pytest.raises(ConfigurationError):
        HybridRetriever({})
