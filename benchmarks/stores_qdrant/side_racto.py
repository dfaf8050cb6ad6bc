"""racto's store on Qdrant in memory: chunks with text and metadata, exact to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data import matrix, text


def add(rows: int, dimension: int) -> Callable[[], int]:
    """Chunks that are ready, into an empty store."""
    from racto.stores.qdrant import QdrantStore

    ready = chunks(rows, dimension)

    def once() -> int:
        store = QdrantStore(batch_size=100)
        store.add(ready)
        store.close()
        return rows

    return once


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    store, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        assert len(store.search(queries[next(turn) % 64], top_k)) == top_k
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call."""
    store, queries = filled(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        return len(store.search_batch(queries, top_k))

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time among every tenth chunk."""
    store, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        found = store.search(queries[next(turn) % 64], top_k, {"shelf": "s3"})
        assert len(found) == top_k
        return 1

    return once


def filled(rows: int, dimension: int) -> Any:
    """A store of so many chunks."""
    from racto.stores.qdrant import QdrantStore

    store = QdrantStore()
    store.add(chunks(rows, dimension))
    return store


def chunks(rows: int, dimension: int) -> list[Any]:
    """Chunks as a chunker and an embedder make them."""
    from racto.core import Chunk, ChunkMetadata

    shelves = [{"shelf": f"s{number}"} for number in range(10)]
    return [
        Chunk(
            content=text(number),
            chunk_id=f"f3b1c9d2e4a5:{number * 460}-{number * 460 + 512}",
            doc_id="f3b1c9d2e4a5",
            embedding=vector,
            metadata=ChunkMetadata(
                source="corpus/handbook.md",
                doc_id="f3b1c9d2e4a5",
                chunk_index=number,
                total_chunks=rows,
                start_char=number * 460,
                end_char=number * 460 + 512,
                extra=shelves[number % 10],
            ),
        )
        for number, vector in enumerate(matrix(rows, dimension, seed=0))
    ]
