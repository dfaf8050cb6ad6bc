"""EngineReranker keeps the contract of rerankers over engines of either voice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from racto.core import Chunk, Engine, RetrievalResult
from racto.core.errors import ConfigurationError, EngineError, OverloadedError
from racto.core.protocols.engines import Scores
from racto.core.testing import RerankerContract, WordEngine
from racto.rag.retrieval import EngineReranker


class Later(WordEngine):
    """An async engine."""

    async def score_batch(self, *given: Any, **options: Any) -> Any:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().score_batch(*given, **options)


class Promising(WordEngine):
    """A plain method that returns something to wait for."""

    def score_batch(self, *given: Any, **options: Any) -> Any:
        made = super().score_batch

        async def later() -> Any:
            return made(*given, **options)

        return later()


class TestEngineRerankerKeepsTheContract(RerankerContract):
    @pytest.fixture(params=[WordEngine, Later, Promising])
    def reranker(self, request: pytest.FixtureRequest) -> EngineReranker:
        return EngineReranker(request.param())


class Answering(Engine):
    """Returns what it was told to, or raises it."""

    answer: Any = ()

    def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answering(answer: Any) -> EngineReranker:
    engine = Answering()
    engine.answer = answer
    return EngineReranker(engine)


def results(*texts: str) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=Chunk(content=text, chunk_id=text), score=1.0, rank=rank)
        for rank, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[1.0]], r"\[1\] scores for \[2\] passages"),
        ([[1.0, 2.0], [3.0]], "scores for"),
        ([], "scores for"),
        ([[1.0, float("nan")]], "NaN or infinite"),
        ([["good", "bad"]], "lists of numbers"),
        (None, "lists of numbers"),
        (RuntimeError("out of memory"), "RuntimeError: out of memory"),
    ],
)
async def test_what_the_protocol_does_not_allow_is_an_error(answer: Any, words: str) -> None:
    reranker = answering(answer)
    with pytest.raises(EngineError, match=words):
        reranker.rerank("q", results("a", "b"))
    with pytest.raises(EngineError, match=words):
        await reranker.arerank("q", results("a", "b"))


def test_errors_of_racto_pass_as_they_are() -> None:
    with pytest.raises(OverloadedError):
        answering(OverloadedError("busy")).rerank("q", results("a"))


async def test_a_batch_takes_lists_of_any_length() -> None:
    reranker = answering([[1.0, 3.0], [2.0]])
    batch = [results("a", "b"), [], results("c")]
    found = reranker.rerank_batch(["p", "q", "r"], batch)
    assert [[hit.chunk.content for hit in one] for one in found] == [["b", "a"], [], ["c"]]
    assert await reranker.arerank_batch(["p", "q", "r"], batch) == found
    assert reranker.rerank_batch(["p"], [[]]) == [[]]
    with pytest.raises(ValueError, match="top_k"):
        reranker.rerank_batch([], [], top_k=0)


async def test_a_plain_engine_leaves_the_loop_alone_and_gets_its_options() -> None:
    seen: list[Any] = []

    class Noting(WordEngine):
        def score_batch(
            self,
            queries: Sequence[str],
            passages: Sequence[str],
            candidate_length: Sequence[int] | None = None,
            **options: Any,
        ) -> list[list[float]]:
            seen.append((threading.current_thread(), options))
            return [[0.0] * len(passages)]

    await EngineReranker(Noting(), depth=3).arerank("q", results("a"))
    ((thread, options),) = seen
    assert thread is not threading.main_thread()
    assert options == {"depth": 3}


def test_an_engine_that_scores_no_texts_is_refused() -> None:
    class Searching(Engine):
        def search_batch(
            self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
        ) -> Sequence[Scores] | Awaitable[Sequence[Scores]]:
            return []

    class Seeing(WordEngine):
        accepts_view_kind = "bytes"

    for engine in (Searching(), Seeing(), object()):
        with pytest.raises(ConfigurationError):
            EngineReranker(engine)  # type: ignore[arg-type]
