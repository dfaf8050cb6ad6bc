"""The nearest chunks: Pinecone ranks and filters, and what it cannot decide is decided here."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from . import reading
from .filters import EngineFilter, translated
from .space import Shape, Space, pages

# Answers have at most 4 MB, a record's metadata at most 40 KB.
_WHOLE = 50
_MOST = 10_000
_GROWTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for.

    Attributes:
        vector: The query.
        top_k: Most results.
        tree: The filter; None takes all.
        with_values: Whether results get their vectors.
    """

    vector: list[float]
    top_k: int
    tree: Filter | None
    with_values: bool


def nearest(space: Space, search: Search) -> Flow[list[RetrievalResult]]:
    """The nearest chunks that satisfy the filter, best first.

    Args:
        space: The namespace.
        search: What is searched for.
    """
    engine = translated(search.tree)
    shape = yield from space.shape()
    known: dict[str, Chunk | None] = {}
    # A loose filter lets much through that is not wanted, and each round is a request.
    size = search.top_k * _GROWTH if engine.is_loose else search.top_k
    while size <= _MOST:
        scores = yield from _candidates(space, search, engine, size, known)
        found = [(score, chunk) for key, score in scores.items() if (chunk := known.get(key))]
        if len(found) >= search.top_k or len(scores) < size:
            return _ranked(found[: search.top_k], shape)
        size = min(_MOST, size * _GROWTH) if size < _MOST else _MOST + 1
    return (yield from _exhaustive(space, search, shape))


def _candidates(
    space: Space, search: Search, engine: EngineFilter, size: int, known: dict[str, Chunk | None]
) -> Flow[dict[str, float]]:
    """Scores of the nearest by key; fills ``known`` until enough satisfy the filter."""
    whole = size <= _WHOLE
    answer = yield from space.link.call(
        "query",
        vector=search.vector,
        top_k=size,
        namespace=space.namespace,
        filter=engine.condition,
        include_metadata=whole,
        include_values=whole and search.with_values,
    )
    scores = {match.id: match.score for match in answer.matches}
    if whole:
        yield from _judge(space, search, {match.id: match for match in answer.matches}, known)
        return scores
    kept = sum(known.get(key) is not None for key in scores)
    for page in pages((key for key in scores if key not in known), _WHOLE):
        if kept >= search.top_k:
            break
        vectors = yield from space.fetch(page)
        yield from _judge(space, search, vectors, known)
        # Deleted since the query: no candidate any more.
        known.update({key: None for key in page if key not in known})
        kept += sum(known[key] is not None for key in page)
    return scores


def _judge(
    space: Space, search: Search, vectors: dict[str, Any], known: dict[str, Chunk | None]
) -> Flow[None]:
    chunks = yield from reading.chunks_of(space, vectors, with_values=search.with_values)
    if search.tree is None and len(chunks) == len(vectors):
        known.update(chunks)
        return
    for key in vectors:
        chunk = chunks.get(key)
        is_wanted = chunk is not None and matches(search.tree, lookup_of(chunk))
        known[key] = chunk if is_wanted else None


def _exhaustive(space: Space, search: Search, shape: Shape) -> Flow[list[RetrievalResult]]:
    """The nearest among all that satisfy the filter, compared here: beyond Pinecone's 10,000."""
    best: list[tuple[float, int, Chunk]] = []
    walk = reading.Walk(space, search.tree, size=_WHOLE)
    number = 0
    while page := (yield from walk.page()):
        for chunk in page:
            vector = () if chunk.embedding is None else chunk.embedding
            # Of equals the one that was met first is kept.
            number -= 1
            entry = (_score(shape.metric, search.vector, vector), number, chunk)
            if len(best) < search.top_k:
                heapq.heappush(best, entry)
            else:
                heapq.heappushpop(best, entry)
    sign = -1.0 if shape.metric == "euclidean" else 1.0
    found = [(sign * score, chunk) for score, _, chunk in sorted(best, reverse=True)]
    return _ranked(found, shape)


def _score(metric: str, one: Sequence[float], two: Sequence[float]) -> float:
    """Nearness as Pinecone tells it, with the sign turned for distances."""
    if metric == "euclidean":
        return -sum((a - b) ** 2 for a, b in zip(one, two, strict=True))
    product: float = sum(map(mul, one, two))
    if metric == "dotproduct":
        return product
    lengths = math.hypot(*one) * math.hypot(*two)
    return product / lengths if lengths else 0.0


def _ranked(found: Sequence[tuple[float, Chunk]], shape: Shape) -> list[RetrievalResult]:
    is_distance = shape.metric == "euclidean"
    return [
        # Pinecone tells the square of the distance, and less is nearer.
        RetrievalResult(
            chunk=chunk,
            score=-math.sqrt(max(0.0, score)) if is_distance else float(score),
            rank=rank,
        )
        for rank, (score, chunk) in enumerate(found, 1)
    ]
