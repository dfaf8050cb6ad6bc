"""Chunks out of the table: the nearest, by id, page by page; the filter always comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow
from racto.core.vectors import Matrix

from . import statements
from .escapes import escaped
from .filters import Condition, condition
from .packing import packed, texts
from .records import chunk_of
from .sessions import ask, tell, transaction
from .statements import filled
from .table import Table
from .vectors import Floats, queries_of

_PAGE = 2_000


def search(
    conn: Any, table: Table, embeddings: Matrix, top_k: int, tree: Filter | None
) -> Flow[list[list[RetrievalResult]]]:
    """The nearest chunks of each query among those that satisfy the filter."""
    half = table.layout.is_half
    dimension = yield from table.dimension(conn)
    queries = queries_of(embeddings, dimension or table.given, half=half)
    if dimension is None or not len(queries):
        return [[] for _ in queries]
    where = yield from decided(conn, table, condition(tree))
    found = yield from _nearest(conn, table, queries, top_k, where)
    # An index may give up before it has enough that satisfy the filter.
    if table.layout.index is not None and any(len(rows) < top_k for rows in found):
        found = yield from transaction(conn, _exactly(conn, table, queries, top_k, where))
    score = table.layout.measure.score
    return [
        [
            RetrievalResult(chunk=chunk_of(row), score=score(float(distance)), rank=rank)
            for rank, (*row, distance) in enumerate(rows, 1)
        ]
        for rows in found
    ]


def get(conn: Any, table: Table, ids: Sequence[str]) -> Flow[list[Chunk | None]]:
    """The chunks in the order of the ids; None for unknown ones."""
    if not ids or (yield from table.dimension(conn)) is None:
        return [None] * len(ids)
    keys = list(map(escaped, ids))
    rows = yield from ask(conn, filled(statements.GET, table.layout), [texts(list(set(keys)))])
    known = {row[0]: row for row in rows}
    # Rebuilt for each place: two places of one id are not one chunk to its owner.
    return [chunk_of(known[key]) if key in known else None for key in keys]


def count(conn: Any, table: Table) -> Flow[int]:
    """How many chunks there are."""
    if (yield from table.dimension(conn)) is None:
        return 0
    rows = yield from ask(conn, filled(statements.COUNT, table.layout))
    return int(rows[0][0])


def page(
    conn: Any, table: Table, size: int, tree: Filter | None, after: str | None
) -> Flow[tuple[list[Chunk], str | None]]:
    """One page of the chunks that satisfy a filter, and where the next begins; None at the end.

    Args:
        conn: A connection.
        table: The table.
        size: Most chunks.
        tree: The filter.
        after: What the page before ended with; None for the first.
    """
    if (yield from table.dimension(conn)) is None:
        return [], None
    where = condition(tree)
    chunks: list[Chunk] = []
    while len(chunks) < size:
        rows = yield from _following(conn, table, where, after, size - len(chunks))
        if not rows:
            return chunks, None
        after = rows[-1][0]
        found = map(chunk_of, rows)
        chunks += [chunk for chunk in found if matches(where.rest, lookup_of(chunk))]
    return chunks, after


def decided(conn: Any, table: Table, where: Condition) -> Flow[Condition]:
    """A condition that SQL decides alone: what was left over is decided here, chunk by chunk."""
    if where.rest is None:
        return where
    ids: list[str] = []
    after: str | None = None
    while rows := (yield from _following(conn, table, where, after, _PAGE)):
        ids += [row[0] for row in rows if matches(where.rest, lookup_of(chunk_of(row)))]
        after = rows[-1][0]
    return Condition(sql="id = ANY(%s::text[])", params=(ids,))


def _following(
    conn: Any, table: Table, where: Condition, after: str | None, most: int
) -> Flow[list[tuple[Any, ...]]]:
    if after is None:
        first = filled(statements.FIRST_PAGE, table.layout, where.sql)
        return (yield from ask(conn, first, [*where.params, most]))
    following = filled(statements.NEXT_PAGE, table.layout, where.sql)
    return (yield from ask(conn, following, [*where.params, after, most]))


def _nearest(
    conn: Any, table: Table, queries: Floats, top_k: int, where: Condition
) -> Flow[list[list[tuple[Any, ...]]]]:
    half, types = table.layout.is_half, conn.adapters.types
    # By itself, one query may be answered by several of the server's processes.
    if len(queries) == 1:
        single = filled(statements.NEAREST, table.layout, where.sql)
        return [
            (
                yield from ask(
                    conn, single, [packed(queries[0], half=half, types=types), *where.params, top_k]
                )
            )
        ]
    each = filled(statements.NEAREST_OF_EACH, table.layout, where.sql)
    rows = yield from ask(
        conn, each, [packed(queries, half=half, types=types), *where.params, top_k]
    )
    found: list[list[tuple[Any, ...]]] = [[] for _ in queries]
    for number, *row in rows:
        found[number - 1].append(tuple(row))
    return found


def _exactly(
    conn: Any, table: Table, queries: Floats, top_k: int, where: Condition
) -> Flow[list[list[tuple[Any, ...]]]]:
    # Only an index can answer in order, and only that is forbidden: others may still filter.
    yield from tell(conn, "SET LOCAL enable_indexscan = off")
    return (yield from _nearest(conn, table, queries, top_k, where))
