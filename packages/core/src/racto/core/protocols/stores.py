"""Vector stores: the contract that all seven engines keep, and their optional powers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from racto.core.documents import Chunk, RetrievalResult
from racto.core.embeddings import Matrix, Vector


@runtime_checkable
class VectorStore(Protocol):
    """Keeps chunks by id and finds the nearest to a vector.

    Safe to share between threads and tasks. A store learns its dimension from the first chunk
    when it is not told. What a search, a lookup or a scan returns is the caller's own: a change to
    returned metadata, nested values included, never reaches the store or another caller.
    """

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            PartialWriteError: If the engine failed half-way; says what is stored.
        """
        ...

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        ...

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter as :mod:`racto.core.filters` defines it, applied before
                the nearest are chosen.

        Returns:
            At most ``top_k`` results, ranks from 1, a higher score being nearer.

        Raises:
            DimensionMismatchError: If the query has another length than the stored vectors.
            FilterError: If the filter is malformed.
            ValueError: If ``top_k`` is below 1.
        """
        ...

    async def asearch(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        ...

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        ...

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        ...

    def clear(self) -> None:
        """Remove all chunks; the store stays usable."""
        ...

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        ...

    def count(self) -> int:
        """How many chunks are stored."""
        ...

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        ...

    def close(self) -> None:
        """Give back connections and files; calling it twice is fine, using it after is not."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...


@runtime_checkable
class BatchSearch(Protocol):
    """The power to answer many queries in one pass."""

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``, shape (n, d); one result list a row."""
        ...

    async def asearch_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`search_batch`."""
        ...


@runtime_checkable
class FilterDelete(Protocol):
    """The power to remove by filter, as re-ingestion of one document needs."""

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty; use ``clear`` to remove everything.
        """
        ...

    async def adelete_where(self, filters: Mapping[str, Any]) -> int:
        """Async twin of :meth:`delete_where`."""
        ...


@runtime_checkable
class ChunkLookup(Protocol):
    """The power to fetch chunks by id."""

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        ...

    async def aget(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Async twin of :meth:`get`."""
        ...


@runtime_checkable
class ChunkScan(Protocol):
    """The power to go through the chunks, for migrations, keyword indexes and neighbours."""

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, each exactly once, in pages.

        Args:
            page_size: Most chunks a page, at least 1.
            filters: Metadata filter, such as the document whose neighbouring chunks are wanted.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``page_size`` is below 1.
        """
        ...

    def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        ...


@runtime_checkable
class Collection(Protocol):
    """The power to manage the collection itself: explicitly, never as a side effect."""

    def exists(self) -> bool:
        """Whether the collection is there."""
        ...

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        ...

    def create(self, dimension: int) -> None:
        """Create it for vectors of this length; fine if it is there with the same length."""
        ...

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        ...

    def drop(self) -> None:
        """Remove it with all it holds; fine if it is not there."""
        ...

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        ...
