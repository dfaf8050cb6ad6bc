"""Searching: the nearest among the chunks that the reference filter lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, NotFoundError
from racto.core.filters import Filter, lookup_of, matches, parse_filter
from racto.core.flows import Flow
from racto.core.vectors import Matrix

from .filters import sieve
from .records import chunk_of
from .shelf import Shelf
from .vectors import queries_of

if TYPE_CHECKING:
    from .vectors import Row

# A server answers a call as a whole: more would wait long and hold much at once.
_QUERIES_A_CALL = 64
# Fewer, larger calls: in all at most a third more is read than the last one brings.
_GROWTH = 4

Results = list[RetrievalResult]


def search(
    shelf: Shelf,
    embeddings: Matrix,
    top_k: int,
    filters: Mapping[str, Any] | None,
    with_vectors: bool,
) -> Flow[list[Results]]:
    """The nearest to each query among the chunks that satisfy the filter."""
    shelf.link.check_open()
    if top_k < 1:
        raise ConfigurationError(f"top_k must be at least 1, not {top_k}")
    tree = parse_filter(filters)
    known = yield from shelf.dimension()
    rows = [embeddings[at] for at in range(len(embeddings))]
    queries = queries_of(rows, known or shelf.given)
    where = sieve(tree)
    if known is None or where is False:
        return [[] for _ in queries]
    include = ["metadatas", "documents", "distances", *(["embeddings"] if with_vectors else [])]
    fixed = {"include": include, "where": None if where is True else where}
    answers: list[Results] = []
    for at in range(0, len(queries), _QUERIES_A_CALL):
        part = queries[at : at + _QUERIES_A_CALL]
        answers += yield from _nearest(shelf, part, top_k, tree, fixed)
    return answers


def _nearest(
    shelf: Shelf,
    queries: Sequence[Row],
    top_k: int,
    tree: Filter | None,
    fixed: Mapping[str, Any],
) -> Flow[list[Results]]:
    answers: list[Results] = [[] for _ in queries]
    waiting, limit = list(range(len(queries))), top_k
    # Where the sieve let through what does not match, more is asked for until enough is found.
    while waiting:
        asked = [queries[at] for at in waiting]
        try:
            found = yield from shelf.link.ask(
                "query", "searching", query_embeddings=asked, n_results=limit, **fixed
            )
        except NotFoundError:
            shelf.forget()
            return answers
        unfinished: list[int] = []
        for row, at in enumerate(waiting):
            answers[at] = _results(shelf, found, row, top_k, tree)
            if len(answers[at]) < top_k and len(found["ids"][row]) >= limit:
                unfinished.append(at)
        waiting, limit = unfinished, limit * _GROWTH
    return answers


def _results(
    shelf: Shelf, found: Mapping[str, Any], row: int, top_k: int, tree: Filter | None
) -> Results:
    results: Results = []
    vectors = found.get("embeddings")
    hits = zip(
        found["metadatas"][row], found["documents"][row], found["distances"][row], strict=True
    )
    for at, (metadata, document, distance) in enumerate(hits):
        vector = None if vectors is None else vectors[row][at]
        chunk = chunk_of(metadata, document, vector)
        if tree is None or matches(tree, lookup_of(chunk)):
            score = shelf.plan.score(float(distance))
            results.append(RetrievalResult(chunk=chunk, score=score, rank=len(results) + 1))
            if len(results) == top_k:
                break
    return results
