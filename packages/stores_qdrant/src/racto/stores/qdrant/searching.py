"""Searching: the nearest among the chunks that the reference filter lets through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, NotFoundError
from racto.core.filters import Filter, lookup_of, matches, parse_filter
from racto.core.flows import Flow
from racto.core.vectors import Matrix

from . import wire
from .filters import sieve
from .records import chunk_of
from .shelf import Shelf
from .vectors import queries_of

# A server answers a call as a whole: more would wait long and hold much at once.
_QUERIES_A_CALL = 64
# Fewer, larger calls: in all at most a third more is read than the last one brings.
_GROWTH = 4


def search(
    shelf: Shelf,
    embeddings: Matrix,
    top_k: int,
    filters: Mapping[str, Any] | None,
    with_vectors: bool,
) -> Flow[list[list[RetrievalResult]]]:
    """The nearest to each query among the chunks that satisfy the filter."""
    shelf.link.check_open()
    check_top_k(top_k)
    tree = parse_filter(filters)
    known = (yield from shelf.dimension()) or shelf.given
    queries = queries_of([embeddings[at] for at in range(len(embeddings))], known)
    answers: list[list[RetrievalResult]] = []
    for at in range(0, len(queries), _QUERIES_A_CALL):
        part = queries[at : at + _QUERIES_A_CALL]
        answers += yield from _nearest(shelf, part, top_k, tree, with_vectors)
    return answers


def check_top_k(top_k: int) -> None:
    """Raise :class:`ConfigurationError` if ``top_k`` is below 1."""
    if top_k < 1:
        raise ConfigurationError(f"top_k must be at least 1, not {top_k}")


def _nearest(
    shelf: Shelf,
    queries: Sequence[Sequence[float]],
    top_k: int,
    tree: Filter | None,
    with_vectors: bool,
) -> Flow[list[list[RetrievalResult]]]:
    told = sieve(tree)
    answers: list[list[RetrievalResult]] = [[] for _ in queries]
    waiting, limit = list(range(len(queries))), top_k
    # Where the sieve let through what does not match, more is asked for until enough is found.
    while waiting:
        asked = wire.queries_of(
            [queries[at] for at in waiting], shelf.plan, told, limit, with_vectors
        )
        found = yield from _query(shelf, asked)
        unfinished: list[int] = []
        for at, points in zip(waiting, found, strict=True):
            answers[at] = results_of(shelf, points, top_k, tree, shelf.plan.score)
            if len(answers[at]) < top_k and len(points) >= limit:
                unfinished.append(at)
        waiting, limit = unfinished, limit * _GROWTH
    return answers


def _query(shelf: Shelf, requests: Sequence[Any]) -> Flow[list[list[Any]]]:
    name = shelf.plan.name
    doing = f"searching {name!r}"
    try:
        # A batch of one is copied deeply by the client, vector included.
        if len(requests) == 1:
            asked = wire.alone(requests[0])
            answer = yield from shelf.link.ask("query_points", doing, collection_name=name, **asked)
            return [answer.points]
        answers = yield from shelf.link.ask(
            "query_batch_points", doing, collection_name=name, requests=requests
        )
    except NotFoundError:
        shelf.forget()
        return [[] for _ in requests]
    return [answer.points for answer in answers]


def results_of(
    shelf: Shelf,
    points: Sequence[Any],
    top_k: int,
    tree: Filter | None,
    score_of: Callable[[float], float],
) -> list[RetrievalResult]:
    """The first ``top_k`` of the points that satisfy the filter."""
    results: list[RetrievalResult] = []
    for point in points:
        chunk = chunk_of(point.payload, wire.vector_in(point, shelf.plan))
        if tree is None or matches(tree, lookup_of(chunk)):
            score = score_of(point.score)
            results.append(RetrievalResult(chunk=chunk, score=score, rank=len(results) + 1))
            if len(results) == top_k:
                break
    return results
