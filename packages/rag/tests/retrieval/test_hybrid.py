"""HybridRetriever keeps the contract of retrievers; fusion counts scores, or ranks and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.testing import DictStore, HashEmbedder, RetrieverContract, WordRetriever
from racto.rag import BM25Index, HybridRetriever, VectorRetriever, reciprocal_rank_fusion
from racto.rag.retrieval.hybrid import score_fusion


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


def scored(**scores: float) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=Chunk(content=name, chunk_id=name), score=score, rank=rank)
        for rank, (name, score) in enumerate(scores.items(), start=1)
    ]


def test_scores_are_scaled_before_they_meet() -> None:
    fused = score_fusion(
        {"a": scored(x=0.9, y=0.8, z=0.7), "b": scored(z=90.0, y=80.0, w=70.0)}, depth=3
    )
    assert {hit.chunk.chunk_id: round(hit.score, 3) for hit in fused} == {
        "x": 0.5, "y": 0.5, "z": 0.5, "w": 0.0,
    }  # fmt: skip
    assert {"a": 0.8, "b": 80.0} in [hit.scores for hit in fused]
    assert [hit.rank for hit in fused] == [1, 2, 3, 4]


def test_a_ranking_that_ended_early_begins_at_nothing() -> None:
    (first, second) = score_fusion({"a": scored(x=10.0, y=9.0)}, depth=3)
    assert first.score == 1.0
    assert second.score == pytest.approx(0.9)
    assert [hit.score for hit in score_fusion({"a": scored(x=-1.0, y=-3.0)})] == [1.0, 0.0]
    assert [hit.score for hit in score_fusion({"a": scored(x=0.0), "b": []})] == [0.5]
    assert score_fusion({}) == score_fusion({"a": []}) == []


def test_weights_of_scores() -> None:
    rankings = {"a": scored(x=2.0, y=1.0), "b": scored(y=2.0, x=1.0)}
    assert names(score_fusion(rankings, weights={"a": 2.0})) == ["x", "y"]
    assert names(score_fusion(rankings, weights={"b": 2.0})) == ["y", "x"]
    assert score_fusion(rankings, weights={"a": 3.0, "b": 0.0})[0].score == 1.0


def test_the_fusion_can_be_chosen() -> None:
    class Fixed:
        def __init__(self, results: list[RetrievalResult]) -> None:
            self._results = results

        def retrieve(self, *_: Any) -> list[RetrievalResult]:
            return self._results

        async def aretrieve(self, *_: Any) -> list[RetrievalResult]:
            return self._results

    rankings = {"a": Fixed(scored(x=9.0, y=8.9, z=1.0)), "b": Fixed(scored(y=9.0, x=1.0))}
    by_scores = HybridRetriever(rankings).retrieve("bees", 2)
    by_ranks = HybridRetriever(rankings, fusion="ranks", weights={"a": 1.1}).retrieve("bees", 2)
    assert (names(by_scores), names(by_ranks)) == (["y", "x"], ["x", "y"])


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.floats(-10, 10), max_size=6),
        min_size=1,
        max_size=4,
    )
)
def test_merged_scores_stay_between_nothing_and_one(lists: list[dict[str, float]]) -> None:
    ordered = (dict(sorted(each.items(), key=lambda pair: -pair[1])) for each in lists)
    fused = score_fusion({str(n): scored(**each) for n, each in enumerate(ordered)})
    assert sorted(names(fused)) == sorted({name for each in lists for name in each})
    assert all(-1e-9 <= hit.score <= 1 + 1e-9 for hit in fused)


async def test_many_questions_find_what_one_does() -> None:
    words = WordRetriever([Chunk(content="bees", chunk_id="1"), Chunk(content="ants")])
    retriever = HybridRetriever({"a": words})
    both = [retriever.retrieve("bees"), retriever.retrieve("ants")]
    assert retriever.retrieve_batch(["bees", "ants"]) == both
    assert await retriever.aretrieve_batch(["bees", "ants"]) == both


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
        {"fusion": "votes"},
    ],
)
def test_contradictory_settings_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        HybridRetriever({"a": WordRetriever([])}, **options)
    with pytest.raises(ConfigurationError):
        HybridRetriever({})
