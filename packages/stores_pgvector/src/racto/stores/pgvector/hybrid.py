"""Search by meaning and by words at once, in two statements whose ranks are fused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.filters import Filter
from racto.core.flows import Flow
from racto.core.vectors import Vector

from .escapes import escaped
from .filters import condition
from .reading import decided, search
from .records import chunk_of
from .schema import MOST_SEARCHED
from .sessions import ask
from .statements import BY_WORDS, filled
from .table import Table

FUSION = 60.0
"""The constant of reciprocal rank fusion, as its authors gave it (Cormack et al., 2009)."""

VECTOR, TEXT = "vector", "text"
"""The names under which the two scores stand in ``RetrievalResult.scores``."""


def search_hybrid(
    conn: Any,
    table: Table,
    text: str,
    embedding: Vector,
    *,
    top_k: int,
    tree: Filter | None,
    text_weight: float,
    depth: int,
) -> Flow[list[RetrievalResult]]:
    """The best chunks by the fused ranks of both searches."""
    near = (yield from search(conn, table, [embedding], depth, tree))[0]
    worded = yield from _by_words(conn, table, text, depth, tree)
    return fused(near, worded, text_weight)[:top_k]


def fused(
    near: Iterable[RetrievalResult], worded: Iterable[RetrievalResult], text_weight: float
) -> list[RetrievalResult]:
    """Two ranked lists as one, by weighted reciprocal ranks; equal scores in the order of ids.

    Args:
        near: What was found by vectors.
        worded: What was found by words.
        text_weight: From 0, only vectors, to 1, only words.
    """
    points: dict[str, float] = {}
    found: dict[str, RetrievalResult] = {}
    scores: dict[str, dict[str, float]] = {}
    for source, weight, results in ((VECTOR, 1 - text_weight, near), (TEXT, text_weight, worded)):
        for result in results:
            key = result.chunk.chunk_id
            found.setdefault(key, result)
            points[key] = points.get(key, 0.0) + weight / (FUSION + result.rank)
            scores.setdefault(key, {})[source] = result.score
    order = sorted((key for key in points if points[key] > 0), key=lambda key: (-points[key], key))
    return [
        RetrievalResult(chunk=found[key].chunk, score=points[key], rank=rank, scores=scores[key])
        for rank, key in enumerate(order, 1)
    ]


def _by_words(
    conn: Any, table: Table, text: str, depth: int, tree: Filter | None
) -> Flow[list[RetrievalResult]]:
    import psycopg

    layout = table.layout
    if (yield from table.dimension(conn)) is None:
        return []
    where = yield from decided(conn, table, condition(tree))
    query = filled(BY_WORDS, layout, where.sql)
    asked = escaped(text[:MOST_SEARCHED])
    try:
        rows = yield from ask(conn, query, [layout.text_search, asked, *where.params, depth])
    except psycopg.errors.UndefinedColumn as error:
        raise ConfigurationError(
            f"the table {layout.plain_name} has no words for {layout.text_search!r} yet; the next "
            f"add() or create() adds them"
        ) from error
    return [
        RetrievalResult(chunk=chunk_of(row), score=float(likeness), rank=rank)
        for rank, (*row, likeness) in enumerate(rows, 1)
    ]
