"""RerankerEngine: scores in the order of the passages, whatever order the reranker gives back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from racto.core.documents import RetrievalResult
from racto.core.errors import EngineError
from racto.core.testing import EngineContract, WordReranker
from racto.retrieval.server.engines import RerankerEngine


class TestRerankerEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> RerankerEngine:
        return RerankerEngine("words", reranker=WordReranker())


async def test_equal_passages_have_scores_of_their_own() -> None:
    engine = RerankerEngine("words", reranker=WordReranker())
    found = await engine.score_batch(["tea", "rose"], ["rose", "tea", "tea", "rose"], [3, 1])
    assert found == [[0.0, 1.0, 1.0], [1.0]]


class Forgetful(WordReranker):
    """A reranker that keeps the best alone."""

    async def arerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        return self.rerank(query, results, top_k=1)


async def test_a_passage_left_out_is_an_error() -> None:
    engine = RerankerEngine("words", reranker=Forgetful())
    with pytest.raises(EngineError, match="left out 1 of 2 passages"):
        await engine.score_batch(["tea"], ["rose", "tea"])


async def test_numbers_that_do_not_add_up_are_refused() -> None:
    engine = RerankerEngine("words", reranker=WordReranker())
    with pytest.raises(EngineError, match="3 passages were announced, and 2 came"):
        await engine.score_batch(["tea"], ["rose", "tea"], [3])
