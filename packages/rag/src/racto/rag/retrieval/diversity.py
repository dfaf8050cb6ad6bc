"""MMRRetriever: results that are relevant and do not repeat each other."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from racto.core.documents import Chunk
from racto.core.embeddings import Vector
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.flows import Flow, gather
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.retrievers import Retriever
from racto.rag.ingestion.vectors import embed
from racto.rag.offload import offload

from .flow_retriever import (
    RETRIEVED,
    WIDTH,
    Filters,
    FlowRetriever,
    Results,
    retrieve_all,
    retrieve_one,
)
from .vector import embed_question


class MMRRetriever(FlowRetriever):
    """Chooses among the candidates of another retriever by maximal marginal relevance.

    Each next result is the one with the greatest ``weight * relevance - (1 - weight) *
    redundancy`` (Carbonell and Goldstein, SIGIR 1998). Redundancy is the greatest cosine
    similarity to a result already chosen, and at least 0; that value is the result's score, and
    ``scores["retrieved"]`` the score that it came with. Ties go to the better candidate.

    Args:
        retriever: Any retriever.
        embedder: Embeds the question, whose cosine similarity is a chunk's relevance then, and in
            one call the chunks that came without a vector. Without one the relevance is the
            retriever's score, scaled to 0.0 to 1.0 over the candidates.
        weight: The lambda of the paper: 1.0 is relevance alone, 0.0 diversity alone.
        fetch: Candidates to retrieve, at least; ``top_k`` when that is more.

    Raises:
        ConfigurationError: If ``weight`` is not in 0.0 to 1.0, or ``fetch`` is below 1.
    """

    def __init__(
        self,
        retriever: Retriever,
        embedder: Embedder | None = None,
        *,
        weight: float = 0.5,
        fetch: int = 50,
    ) -> None:
        if not 0.0 <= weight <= 1.0:
            raise ConfigurationError(f"weight must be in 0.0 to 1.0, not {weight}")
        if fetch < 1:
            raise ConfigurationError(f"fetch must be at least 1, not {fetch}")
        self._retriever = retriever
        self._embedder = embedder
        self._weight = weight
        self._fetch = fetch

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """Retrieve candidates and choose among them."""
        depth = max(self._fetch, top_k)
        found = yield from retrieve_one(self._retriever, query, depth, filters)
        return (yield from self._chosen(query, found, top_k))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """Retrieve the candidates of all questions at once, then choose."""
        depth = max(self._fetch, top_k)
        batch = yield from retrieve_all(self._retriever, queries, depth, filters)
        flows = [
            self._chosen(query, found, top_k) for query, found in zip(queries, batch, strict=True)
        ]
        return (yield from gather(flows, width=WIDTH))

    def _chosen(self, query: str, found: Results, top_k: int) -> Flow[Results]:
        # Before the question is embedded, which may cost a call.
        if not found:
            return []
        vectors = yield from self._vectors([result.chunk for result in found])
        asked: Vector | None = None
        if self._embedder is not None:
            asked = yield from embed_question(self._embedder, query)

        def choose() -> Results:
            alike = similarities(vectors if asked is None else [*vectors, asked])
            # The question is the last of its own list, and no candidate.
            relevance = (
                _scaled([each.score for each in found])
                if asked is None
                else alike(len(vectors))[:-1]
            )
            picked = marginal_order(relevance, alike, top_k=top_k, weight=self._weight)
            return [
                replace(
                    found[at],
                    score=value,
                    rank=rank,
                    scores={**found[at].scores, RETRIEVED: found[at].score},
                )
                for rank, (at, value) in enumerate(picked, start=1)
            ]

        # Long vectors without numpy keep an event loop waiting for more than ten milliseconds.
        return (yield from offload(choose))

    def _vectors(self, chunks: Sequence[Chunk]) -> Flow[list[Vector]]:
        vectors = {at: c.embedding for at, c in enumerate(chunks) if c.embedding is not None}
        missing = [at for at in range(len(chunks)) if at not in vectors]
        if missing:
            # A pipeline knows the embedder of its own chunks.
            embedder = self._embedder or getattr(self._retriever, "embedder", None)
            if embedder is None:
                raise MissingEmbeddingError(
                    f"{len(missing)} of {len(chunks)} chunks came without a vector; give "
                    "MMRRetriever the embedder as its second argument"
                )
            made = yield from embed(embedder, [chunks[at].content for at in missing])
            vectors |= {at: made[row] for row, at in enumerate(missing)}
        return [vectors[at] for at in range(len(chunks))]


def marginal_order(
    relevance: Sequence[float],
    alike: Callable[[int], Sequence[float]],
    *,
    top_k: int,
    weight: float,
) -> list[tuple[int, float]]:
    """The order of maximal marginal relevance, in a time of candidates times ``top_k``.

    Args:
        relevance: Of each candidate, best first where several are equal.
        alike: The similarity of one candidate to each of them, by its position.
        top_k: Most candidates to choose.
        weight: How much relevance counts, 0.0 to 1.0.

    Returns:
        Positions of the chosen ones with their marginal relevance, which never rises.
    """
    # Never below 0: a candidate that points away from all is new, and not better for that.
    redundancy = [0.0] * len(relevance)
    waiting = list(range(len(relevance)))
    picked: list[tuple[int, float]] = []
    while waiting and len(picked) < top_k:
        values = [weight * relevance[at] - (1 - weight) * redundancy[at] for at in waiting]
        best = max(values)
        chosen = waiting.pop(values.index(best))
        picked.append((chosen, best))
        like_it = alike(chosen)
        for at in waiting:
            redundancy[at] = max(redundancy[at], like_it[at])
    return picked


def similarities(vectors: Sequence[Vector]) -> Callable[[int], Sequence[float]]:
    """A function that gives the cosine similarity of one vector to each of them.

    Raises:
        DimensionMismatchError: If their lengths differ.
        InvalidEmbeddingError: If one holds NaN or infinity.
    """
    dimension = len(vectors[0])
    for vector in vectors:
        if len(vector) != dimension:
            raise DimensionMismatchError(
                f"vectors of {dimension} and of {len(vector)} values cannot be compared; embed "
                "question and chunks with one embedder",
                expected=dimension,
                actual=len(vector),
            )
    # Whoever gave arrays has loaded numpy; for lists alone it is not worth its import.
    numpy: Any = sys.modules.get("numpy")
    return _in_lists(vectors) if numpy is None else _in_arrays(vectors, numpy)


def _in_arrays(vectors: Sequence[Vector], numpy: Any) -> Callable[[int], Sequence[float]]:
    # In double precision, so that rounding does not decide between near copies.
    matrix = numpy.array([numpy.asarray(vector) for vector in vectors], dtype="float64")
    norms = numpy.linalg.norm(matrix, axis=1, keepdims=True)
    if not numpy.isfinite(norms).all():
        raise _not_finite()
    matrix /= numpy.where(norms > 0, norms, 1.0)

    def alike(at: int) -> Sequence[float]:
        row: list[float] = (matrix @ matrix[at]).tolist()
        return row

    return alike


def _in_lists(vectors: Sequence[Vector]) -> Callable[[int], Sequence[float]]:
    units: list[list[float]] = []
    for vector in vectors:
        norm = math.hypot(*vector)
        if not math.isfinite(norm):
            raise _not_finite()
        units.append([value / norm for value in vector] if norm else list(vector))

    def alike(at: int) -> Sequence[float]:
        one = units[at]
        return [sum(map(operator.mul, one, other)) for other in units]

    return alike


def _scaled(scores: Sequence[float]) -> list[float]:
    # Scores of BM25 and of cosine have nothing in common but their order.
    least, span = min(scores), max(scores) - min(scores)
    return [(score - least) / span if span > 0 else 1.0 for score in scores]


def _not_finite() -> InvalidEmbeddingError:
    return InvalidEmbeddingError(
        "a vector holds NaN or infinity and cannot be compared; check the embedder"
    )
