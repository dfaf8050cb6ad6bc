"""Search by meaning and by words at once, fused in Qdrant by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, NotFoundError
from racto.core.filters import Filter, parse_filter
from racto.core.flows import Flow
from racto.core.vectors import Vector

from . import wire
from .filters import sieve
from .keywords import question_of
from .records import READ
from .searching import check_top_k, results_of
from .shelf import Shelf
from .vectors import queries_of

# A chunk far down in both rankings may be the best of all, so each is read further down.
_DEPTH = 4
_LEAST_DEPTH = 50
_GROWTH = 4


def search(
    shelf: Shelf,
    query: str,
    embedding: Vector,
    top_k: int,
    filters: Mapping[str, Any] | None,
    with_vectors: bool,
) -> Flow[list[RetrievalResult]]:
    """The best of both rankings among the chunks that satisfy the filter."""
    shelf.link.check_open()
    check_top_k(top_k)
    if not shelf.plan.keywords:
        raise ConfigurationError("search_hybrid needs a store that was made with keywords=True")
    tree = parse_filter(filters)
    known = (yield from shelf.dimension()) or shelf.given
    (vector,) = queries_of([embedding], known)
    words = question_of(query)
    depth = max(_LEAST_DEPTH, _DEPTH * top_k)
    while True:
        points = yield from _fused(shelf, vector, words, tree, depth, with_vectors)
        found = results_of(shelf, points, top_k, tree, float)
        # Each ranking gives as many as its depth; fewer in all means that both are exhausted.
        if len(found) == top_k or len(points) < depth:
            return found
        depth *= _GROWTH


def _fused(
    shelf: Shelf,
    vector: list[float],
    words: Mapping[int, float],
    tree: Filter | None,
    depth: int,
    with_vectors: bool,
) -> Flow[list[Any]]:
    name = shelf.plan.name
    asked = wire.fusion_of(vector, words, shelf.plan, sieve(tree), depth)
    try:
        answer = yield from shelf.link.ask(
            "query_points",
            f"searching {name!r}",
            collection_name=name,
            # Both rankings together may hold twice as many.
            limit=2 * depth,
            with_payload=list(READ),
            with_vectors=wire.vector_names(shelf.plan, with_vectors),
            **asked,
        )
    except NotFoundError:
        shelf.forget()
        return []
    points: list[Any] = answer.points
    return points
