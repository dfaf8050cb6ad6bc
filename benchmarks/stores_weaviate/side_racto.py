"""racto's store: chunks in, chunks out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data import KEPT, TEXT, served, vectors


def chunks(rows: int, dimension: int, kind: str = "array") -> list[Any]:
    """Chunks as ingestion makes them."""
    from racto.core import Chunk, ChunkMetadata

    return [
        Chunk(
            content=TEXT,
            chunk_id=f"c{number}",
            embedding=vector,
            metadata=ChunkMetadata(source="sea.md", page=number, extra={"shelf": number % 10}),
        )
        for number, vector in enumerate(vectors(rows, dimension, kind=kind))
    ]


def empty() -> Any:
    """A store on a server of its own."""
    from racto.stores.weaviate import WeaviateStore

    rest, grpc = served()
    return WeaviateStore("Bench", url=f"http://127.0.0.1:{rest}", grpc_port=grpc)


def add(rows: int, dimension: int, kind: str = "array") -> Callable[[], int]:
    """Chunks that are ready, a hundred a request."""
    store, ready = empty(), chunks(rows, dimension, kind)

    def once() -> int:
        store.add(ready)
        return rows

    return once


def search(rows: int, dimension: int, top_k: int, shelf: int | None = None) -> Callable[[], int]:
    """One query at a time, perhaps among every tenth chunk."""
    store, queries = empty(), vectors(rows, dimension, seed=1)
    store.add(chunks(KEPT, dimension))
    filters = None if shelf is None else {"shelf": shelf}

    def once() -> int:
        for query in queries:
            assert len(store.search(query, top_k, filters)) == top_k
        return len(queries)

    return once


def search_batch(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """All queries in one call."""
    store, queries = empty(), vectors(rows, dimension, seed=1)
    store.add(chunks(KEPT, dimension))

    def once() -> int:
        assert len(store.search_batch(queries, top_k)) == rows
        return rows

    return once
