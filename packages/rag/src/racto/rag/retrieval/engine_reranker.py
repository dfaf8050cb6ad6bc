"""EngineReranker: any engine that scores passages, local or on a server, as a reranker."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, EngineError, RactoGatewayError
from racto.core.flows import Flow, arun, run, step
from racto.core.portals import wait
from racto.core.protocols.engines import ScoreEngine

from .flow_retriever import Results
from .reranking import check_top_k, in_order


class EngineReranker:
    """Orders results by the scores of an engine.

    Keeps ``Reranker`` of core, and orders the results of many questions in one pass of the engine.
    The engine may be plain or async. A remote racto-retrieval-server comes in the same way: its
    client scores passages as an engine does (or is a reranker itself, and needs no wrapping).

    Args:
        engine: Any engine with ``score_batch``.
        **options: Options of the engine, equal for all calls.

    Raises:
        ConfigurationError: If the engine cannot score, or scores something other than texts.
    """

    def __init__(self, engine: ScoreEngine, **options: Any) -> None:
        if not callable(getattr(engine, "score_batch", None)) or not _can_score(engine):
            raise ConfigurationError(
                f"{type(engine).__name__} cannot score passages; give an engine with score_batch"
            )
        kind = getattr(engine, "accepts_view_kind", "text")
        if kind != "text":
            raise ConfigurationError(f"{type(engine).__name__} scores {kind}, and chunks are texts")
        self._engine = engine
        self._options = options

    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> Results:
        """Reorder results by the engine's scores.

        Args:
            query: The question.
            results: Candidates, in any order.
            top_k: How many to keep; None keeps all.

        Raises:
            EngineError: If the engine fails, or returns something else than a finite number for
                each passage.
            ValueError: If ``top_k`` is below 1.
        """
        return run(self._batch([query], [results], top_k))[0]

    async def arerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> Results:
        """Async twin of :meth:`rerank`."""
        return (await arun(self._batch([query], [results], top_k)))[0]

    def rerank_batch(
        self,
        queries: Sequence[str],
        batch: Sequence[Sequence[RetrievalResult]],
        *,
        top_k: int | None = None,
    ) -> list[Results]:
        """Reorder the results of many questions in one pass.

        Args:
            queries: The questions.
            batch: The candidates of each.
            top_k: How many to keep of each; None keeps all.

        Raises:
            EngineError: As :meth:`rerank` does.
            ValueError: If ``top_k`` is below 1, or there are more questions than lists.
        """
        return run(self._batch(queries, batch, top_k))

    async def arerank_batch(
        self,
        queries: Sequence[str],
        batch: Sequence[Sequence[RetrievalResult]],
        *,
        top_k: int | None = None,
    ) -> list[Results]:
        """Async twin of :meth:`rerank_batch`."""
        return await arun(self._batch(queries, batch, top_k))

    def _batch(
        self,
        queries: Sequence[str],
        batch: Sequence[Sequence[RetrievalResult]],
        top_k: int | None,
    ) -> Flow[list[Results]]:
        check_top_k(top_k)
        # Engines need not take a question without passages.
        asked = [(q, found) for q, found in zip(queries, batch, strict=True) if found]
        if not asked:
            return [[] for _ in batch]
        counts = [len(found) for _, found in asked]
        passages = [result.chunk.content for _, found in asked for result in found]
        scores = yield from step(
            self._score, self._ascore, [query for query, _ in asked], passages, counts
        )
        rows = iter(_checked(scores, counts, type(self._engine).__name__))
        return [in_order(found, next(rows), top_k) if found else [] for found in batch]

    def _score(self, queries: list[str], passages: list[str], counts: list[int]) -> Any:
        call = self._call(queries, passages, counts)
        with _translated(self._engine):
            # Called where it will run: some clients are bound to the loop that made them.
            if inspect.iscoroutinefunction(self._engine.score_batch):
                return wait(call)
            answer = call()
            return wait(lambda: answer) if isinstance(answer, Awaitable) else answer

    async def _ascore(self, queries: list[str], passages: list[str], counts: list[int]) -> Any:
        import asyncio

        call = self._call(queries, passages, counts)
        with _translated(self._engine):
            # A plain engine computes for long, and the loop has others to serve.
            if inspect.iscoroutinefunction(self._engine.score_batch):
                return await call()
            answer = await asyncio.to_thread(call)
            return await answer if isinstance(answer, Awaitable) else answer

    def _call(
        self, queries: list[str], passages: list[str], counts: list[int]
    ) -> Callable[[], Any]:
        return lambda: self._engine.score_batch(queries, passages, counts, **self._options)


@contextmanager
def _translated(engine: object) -> Iterator[None]:
    """The border to engines, which may raise anything."""
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as error:
        raise EngineError(
            f"{type(engine).__name__} failed while scoring: {type(error).__name__}: {error}"
        ) from error


def _can_score(engine: object) -> bool:
    # An Engine of core has the method whether it has the power or not.
    return bool(getattr(engine, "can_score", True))


def _checked(scores: Any, counts: Sequence[int], name: str) -> list[list[float]]:
    """The scores as plain numbers, one a passage.

    Raises:
        EngineError: If they are anything else.
    """
    # Engines are anybody's, and arrays of numpy, tensors and lists are all lists of numbers.
    try:
        rows = [[float(score) for score in row] for row in scores]
    except (TypeError, ValueError) as error:
        raise EngineError(f"{name} returned something else than lists of numbers") from error
    if [len(row) for row in rows] != list(counts):
        raise EngineError(
            f"{name} returned {[len(row) for row in rows]} scores for {list(counts)} passages"
        )
    if not all(math.isfinite(score) for row in rows for score in row):
        raise EngineError(f"{name} returned a score that is NaN or infinite")
    return rows
