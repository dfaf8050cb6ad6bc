"""RerankingRetriever fetches more than is wanted, and keeps the reranker's order."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError, EngineError
from racto.core.flows import threaded
from racto.core.testing import RetrieverContract, WordEngine, WordReranker, WordRetriever
from racto.core.testing.contracts.samples import topic_chunks
from racto.rag.retrieval import EngineReranker, RerankingRetriever
from racto.rag.retrieval.reranking import BatchReranker


class TestRerankingRetrieverKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> RerankingRetriever:
        return RerankingRetriever(WordRetriever(corpus), WordReranker())


class TestRerankingByAnEngineKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> RerankingRetriever:
        return RerankingRetriever(WordRetriever(corpus), EngineReranker(WordEngine()))


class Backwards:
    """Turns every list round, or fails; remembers what it was given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.given: list[list[RetrievalResult]] = []

    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        self.given.append(list(results))
        if self.error is not None:
            raise self.error
        turned = list(results)[::-1][:top_k]
        return [
            RetrievalResult(chunk=r.chunk, score=-float(rank), rank=rank, scores=r.scores)
            for rank, r in enumerate(turned, start=1)
        ]

    arerank = threaded(rerank)


def ids(found: Sequence[RetrievalResult]) -> list[str]:
    return [hit.chunk.chunk_id for hit in found]


QUESTION = "bees bread moon"


async def test_the_reranker_sees_all_candidates_and_their_scores_stay() -> None:
    reranker = Backwards()
    words = WordRetriever(topic_chunks())
    found = words.retrieve(QUESTION, 50)
    retriever = RerankingRetriever(words, reranker)
    best = retriever.retrieve(QUESTION, 2)
    assert ids(best) == ids(found)[::-1][:2]
    assert [hit.scores["retrieved"] for hit in best] == [hit.score for hit in found][::-1][:2]
    assert len(reranker.given[0]) == len(found)
    assert await retriever.aretrieve(QUESTION, 2) == best
    assert retriever.retrieve_batch([QUESTION, "xyzzy"], 2) == [best, []]
    assert await retriever.aretrieve_batch([QUESTION, "xyzzy"], 2) == [best, []]


def test_no_candidates_are_not_reranked() -> None:
    reranker = Backwards()
    assert RerankingRetriever(WordRetriever([]), reranker).retrieve(QUESTION) == []
    assert reranker.given == []


async def test_a_reranker_that_fails_is_an_error_or_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = WordRetriever(topic_chunks())
    failing = Backwards(EngineError("no memory left"))
    with pytest.raises(EngineError):
        RerankingRetriever(words, failing).retrieve(QUESTION)
    lenient = RerankingRetriever(words, failing, on_error="original")
    with caplog.at_level(logging.WARNING, "racto.rag"):
        assert lenient.retrieve(QUESTION, 2) == words.retrieve(QUESTION, 2)
    assert "no memory left" in caplog.text
    assert await lenient.aretrieve_batch([QUESTION], 2) == [words.retrieve(QUESTION, 2)]
    with pytest.raises(ZeroDivisionError):
        RerankingRetriever(words, Backwards(ZeroDivisionError()), on_error="original").retrieve(
            QUESTION
        )


async def test_a_batch_is_one_pass_of_the_engine_or_left_out_as_one() -> None:
    class Counted(WordEngine):
        calls = 0

        def score_batch(self, *given: Any, **options: Any) -> Any:
            type(self).calls += 1
            if options.get("broken"):
                raise RuntimeError("broken")
            return super().score_batch(*given, **options)

    words = WordRetriever(topic_chunks())
    reranker = EngineReranker(Counted())
    assert isinstance(reranker, BatchReranker)
    retriever = RerankingRetriever(words, reranker)
    questions = [QUESTION, "xyzzy", "honey bees"]
    batch = retriever.retrieve_batch(questions, 2)
    assert Counted.calls == 1
    assert batch == [retriever.retrieve(question, 2) for question in questions]
    assert await retriever.aretrieve_batch(questions, 2) == batch
    lenient = RerankingRetriever(words, EngineReranker(Counted(), broken=True), on_error="original")
    expected = [words.retrieve(question, 2) for question in questions]
    assert lenient.retrieve_batch(questions, 2) == expected
    with pytest.raises(EngineError, match="RuntimeError: broken"):
        RerankingRetriever(words, EngineReranker(Counted(), broken=True)).retrieve_batch(questions)


def test_nothing_to_fetch_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="fetch"):
        RerankingRetriever(WordRetriever([]), Backwards(), fetch=0)
