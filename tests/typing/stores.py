"""Stores as a user types them: a class keeps a protocol by its shape, and powers narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_type

from racto.core import Chunk, Document, RetrievalResult, Vector, threaded
from racto.core.documents import cut_all
from racto.core.protocols import ChunkLookup, FilterDelete, VectorStore


class ListStore:
    """Keeps chunks in a list; inherits from nothing of racto's."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store."""
        self.chunks.extend(chunks)

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find."""
        found = self.chunks[:top_k]
        return [RetrievalResult(chunk=one, score=1.0, rank=n) for n, one in enumerate(found, 1)]

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove."""
        self.chunks = [chunk for chunk in self.chunks if chunk.chunk_id not in chunk_ids]

    def clear(self) -> None:
        """Remove all."""
        self.chunks = []

    def count(self) -> int:
        """Count."""
        return len(self.chunks)

    def close(self) -> None:
        """Nothing is open."""

    aadd, asearch, adelete = threaded(add), threaded(search), threaded(delete)
    aclear, acount, aclose = threaded(clear), threaded(count), threaded(close)


class NoFilterStore(ListStore):
    """Breaks the protocol: it cannot filter."""

    def search(  # type: ignore[override]
        self, embedding: Vector, top_k: int = 5
    ) -> list[RetrievalResult]:
        """Find."""
        return []


def use(store: VectorStore) -> int:
    """What any store gives."""
    assert_type(store.search([0.1, 0.2], 3, {"lang": "en"}), list[RetrievalResult])
    if isinstance(store, FilterDelete):
        return store.delete_where({"doc_id": "d"})
    if isinstance(store, ChunkLookup):
        assert_type(store.get(["a"]), list[Chunk | None])
    return store.count()


async def ause(store: VectorStore) -> int:
    """The same without blocking."""
    assert_type(await store.asearch([0.1]), list[RetrievalResult])
    return await store.acount()


use(ListStore())
use(NoFilterStore())  # type: ignore[arg-type]

document = Document(content="Hello", source="a.txt")
assert_type(cut_all(document, [0], [5]), list[Chunk])
assert_type(document.page_at(0), int | None)
Document("Hello", "a.txt")  # type: ignore[call-arg]
document.content = "other"  # type: ignore[misc]
