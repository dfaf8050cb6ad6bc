"""One search over one state of the store: filter, rank, and rebuild what was found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter

from .filters import satisfying
from .matrix import Matrix
from .ranking import EXCLUDED, candidates
from .records import Records
from .similarity import prepared, scores, slack
from .vectors import Floats

# Keys that are kept at once: 64 MB of them, for however many queries.
_KEYS_AT_ONCE = 1 << 24
_QUERIES_AT_ONCE = 64
# Vectors in float64 at once, when somebody asks for thousands of results.
_SCORED_AT_ONCE = 4096
# Below this share of the rows, copying them out costs less than comparing all.
_FEW = 0.3


def chosen(matrix: Matrix, records: Records, tree: Filter) -> NDArray[np.intp]:
    """Numbers of the rows that are there and satisfy a filter, ascending."""
    return np.flatnonzero(satisfying(tree, records, matrix.size) & matrix.present())


def nearest(
    matrix: Matrix, records: Records, queries: Floats, top_k: int, tree: Filter | None
) -> list[list[RetrievalResult]]:
    """The nearest chunks to each query.

    Args:
        matrix: The vectors.
        records: The rest of the chunks.
        queries: Checked queries, shape (q, d).
        top_k: Most results a query.
        tree: What chunks must satisfy; None for all.
    """
    rows = None if tree is None else chosen(matrix, records, tree)
    if rows is not None and not len(rows):
        return [[] for _ in queries]
    together = max(1, min(_QUERIES_AT_ONCE, _KEYS_AT_ONCE // matrix.size))
    found: list[list[RetrievalResult]] = []
    for at in range(0, len(queries), together):
        found += _ranked(matrix, records, queries[at : at + together], top_k, rows)
    return found


def chunks(matrix: Matrix, records: Records, rows: NDArray[np.intp]) -> Iterator[Chunk]:
    """The chunks of these rows, in this order, with read-only copies of their vectors."""
    embeddings = matrix.rows(rows)
    embeddings.flags.writeable = False
    return map(records.chunk, rows.tolist(), embeddings)


def _ranked(
    matrix: Matrix,
    records: Records,
    queries: Floats,
    top_k: int,
    rows: NDArray[np.intp] | None,
) -> list[list[RetrievalResult]]:
    ready = prepared(matrix.similarity, queries)
    keys = _keys(matrix, ready, rows)
    asked, found = candidates(keys, top_k, slack(matrix.similarity, ready, matrix.longest))
    if rows is not None and len(keys) == len(rows):
        found = rows[found]
    # Float32 has found the candidates; their order is decided exactly.
    exact = _scores(matrix, found, queries, asked)
    order = np.lexsort((found, -exact, asked))
    ends = np.searchsorted(asked, np.arange(len(queries) + 1))
    best = [order[first:last][:top_k] for first, last in pairwise(ends.tolist())]
    return [_results(matrix, records, found[own], exact[own]) for own in best]


def _scores(
    matrix: Matrix, rows: NDArray[np.intp], queries: Floats, asked: NDArray[np.intp]
) -> NDArray[np.float64]:
    found = np.empty(len(rows))
    for at in range(0, len(rows), _SCORED_AT_ONCE):
        part = slice(at, at + _SCORED_AT_ONCE)
        found[part] = scores(matrix.similarity, matrix.rows(rows[part]), queries[asked[part]])
    return found


def _keys(matrix: Matrix, queries: Floats, rows: NDArray[np.intp] | None) -> Floats:
    if rows is None:
        return matrix.keys(queries)
    if len(rows) < _FEW * matrix.size:
        return matrix.keys_of(rows, queries)
    keys = matrix.keys(queries)
    others = np.ones(matrix.size, dtype=bool)
    others[rows] = False
    keys[others] = EXCLUDED
    return keys


def _results(
    matrix: Matrix, records: Records, rows: NDArray[np.intp], exact: NDArray[np.float64]
) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=chunk, score=score, rank=rank)
        for rank, (chunk, score) in enumerate(
            zip(chunks(matrix, records, rows), exact.tolist(), strict=True), start=1
        )
    ]
