"""racto's store, its defaults but for the size of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server import dsn, facts, matrix, text


def add(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """Chunks that are new, into an empty table."""
    store, chunks = _store("racto_add", batch_size), _chunks(rows, dimension)
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


def search(
    rows: int, dimension: int, top_k: int, filters: dict[str, Any] | None = None
) -> Callable[[], int]:
    """One query at a time."""
    store, queries = _filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        store.search(queries[next(turn) % 64], top_k, filters)
        return 1

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time among every tenth chunk."""
    return search(rows, dimension, top_k, {"shelf": 3})


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call."""
    store, queries = _filled(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        store.search_batch(queries, top_k)
        return batch

    return once


def _store(table: str, batch_size: int) -> Any:
    from racto.stores.pgvector import PGVectorStore

    return PGVectorStore(dsn(), table=table, batch_size=batch_size)


def _filled(rows: int, dimension: int) -> Any:
    store = _store("racto_filled", 1000)
    store.drop()
    store.add(_chunks(rows, dimension))
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
