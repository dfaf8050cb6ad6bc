"""RerankingRetriever: many candidates from one retriever, put in order by a reranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, gather, step
from racto.core.protocols.rerankers import Reranker
from racto.core.protocols.retrievers import Retriever

from .flow_retriever import (
    RETRIEVED,
    WIDTH,
    Filters,
    FlowRetriever,
    Results,
    retrieve_all,
    retrieve_one,
)
from .inquiry import OnError, forgiven


@runtime_checkable
class BatchReranker(Protocol):
    """The power of a reranker to order the results of many questions in one pass."""

    def rerank_batch(
        self,
        queries: Sequence[str],
        batch: Sequence[Sequence[RetrievalResult]],
        *,
        top_k: int | None = None,
    ) -> list[list[RetrievalResult]]:
        """One reordered list a question, in order."""
        ...

    async def arerank_batch(
        self,
        queries: Sequence[str],
        batch: Sequence[Sequence[RetrievalResult]],
        *,
        top_k: int | None = None,
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`rerank_batch`."""
        ...


class RerankingRetriever(FlowRetriever):
    """Retrieves more than is wanted and keeps what a reranker puts first.

    Args:
        retriever: Any retriever.
        reranker: Any reranker: a :class:`~racto.rag.KitReranker`, an
            :class:`~racto.rag.EngineReranker`, or the client of a server that keeps the protocol.
        fetch: Candidates to retrieve, at least; ``top_k`` when that is more.
        on_error: ``raise`` passes the reranker's error on; ``original`` logs a warning and
            returns the candidates in the retriever's order.

    Raises:
        ConfigurationError: If ``fetch`` is below 1.
    """

    def __init__(
        self,
        retriever: Retriever,
        reranker: Reranker,
        *,
        fetch: int = 50,
        on_error: OnError = "raise",
    ) -> None:
        if fetch < 1:
            raise ConfigurationError(f"fetch must be at least 1, not {fetch}")
        self._retriever = retriever
        self._reranker = reranker
        self._fetch = fetch
        self._on_error = on_error

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """Retrieve candidates and rerank them."""
        depth = max(self._fetch, top_k)
        found = yield from retrieve_one(self._retriever, query, depth, filters)
        return (yield from self._reranked(query, found, top_k))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """Retrieve for all questions at once; rerank in one pass where the reranker can."""
        depth = max(self._fetch, top_k)
        batch = yield from retrieve_all(self._retriever, queries, depth, filters)
        if isinstance(self._reranker, BatchReranker):
            return (yield from self._reranked_batch(self._reranker, queries, batch, top_k))
        flows = [
            self._reranked(query, found, top_k) for query, found in zip(queries, batch, strict=True)
        ]
        return (yield from gather(flows, width=WIDTH))

    def _reranked(self, query: str, found: Results, top_k: int) -> Flow[Results]:
        # Rerankers need not take nothing, and models are paid by the call.
        if not found:
            return []
        reranker = self._reranker
        try:
            return (
                yield from step(
                    reranker.rerank, reranker.arerank, query, _noted(found), top_k=top_k
                )
            )
        except RactoGatewayError as error:
            forgiven(error, self._on_error, "reranking")
            return found[:top_k]

    def _reranked_batch(
        self, reranker: BatchReranker, queries: Sequence[str], batch: list[Results], top_k: int
    ) -> Flow[list[Results]]:
        noted = [_noted(found) for found in batch]
        try:
            return (
                yield from step(
                    reranker.rerank_batch, reranker.arerank_batch, queries, noted, top_k=top_k
                )
            )
        except RactoGatewayError as error:
            forgiven(error, self._on_error, "reranking")
            return [found[:top_k] for found in batch]


def _noted(found: Results) -> Results:
    """The results with the score that the retriever gave kept beside the one to come."""
    return [replace(one, scores={**one.scores, RETRIEVED: one.score}) for one in found]


def in_order(
    results: Sequence[RetrievalResult], scores: Sequence[float], top_k: int | None
) -> Results:
    """Results with new scores, best first, ranks from 1; ties keep the order in which they came.

    Args:
        results: The results.
        scores: The new score of each.
        top_k: How many to keep; None keeps all.
    """
    # Sorting keeps equals in place, and turning the order round keeps that too.
    order = sorted(range(len(results)), key=scores.__getitem__, reverse=True)
    return [
        replace(results[at], score=scores[at], rank=rank)
        for rank, at in enumerate(order[:top_k], start=1)
    ]


def check_top_k(top_k: int | None) -> None:
    """Refuse a number of results below 1.

    Raises:
        ValueError: If it is.
    """
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1 or None, not {top_k}")
