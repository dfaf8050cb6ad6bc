"""Chunks into the table and out of it: checked whole, sent in binary, one transaction a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError
from racto.core.filters import Filter
from racto.core.flows import Flow, step

from . import statements
from .batches import Batch, Load, load_of
from .escapes import escaped
from .failures import translated
from .filters import condition
from .packing import arrays, copied, texts
from .reading import decided
from .sessions import ask, tell
from .statements import filled
from .table import Table

FEW = 50
"""As many chunks are stored in one round trip; of more it is asked first which are known."""

ASKED = 10_000
"""Of how many ids the server is asked at once."""

_WORTH_A_THREAD = 500


def add(conn: Any, table: Table, chunks: Sequence[Chunk]) -> Flow[None]:
    """Store chunks; see :meth:`racto.stores.pgvector.PGVectorStore.add`."""
    if not chunks:
        return
    expected = (yield from table.dimension(conn)) or table.given
    load = yield from step(load_of, _aload_of, chunks, expected, half=table.layout.is_half)
    yield from table.prepare(conn, load.vectors.shape[1])
    stored, asked, known = 0, 0, frozenset[str]()
    for batch in load.batches(table.batch_size):
        try:
            if len(load.ids) > FEW and batch.start + len(batch.ids) > asked:
                asked = batch.start + max(len(batch.ids), ASKED)
                known = yield from _known(conn, table, load.ids[batch.start : asked])
            yield from _store(conn, table, batch, known if len(load.ids) > FEW else batch.ids)
        except Exception as error:
            if not stored:
                raise
            raise _partly(table, error, load, stored) from error
        stored = batch.stop


def delete(conn: Any, table: Table, ids: Sequence[str]) -> Flow[int]:
    """Remove chunks by id; says how many there were."""
    if not ids or (yield from table.dimension(conn)) is None:
        return 0
    keys = texts(list(set(map(escaped, ids))))
    return (yield from _delete(conn, table, "id = ANY(%s)", (keys,)))


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


def _known(conn: Any, table: Table, ids: Sequence[str]) -> Flow[frozenset[str]]:
    # A plan from when the table was small would read all of it each time.
    rows = yield from ask(conn, filled(statements.KNOWN, table.layout), [texts(ids)], prepare=False)
    return frozenset(row[0] for row in rows)


def _store(conn: Any, table: Table, batch: Batch, known: Collection[str]) -> Flow[None]:
    """Store a batch: all of it, or nothing."""
    import psycopg

    if not set(batch.ids).isdisjoint(known):
        return (yield from _upsert(conn, table, batch))
    # Without parameters a percent sign is one, and not two.
    statement = filled(statements.COPY, table.layout).replace("%%", "%")
    pieces = copied(batch.rows(), batch.vectors, half=table.layout.is_half)
    try:
        yield from step(_copy, _acopy, conn, statement, pieces)
    except psycopg.errors.UniqueViolation:
        # Another writer was faster with one of them: it is known now.
        yield from _upsert(conn, table, batch)


def _upsert(conn: Any, table: Table, batch: Batch) -> Flow[None]:
    rows = list(batch.rows())
    columns = arrays(
        rows,
        batch.vectors[: len(rows)],
        half=table.layout.is_half,
        types=conn.adapters.types,
    )
    yield from tell(conn, filled(statements.UPSERT, table.layout), columns)


def _copy(conn: Any, statement: str, pieces: Iterable[bytes]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in pieces:
            copy.write(piece)


async def _acopy(conn: Any, statement: str, pieces: Iterable[bytes]) -> None:
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in pieces:
            await copy.write(piece)


async def _aload_of(chunks: Sequence[Chunk], dimension: int | None, *, half: bool) -> Load:
    if len(chunks) < _WORTH_A_THREAD:
        return load_of(chunks, dimension, half=half)
    return await asyncio.to_thread(load_of, chunks, dimension, half=half)


def _partly(table: Table, error: Exception, load: Load, stored: int) -> PartialWriteError:
    import psycopg

    ids = [chunk.chunk_id for chunk in load.chunks]
    what = f"the table {table.layout.plain_name}"
    known = translated(error, what) if isinstance(error, psycopg.Error) else error
    retryable = known.retryable if isinstance(known, RactoGatewayError) else False
    return PartialWriteError(
        f"{what}: {stored} of {len(ids)} chunks are stored, the others are not: {known}",
        stored=ids[:stored],
        failed=dict.fromkeys(ids[stored:], str(known)),
        retryable=retryable,
    )
