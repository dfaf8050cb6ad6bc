"""The reference package's own in-memory store, vectors as lists of floats."""

from __future__ import annotations

from collections.abc import Callable

from data import lists, text
from ractogateway.rag import Chunk, ChunkMetadata, InMemoryVectorStore


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    store = InMemoryVectorStore()
    store.add(_chunks(rows, dimension))
    query = lists(1, dimension, seed=1)[0]

    def once() -> int:
        store.search(query, top_k=top_k)
        return 1

    return once


def add(rows: int, dimension: int) -> Callable[[], int]:
    """Chunks that are ready, into an empty store."""
    chunks = _chunks(rows, dimension)

    def once() -> int:
        InMemoryVectorStore().add(chunks)
        return rows

    return once


def _chunks(rows: int, dimension: int) -> list[Chunk]:
    return [
        Chunk(
            content=text(number),
            doc_id="corpus",
            embedding=vector,
            metadata=ChunkMetadata(
                source="corpus/handbook.md",
                chunk_index=number,
                total_chunks=rows,
                start_char=number * 460,
                end_char=number * 460 + 512,
                doc_id="corpus",
            ),
        )
        for number, vector in enumerate(lists(rows, dimension))
    ]
