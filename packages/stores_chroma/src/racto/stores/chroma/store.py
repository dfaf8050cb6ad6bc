"""ChromaStore: chunks in a collection of Chroma, in memory, in a folder, or on a server."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.filters import Filter, parse_filter
from racto.core.flows import arun, run
from racto.core.retries import RetryPolicy
from racto.core.vectors import Matrix, Vector

from . import reading, searching, writing
from .link import Address, Link
from .plan import HNSW, Distance, Plan, collection_name
from .shelf import Shelf

# Chroma in this process refuses more.
_LARGEST_BATCH = 5000


class ChromaStore:
    """Keeps chunks in a collection of Chroma; safe to share between threads and tasks.

    Without ``path`` and ``host`` everything is in memory and goes with :meth:`close`. The collection
    is made by :meth:`create` or by the first :meth:`add`. No embedding function is ever involved:
    chunks come with their vectors.

    Args:
        collection: The collection's name; one that Chroma refuses is replaced by a hash of it.
        path: Folder of a Chroma in this process; one process at a time can use it.
        host: Host of a server instead.
        port: The server's port.
        distance_function: ``cosine``, ``l2`` (the score is the Euclidean distance with its sign
            turned), or ``ip`` (the inner product).
        dimension: Length of the vectors; that of the collection or the first chunk when not given.
        batch_size: Most chunks a call, up to 5,000; a call is smaller where they would be over
            16 MiB.
        ssl: Whether the server speaks TLS.
        headers: Sent to the server with each request, such as ``{"x-chroma-token": "..."}``; never
            shown in errors or by ``repr``.
        tenant: Chroma's tenant.
        database: Chroma's database in the tenant.
        timeout: Seconds that one call to a server may take.
        retry: How often to repeat a call that failed on the way; three attempts unless given. All
            calls are safe to repeat.
        hnsw: The graph by which neighbours are found; None leaves it to Chroma.
        return_vectors: Whether searches give chunks with their vectors.

    Raises:
        ConfigurationError: If one of them cannot be; nothing is connected to yet.
    """

    def __init__(
        self,
        collection: str = "ractogateway",
        *,
        path: str | PathLike[str] | None = None,
        host: str | None = None,
        port: int = 8000,
        distance_function: Distance = "cosine",
        dimension: int | None = None,
        batch_size: int = 1000,
        ssl: bool = False,
        headers: Mapping[str, str] | None = None,
        tenant: str = "default_tenant",
        database: str = "default_database",
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        hnsw: HNSW | None = None,
        return_vectors: bool = False,
    ) -> None:
        if host is not None and path is not None:
            raise ConfigurationError("give host for a server or path for a folder, not both")
        if host is None and (headers or ssl):
            raise ConfigurationError("headers and ssl are for a server; give its host")
        if (
            not 1 <= batch_size <= _LARGEST_BATCH
            or timeout <= 0
            or (dimension is not None and dimension < 1)
        ):
            raise ConfigurationError(
                f"batch_size is 1 to {_LARGEST_BATCH}, dimension at least 1 and timeout above 0, "
                f"not {batch_size}, {dimension} and {timeout}"
            )
        name = collection_name(collection)
        if host is None and path is None:
            # All Chromas in the memory of one process are one; a name of its own keeps this apart.
            name = f"{name[:400]}-{secrets.token_hex(8)}"
        address = Address(
            path=None if path is None else fspath(path), host=host, port=port, ssl=ssl,
            headers=dict(headers or {}), tenant=tenant, database=database, timeout=timeout,
        )  # fmt: skip
        self._link = Link(address, name, retry=retry or RetryPolicy())
        plan = Plan(distance=distance_function, hnsw=hnsw)
        self._shelf = Shelf(self._link, plan, dimension=dimension)
        self._collection = collection
        self._batch_size = batch_size
        self._with_vectors = return_vectors

    def __repr__(self) -> str:
        closed = ", closed" if self._link.is_closed else ""
        return f"ChromaStore({self._collection!r} at {self._link.address}{closed})"

    @property
    def collection(self) -> str:
        """The collection's name, as it was given."""
        return self._collection

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Args:
            chunks: Chunks with embeddings of one length.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            StoreError: If metadata holds what cannot be stored; nothing is stored.
            PartialWriteError: If the server failed after the first batch; says what is stored.
            StoreClosedError: If the store was closed.
        """
        run(writing.add(self._shelf, chunks, self._batch_size))

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        await arun(writing.add(self._shelf, chunks, self._batch_size))

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter as :mod:`racto.core.filters` defines it, applied before the
                nearest are chosen.

        Returns:
            At most ``top_k`` results, ranks from 1, a higher score being nearer; empty where
            there is no collection.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If the query has another length.
            InvalidEmbeddingError: If it holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        return self.search_batch([embedding], top_k, filters)[0]

    async def asearch(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        found = await self.asearch_batch([embedding], top_k, filters)
        return found[0]

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``, up to 64 of them in one call.

        Args:
            embeddings: Query vectors of shape (n, d).
            top_k: Most results a query, at least 1.
            filters: Metadata filter for all of them.

        Returns:
            What :meth:`search` would return, in the order of the queries.
        """
        return run(searching.search(self._shelf, embeddings, top_k, filters, self._with_vectors))

    async def asearch_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`search_batch`."""
        flow = searching.search(self._shelf, embeddings, top_k, filters, self._with_vectors)
        return await arun(flow)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        run(writing.delete(self._shelf, chunk_ids))

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        await arun(writing.delete(self._shelf, chunk_ids))

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        return run(writing.delete_where(self._shelf, filters))

    async def adelete_where(self, filters: Mapping[str, Any]) -> int:
        """Async twin of :meth:`delete_where`."""
        return await arun(writing.delete_where(self._shelf, filters))

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        return run(reading.get(self._shelf, chunk_ids))

    async def aget(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Async twin of :meth:`get`."""
        return await arun(reading.get(self._shelf, chunk_ids))

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in Chroma's order.

        Args:
            page_size: Most chunks a page, at least 1; a page may be shorter.
            filters: Metadata filter; None or an empty one takes all.

        Raises:
            ConfigurationError: If ``page_size`` is below 1, or the filter is malformed.
        """
        return reading.pages(self._shelf, *self._begin(page_size, filters))

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        async for page in reading.apages(self._shelf, *self._begin(page_size, filters)):
            yield page

    def clear(self) -> None:
        """Remove all chunks; the collection, its dimension and its settings stay."""
        run(writing.clear(self._shelf))

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(writing.clear(self._shelf))

    def count(self) -> int:
        """How many chunks are stored, counted exactly."""
        return run(reading.count(self._shelf))

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        return await arun(reading.count(self._shelf))

    def close(self) -> None:
        """Give back connections and files; calling it twice is fine, using the store after is not.

        A Chroma in memory forgets everything.
        """
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._link.aclose()

    def exists(self) -> bool:
        """Whether the collection is there."""
        return run(self._shelf.exists())

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        return await arun(self._shelf.exists())

    def create(self, dimension: int) -> None:
        """Make the collection for vectors of this length; fine if it is there with the same length.

        Raises:
            DimensionMismatchError: If it is there with another length.
            ConfigurationError: If it is there and compares differently.
        """
        run(self._shelf.create(dimension))

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        await arun(self._shelf.create(dimension))

    def drop(self) -> None:
        """Remove the collection with all it holds; fine if it is not there."""
        run(self._shelf.drop())

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        await arun(self._shelf.drop())

    def _begin(
        self, page_size: int, filters: Mapping[str, Any] | None
    ) -> tuple[int, Filter | None]:
        self._link.check_open()
        if page_size < 1:
            raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
        return page_size, parse_filter(filters)
