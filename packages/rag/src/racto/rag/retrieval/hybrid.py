"""Several retrievers as one, their rankings merged by scores or by ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.core.protocols.retrievers import Retriever

from .flow_retriever import Filters, FlowRetriever, Results, retrieve_all, retrieve_one

RRF_K = 60
"""The constant of Cormack, Clarke and Buettcher (SIGIR 2009): how little the first ranks stand
out; it is the field's default."""

Fusion: TypeAlias = Literal["scores", "ranks"]
"""How rankings are merged: by their scores, each scaled to 0 to 1, or by their ranks alone."""


class HybridRetriever(FlowRetriever):
    """Asks several retrievers and merges what they find.

    Keeps :class:`~racto.core.protocols.Retriever` and
    :class:`~racto.core.protocols.BatchRetriever`. The score of a merged result is 1.0 when all
    retrievers put it first; each retriever's own score stands in ``scores``.

    Args:
        retrievers: By name, for example ``{"vector": ..., "keywords": ...}``; the names stand in
            ``RetrievalResult.scores``.
        weights: By name, how much each ranking counts; 1.0 where not given, 0.0 leaves one out.
        k: The constant of fusion by ranks, above 0.
        depth: How many results to ask of each retriever, at least; twice ``top_k`` when that is
            more.
        fusion: ``scores`` is the better one where scores grow with relevance, as those of BM25
            and of vector stores do (Bruch, Gai and Ingber, TOIS 2023); ``ranks`` takes any.

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
        depth: int = 100,
        fusion: Fusion = "scores",
    ) -> None:
        weights = weights or {}
        if unknown := weights.keys() - retrievers.keys():
            raise ConfigurationError(f"weights for unknown retrievers: {', '.join(unknown)}")
        self._weights = {name: weights.get(name, 1.0) for name in retrievers}
        if min(self._weights.values(), default=-1.0) < 0 or not any(self._weights.values()):
            raise ConfigurationError("give retrievers and weights of 0 or more, not all 0")
        if k <= 0 or depth < 1:
            raise ConfigurationError(f"k and depth must be above 0, not {k} and {depth}")
        if fusion not in get_args(Fusion):
            raise ConfigurationError(f"fusion is scores or ranks, not {fusion!r}")
        self._retrievers = {
            name: retriever for name, retriever in retrievers.items() if self._weights[name]
        }
        self._k = k
        self._depth = depth
        self._fusion = fusion

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """The steps of one retrieval, whose arguments were checked."""
        depth = self._depth_of(top_k)
        rankings: dict[str, Results] = {}
        for name, retriever in self._retrievers.items():
            rankings[name] = yield from retrieve_one(retriever, query, depth, filters)
        return self._merged(rankings, depth)[:top_k]

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """The steps of many retrievals: each retriever is asked once for all questions."""
        depth = self._depth_of(top_k)
        found: dict[str, list[Results]] = {}
        for name, retriever in self._retrievers.items():
            found[name] = yield from retrieve_all(retriever, queries, depth, filters)
        return [
            self._merged({name: found[name][place] for name in found}, depth)[:top_k]
            for place in range(len(queries))
        ]

    def _depth_of(self, top_k: int) -> int:
        # A chunk far down in both rankings may be the best of all, so each is read further down
        # than the answer is long.
        return max(self._depth, 2 * top_k)

    def _merged(self, rankings: Mapping[str, Results], depth: int) -> Results:
        if self._fusion == "ranks":
            return reciprocal_rank_fusion(rankings, weights=self._weights, k=self._k)
        return score_fusion(rankings, weights=self._weights, depth=depth)


def score_fusion(
    rankings: Mapping[str, Sequence[RetrievalResult]],
    *,
    weights: Mapping[str, float] | None = None,
    depth: int | None = None,
) -> list[RetrievalResult]:
    """Merge rankings by the weighted mean of their scores, each ranking's scaled to 0 to 1.

    Args:
        rankings: By name, best first; higher scores are better ones.
        weights: By name, how much each counts; 1.0 where not given.
        depth: How many results each was asked for. A ranking that is shorter has left out what
            has nothing in common with the question, so its scale begins at 0; that of others at
            their last score.

    Returns:
        Every chunk once, best first; ties keep the order in which they were met. The score is 1.0
        for a chunk that is first everywhere.
    """
    weights = weights or {}
    shares: dict[str, list[float]] = {}
    for name, ranking in rankings.items():
        scores = [result.score for result in ranking]
        best, floor = max(scores, default=0.0), min(scores, default=0.0)
        if depth is None or len(ranking) < depth:
            floor = min(floor, 0.0)
        span = best - floor
        weight = weights.get(name, 1.0)
        shares[name] = [weight * ((each - floor) / span if span else 1.0) for each in scores]
    return _summed(rankings, shares, sum(weights.get(name, 1.0) for name in rankings))


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
        Every chunk once, best first; ties keep the order in which they were met. The score is the
        sum of ``weight / (k + rank)``, scaled to 1.0 for a chunk that is first everywhere.
    """
    weights = weights or {}
    shares = {
        name: [weights.get(name, 1.0) / (k + place + 1) for place in range(len(ranking))]
        for name, ranking in rankings.items()
    }
    # Raw sums are all near 0.03 and say nothing to people; scaled ones end at 1.
    return _summed(rankings, shares, sum(weights.get(name, 1.0) for name in rankings) / (k + 1))


def _summed(
    rankings: Mapping[str, Sequence[RetrievalResult]],
    shares: Mapping[str, Sequence[float]],
    most: float,
) -> list[RetrievalResult]:
    """Every chunk once, by the sum of its shares over the most that it can be."""
    sums: dict[str, float] = {}
    chunks: dict[str, Chunk] = {}
    scores: dict[str, dict[str, float]] = {}
    for name, ranking in rankings.items():
        for result, share in zip(ranking, shares[name], strict=True):
            chunk_id = result.chunk.chunk_id
            # Rankings of words come without vectors, which what follows may need.
            if chunk_id not in chunks or chunks[chunk_id].embedding is None:
                chunks[chunk_id] = result.chunk
            sums[chunk_id] = sums.get(chunk_id, 0.0) + share
            scores.setdefault(chunk_id, {})[name] = result.score
    order = sorted(sums, key=sums.__getitem__, reverse=True)
    return [
        RetrievalResult(
            chunk=chunks[chunk_id],
            score=sums[chunk_id] / most,
            rank=rank,
            scores=scores[chunk_id],
        )
        for rank, chunk_id in enumerate(order, start=1)
    ]
