"""Chunks into the table and out of it: checked whole, copied in binary, one transaction a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError
from racto.core.filters import Filter
from racto.core.flows import Flow, step

from . import statements
from .escapes import escaped
from .failures import translated
from .filters import condition
from .reading import decided
from .records import batches, copied, row_of
from .sessions import ask, tell, transaction
from .statements import filled
from .table import Table
from .vectors import rows_of

MOST_BYTES = 16 << 20
"""About how many bytes a batch has at most; a single chunk may have more."""


def add(conn: Any, table: Table, chunks: Sequence[Chunk]) -> Flow[None]:
    """Store chunks; see :meth:`racto.stores.pgvector.PGVectorStore.add`."""
    # Of several chunks with one id the last counts; the server refuses two in one statement.
    latest = {chunk.chunk_id: chunk for chunk in chunks}
    if not latest:
        return
    # All writers lock in the order of the ids, so that two of them never wait for each other.
    wanted = [latest[chunk_id] for chunk_id in sorted(latest)]
    layout = table.layout
    known = (yield from table.dimension(conn)) or table.given
    vectors = rows_of(wanted, known, half=layout.kind == "halfvec")
    rows = [row_of(chunk) for chunk in wanted]
    yield from table.prepare(conn, vectors.shape[1])
    stored = 0
    for part in batches(rows, vectors.shape[1] * 4, table.batch_size, MOST_BYTES):
        data = copied(rows[part], vectors[part], half=layout.kind == "halfvec")
        try:
            yield from _store(conn, table, [row.id for row in rows[part]], data)
        except Exception as error:
            if not stored:
                raise
            raise _partly(table, error, [chunk.chunk_id for chunk in wanted], stored) from error
        stored = part.stop


def delete(conn: Any, table: Table, ids: Sequence[str]) -> Flow[int]:
    """Remove chunks by id; says how many there were."""
    if not ids or (yield from table.dimension(conn)) is None:
        return 0
    keys = list(set(map(escaped, ids)))
    return (yield from _delete(conn, table, "id = ANY(%s::text[])", (keys,)))


def delete_where(conn: Any, table: Table, tree: Filter) -> Flow[int]:
    """Remove the chunks that satisfy a filter; says how many there were."""
    if (yield from table.dimension(conn)) is None:
        return 0
    wanted = yield from decided(conn, table, condition(tree))
    return (yield from _delete(conn, table, wanted.sql, wanted.params))


def clear(conn: Any, table: Table) -> Flow[None]:
    """Remove all chunks and give their space back."""
    if (yield from table.dimension(conn)) is not None:
        yield from tell(conn, f"TRUNCATE {table.layout.name}")


def _delete(conn: Any, table: Table, where: str, params: tuple[Any, ...]) -> Flow[int]:
    return (yield from tell(conn, filled(statements.DELETE, table.layout, where), params))


def _store(conn: Any, table: Table, ids: list[str], data: bytes) -> Flow[None]:
    """Store a batch: all of it, or nothing."""
    import psycopg

    # A plan from when the table was small would read all of it for every batch.
    query = filled(statements.KNOWN, table.layout)
    known = yield from ask(conn, query, [ids], prepare=False)
    if known[0][0]:
        return (yield from _replace(conn, table, data))
    try:
        # Twice as fast as the way round, and nearly all chunks are new ones.
        yield from _copied(conn, table, statements.COPY, data)
    except psycopg.errors.UniqueViolation:
        # Another writer was faster with one of them: it is known now.
        yield from _replace(conn, table, data)


def _replace(conn: Any, table: Table, data: bytes) -> Flow[None]:
    yield from table.prepare_loading(conn)
    yield from transaction(conn, _upserted(conn, table, data))


def _upserted(conn: Any, table: Table, data: bytes) -> Flow[None]:
    yield from _copied(conn, table, statements.COPY_ASIDE, data)
    yield from tell(conn, filled(statements.UPSERT, table.layout))


def _copied(conn: Any, table: Table, template: str, data: bytes) -> Flow[None]:
    # Without parameters a percent sign is one, and not two.
    statement = filled(template, table.layout).replace("%%", "%")
    yield from step(_copy, _acopy, conn, statement, data)


def _copy(conn: Any, statement: str, data: bytes) -> None:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(data)


async def _acopy(conn: Any, statement: str, data: bytes) -> None:
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(data)


def _partly(table: Table, error: Exception, ids: list[str], stored: int) -> PartialWriteError:
    import psycopg

    what = f"the table {table.layout.plain_name}"
    known = translated(error, what) if isinstance(error, psycopg.Error) else error
    retryable = known.retryable if isinstance(known, RactoGatewayError) else False
    return PartialWriteError(
        f"{what}: {stored} of {len(ids)} chunks are stored, the others are not: {known}",
        stored=ids[:stored],
        failed=dict.fromkeys(ids[stored:], str(known)),
        retryable=retryable,
    )
