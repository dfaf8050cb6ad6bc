"""QdrantStore: chunks in a collection of Qdrant, in memory, in a folder, or on a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.filters import Filter, parse_filter
from racto.core.flows import arun, run
from racto.core.retries import RetryPolicy
from racto.core.vectors import Matrix, Vector

from . import hybrid, reading, searching, writing
from .link import Address, Link
from .plan import HNSW, Distance, FieldKind, Plan, Quantization
from .shelf import Shelf


class QdrantStore:
    """Keeps chunks in a collection of Qdrant; safe to share between threads and tasks.

    Without ``url`` and ``path`` a Qdrant in plain Python keeps everything in memory: for tests and
    first steps. The collection is made by :meth:`create` or by the first :meth:`add`.

    Args:
        collection: The collection's name: a namespace of its own.
        url: URL of a server, such as ``http://localhost:6333``.
        api_key: Its key; never shown in errors or by ``repr``.
        distance: ``cosine``, ``dot``, ``euclid`` or ``manhattan``; the score of the last two is the
            distance with its sign turned. With ``cosine`` vectors are kept at length 1.
        dimension: Length of the vectors; that of the collection or the first chunk when not given.
        batch_size: Most chunks a call; a call is smaller where they would be over 16 MiB.
        path: Folder of a local Qdrant instead of a server; one store at a time can have it open.
        grpc: Whether to speak gRPC with the server, which sends vectors in half the bytes.
        grpc_port: The server's port for it.
        timeout: Seconds that one call may take, rounded up to whole ones.
        retry: How often to repeat a call that failed on the way; three attempts unless given. All
            calls are safe to repeat.
        vector_name: Name of the vector, for collections with named ones.
        hnsw: The graph by which neighbours are found; None leaves it to the server.
        quantization: Compressed copies of the vectors; None makes none.
        indexes: Metadata keys that the server indexes for filters, with the kind of their values;
            ``doc_id``, ``source`` and ``chunk_index`` always are.
        keywords: Whether to keep the words of each text too, for :meth:`search_hybrid`.
        on_disk: Whether the server reads vectors from disk; None leaves it to the server.
        exact: Whether to compare a query with all vectors instead of following the graph.
        return_vectors: Whether searches give chunks with their vectors.

    Raises:
        ConfigurationError: If one of them cannot be; nothing is connected to yet.
    """

    def __init__(
        self,
        collection: str = "ractogateway",
        *,
        url: str | None = None,
        api_key: str | None = None,
        distance: Distance = "cosine",
        dimension: int | None = None,
        batch_size: int = 100,
        path: str | PathLike[str] | None = None,
        grpc: bool = False,
        grpc_port: int = 6334,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        vector_name: str = "",
        hnsw: HNSW | None = None,
        quantization: Quantization | None = None,
        indexes: Mapping[str, FieldKind] | None = None,
        keywords: bool = False,
        on_disk: bool | None = None,
        exact: bool = False,
        return_vectors: bool = False,
    ) -> None:
        if url is not None and path is not None:
            raise ConfigurationError("give url for a server or path for a folder, not both")
        if url is None and (api_key is not None or grpc):
            raise ConfigurationError("api_key and grpc are for a server; give its url")
        if batch_size < 1 or timeout <= 0 or (dimension is not None and dimension < 1):
            raise ConfigurationError(
                f"batch_size and dimension must be at least 1 and timeout above 0, not "
                f"{batch_size}, {dimension} and {timeout}"
            )
        plan = Plan(
            name=collection, distance=distance, vector_name=vector_name, hnsw=hnsw,
            quantization=quantization, indexes=dict(indexes or {}), keywords=keywords,
            on_disk=on_disk, exact=exact,
        )  # fmt: skip
        address = Address(
            url=url, path=None if path is None else fspath(path), api_key=api_key,
            grpc_port=grpc_port if grpc else None, timeout=timeout,
        )  # fmt: skip
        self._link = Link(address, retry or RetryPolicy())
        self._shelf = Shelf(self._link, plan, dimension=dimension)
        self._batch_size = batch_size
        self._with_vectors = return_vectors

    def __repr__(self) -> str:
        closed = ", closed" if self._link.is_closed else ""
        return f"QdrantStore({self._shelf.plan.name!r} at {self._link.address}{closed})"

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self._shelf.plan.name

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

    def search_hybrid(
        self,
        query: str,
        embedding: Vector,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
    ) -> list[RetrievalResult]:
        """Find by meaning and by words at once: both rankings, fused by reciprocal ranks.

        Args:
            query: The question, for its words (BM25).
            embedding: Its vector, of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter for both rankings.

        Returns:
            At most ``top_k`` results, ranks from 1; the score is the fusion's.

        Raises:
            ConfigurationError: If the store was made without ``keywords=True``.
        """
        return run(hybrid.search(self._shelf, query, embedding, top_k, filters, self._with_vectors))

    async def asearch_hybrid(
        self,
        query: str,
        embedding: Vector,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search_hybrid`."""
        flow = hybrid.search(self._shelf, query, embedding, top_k, filters, self._with_vectors)
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
        """All chunks that satisfy the filter, with their vectors, in the order of their points' ids.

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

        A local Qdrant in memory forgets everything.
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
