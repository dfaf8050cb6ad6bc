"""Several retrievers as one, their rankings merged by reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.retrievers import Retriever

RRF_K = 60
"""The constant of Cormack, Clarke and Buettcher (SIGIR 2009): how little the first ranks stand
out; it is the field's default."""


class HybridRetriever:
    """Asks several retrievers and merges what they find.

    Args:
        retrievers: By name, for example ``{"vector": ..., "keywords": ...}``; the names stand in
            ``RetrievalResult.scores``.
        weights: By name, how much each ranking counts; 1.0 where not given, 0.0 leaves one out.
        k: The fusion's constant, above 0.
        depth: How many results to ask of each retriever, at least; four times ``top_k`` when
            that is more.

    Raises:
        ConfigurationError: If there are no retrievers, or a weight is negative or has no
            retriever.
    """

    def __init__(
        self,
        retrievers: Mapping[str, Retriever],
        *,
        weights: Mapping[str, float] | None = None,
        k: int = RRF_K,
        depth: int = 50,
    ) -> None:
        weights = weights or {}
        if unknown := weights.keys() - retrievers.keys():
            raise ConfigurationError(f"weights for unknown retrievers: {', '.join(unknown)}")
        self._weights = {name: weights.get(name, 1.0) for name in retrievers}
        if min(self._weights.values(), default=-1.0) < 0 or not any(self._weights.values()):
            raise ConfigurationError("give retrievers and weights of 0 or more, not all 0")
        if k <= 0 or depth < 1:
            raise ConfigurationError(f"k and depth must be above 0, not {k} and {depth}")
        self._retrievers = dict(retrievers)
        self._k = k
        self._depth = depth

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks of the merged ranking; ranks from 1.

        The score is the sum of ``weight / (k + rank)``, scaled so that a chunk which all
        retrievers put first has 1.0; each retriever's own score stands in ``scores``.
        """
        return run(self._retrieve(query, top_k, filters))

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`retrieve`."""
        return await arun(self._retrieve(query, top_k, filters))

    def _retrieve(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        # A chunk far down in both rankings may be the best of all, so each is read further down
        # than the answer is long.
        depth = max(self._depth, 4 * top_k)
        rankings: dict[str, Sequence[RetrievalResult]] = {}
        for name, retriever in self._retrievers.items():
            if self._weights[name]:
                rankings[name] = yield from step(
                    retriever.retrieve, retriever.aretrieve, query, depth, filters
                )
        return reciprocal_rank_fusion(rankings, weights=self._weights, k=self._k)[:top_k]


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[RetrievalResult]],
    *,
    weights: Mapping[str, float] | None = None,
    k: int = RRF_K,
) -> list[RetrievalResult]:
    """Merge rankings by the ranks alone, so that scores of different kinds never mix.

    Args:
        rankings: By name, best first.
        weights: By name, how much each counts; 1.0 where not given.
        k: The fusion's constant, above 0.

    Returns:
        Every chunk once, best first; ties keep the order in which they were met. The score is 1.0
        for a chunk that is first everywhere.
    """
    weights = weights or {}
    sums: dict[str, float] = {}
    chunks: dict[str, Chunk] = {}
    scores: dict[str, dict[str, float]] = {}
    for name, ranking in rankings.items():
        weight = weights.get(name, 1.0)
        for place, result in enumerate(ranking, start=1):
            chunk_id = result.chunk.chunk_id
            chunks.setdefault(chunk_id, result.chunk)
            sums[chunk_id] = sums.get(chunk_id, 0.0) + weight / (k + place)
            scores.setdefault(chunk_id, {})[name] = result.score
    # Raw sums are all near 0.03 and say nothing to people; scaled ones end at 1.
    best = sum(weights.get(name, 1.0) for name in rankings) / (k + 1)
    order = sorted(sums, key=sums.__getitem__, reverse=True)
    return [
        RetrievalResult(
            chunk=chunks[chunk_id],
            score=sums[chunk_id] / best,
            rank=rank,
            scores=scores[chunk_id],
        )
        for rank, chunk_id in enumerate(order, start=1)
    ]
