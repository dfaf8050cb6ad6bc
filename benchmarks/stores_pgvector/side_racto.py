"""racto's store, its defaults but for the size of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server import dsn, facts, loading_dsn, matrix, settle, text
from side_psycopg import copy_binary


def add(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """Chunks that are new, into an empty table."""
    store, chunks = _store("racto_add", batch_size), _chunks(rows, dimension)
    store.drop()
    store.create(dimension)

    def once() -> int:
        store.clear()
        store.add(chunks)
        return rows

    return once


def replace(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """Chunks that are known, all replaced."""
    store, chunks = _store("racto_replace", batch_size), _chunks(rows, dimension)
    store.drop()
    store.add(chunks)

    def once() -> int:
        store.add(chunks)
        return rows

    return once


def bare_copy(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """The bare client's COPY, beside its own executemany."""
    return copy_binary(rows, dimension, batch_size)


def search(
    rows: int,
    dimension: int,
    top_k: int,
    index: str | None,
    filters: dict[str, Any] | None = None,
) -> Callable[[], int]:
    """One query at a time."""
    store, queries = _filled(rows, dimension, index), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        store.search(queries[next(turn) % 64], top_k, filters)
        return 1

    return once


def search_filtered(rows: int, dimension: int, top_k: int, index: str | None) -> Callable[[], int]:
    """One query at a time among every tenth chunk."""
    return search(rows, dimension, top_k, index, {"shelf": 3})


def search_batch(
    rows: int, dimension: int, top_k: int, index: str | None, batch: int
) -> Callable[[], int]:
    """A batch of queries in one call."""
    store, queries = _filled(rows, dimension, index), matrix(batch, dimension, seed=1)

    def once() -> int:
        store.search_batch(queries, top_k)
        return batch

    return once


def _store(table: str, batch_size: int, *, server: str = "", **options: Any) -> Any:
    from racto.stores.pgvector import PGVectorStore

    where = server or dsn()
    return PGVectorStore(
        where, table=table, batch_size=batch_size, statement_timeout=600, **options
    )


def _filled(rows: int, dimension: int, index: str | None) -> Any:
    table = f"racto_{rows}_{index or 'exact'}"
    store = _store(table, 1000, index=index)
    # Another case may have filled it: the next one takes it as it is.
    if store.count() != rows:
        store.drop()
        loader = _store(table, 1000)
        loader.add(_chunks(rows, dimension))
        loader.close()
        if index:
            builder = _store(table, 1000, server=loading_dsn(), index=index)
            builder.build_index()
            builder.close()
        settle(table)
    return store


def _chunks(rows: int, dimension: int) -> list[Any]:
    from racto.core import Chunk, ChunkMetadata

    return [
        Chunk(
            content=text(number),
            chunk_id=f"f3b1c9d2e4a5:{number * 460}-{number * 460 + 512}",
            doc_id="f3b1c9d2e4a5",
            embedding=vector,
            metadata=ChunkMetadata(**facts(number)),
        )
        for number, vector in enumerate(matrix(rows, dimension))
    ]
