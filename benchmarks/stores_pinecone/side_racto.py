"""racto's store: chunks in, chunks out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from data import TEXT, canned, vectors

_open = ExitStack()


def chunks(rows: int, dimension: int, kind: str = "array", shelves: int = 10) -> list[Any]:
    """Chunks as ingestion makes them, on so many shelves."""
    from racto.core import Chunk, ChunkMetadata

    return [
        Chunk(
            content=TEXT,
            chunk_id=f"c{number}",
            embedding=vector,
            metadata=ChunkMetadata(
                source="sea.md", page=number, extra={"shelf": 3 + number % shelves}
            ),
        )
        for number, vector in enumerate(vectors(rows, dimension, kind=kind))
    ]


def store_on(dimension: int, top_k: int) -> Any:
    """A store on a server that always finds the same chunks."""
    from racto.stores.pinecone import PineconeStore
    from racto.stores.pinecone.fields import FieldMaker
    from racto.stores.pinecone.records import record_of

    # All on the shelf that the filter names: a real index would answer with no other.
    maker, some = FieldMaker(), chunks(top_k, dimension, "list", 1)
    matches = [
        {"id": each.key, "score": 0.9, "values": each.values, "metadata": each.metadata}
        for each in (record_of(chunk, chunk.embedding, maker) for chunk in some)
    ]
    host = _open.enter_context(canned(dimension, matches))
    return PineconeStore("bench", api_key="key", host=host)


def add(rows: int, dimension: int, kind: str = "array") -> Callable[[], int]:
    """Chunks that are ready, a hundred a request."""
    store, ready = store_on(dimension, 1), chunks(rows, dimension, kind)

    def once() -> int:
        store.add(ready)
        return rows

    return once


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    store, queries = store_on(dimension, top_k), vectors(rows, dimension, 1)

    def once() -> int:
        for query in queries:
            assert len(store.search(query, top_k)) == top_k
        return rows

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time with a filter."""
    store, queries = store_on(dimension, top_k), vectors(rows, dimension, 1)

    def once() -> int:
        for query in queries:
            assert len(store.search(query, top_k, {"shelf": 3})) == top_k
        return rows

    return once


def search_batch(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """All queries in one call."""
    store, queries = store_on(dimension, top_k), vectors(rows, dimension, 1)

    def once() -> int:
        assert len(store.search_batch(queries, top_k)) == rows
        return rows

    return once
