"""The nearest chunks: Weaviate ranks and filters, and what it cannot decide is decided here."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from . import reading
from .filters import translated
from .managing import Space
from .records import chunk_of

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
        space: The class.
        search: What is searched for.
    """
    from weaviate.classes.query import MetadataQuery

    engine = translated(search.tree)
    # A loose filter lets much through that is not wanted, and each round is a request.
    size = search.top_k * _GROWTH if engine.is_loose else search.top_k
    while size <= reading.MOST_RESULTS:
        objects = yield from reading.query(
            space,
            "near_vector",
            near_vector=search.vector,
            limit=size,
            filters=engine.condition,
            include_vector=search.with_values,
            return_metadata=MetadataQuery(distance=True),
        )
        found: list[tuple[float, Chunk]] = []
        for each in objects:
            chunk = chunk_of(each, with_values=search.with_values)
            # Weaviate may have let through too much, and never too little.
            if search.tree is None or matches(search.tree, lookup_of(chunk)):
                found.append((_score(space.distance, each.metadata.distance), chunk))
                if len(found) == search.top_k:
                    return _ranked(found)
        if len(objects) < size:
            return _ranked(found)
        # The last size is tried once, and what comes after it is the walk.
        most = reading.MOST_RESULTS
        size = min(most, size * _GROWTH) if size < most else most + 1
    return (yield from _exhaustive(space, search))


def _exhaustive(space: Space, search: Search) -> Flow[list[RetrievalResult]]:
    """The nearest among all that satisfy the filter, compared here: beyond Weaviate's 10,000."""
    best: list[tuple[float, int, Chunk]] = []
    walk = reading.Walk(space, search.tree, size=100)
    number = 0
    while page := (yield from walk.page()):
        for chunk in page:
            vector = () if chunk.embedding is None else chunk.embedding
            # Of equals the one that was met first is kept.
            number -= 1
            distance = _distance(space.distance, search.vector, vector)
            entry = (_score(space.distance, distance), number, chunk)
            if len(best) < search.top_k:
                heapq.heappush(best, entry)
            else:
                heapq.heappushpop(best, entry)
    return _ranked([(score, chunk) for score, _, chunk in sorted(best, reverse=True)])


def _distance(kind: str, one: Sequence[float], two: Sequence[float]) -> float:
    if kind == "l2-squared":
        return sum((a - b) ** 2 for a, b in zip(one, two, strict=True))
    product: float = sum(map(mul, one, two))
    if kind == "dot":
        return -product
    lengths = math.hypot(*one) * math.hypot(*two)
    return 1.0 - (product / lengths if lengths else 0.0)


def _score(kind: str, distance: float) -> float:
    """Nearness: the cosine, the product, or minus the distance."""
    if kind == "cosine":
        return 1.0 - distance
    return -distance if kind == "dot" else -math.sqrt(max(0.0, distance))


def _ranked(found: Sequence[tuple[float, Chunk]]) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=chunk, score=float(score), rank=rank)
        for rank, (score, chunk) in enumerate(found, 1)
    ]
