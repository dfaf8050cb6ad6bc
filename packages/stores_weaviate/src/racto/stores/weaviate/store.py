"""The store: chunks in a class of Weaviate, or in one tenant of it, in both voices."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError, FilterError
from racto.core.filters import parse_filter
from racto.core.flows import Flow, arun, gather, run
from racto.core.vectors import Matrix, Vector

from . import managing, reading, searching, writing
from .connections import Address, Connections
from .vectors import numbers

_DISTANCES = ("cosine", "l2-squared", "dot")
_CLASS = re.compile(r"[A-Z][_0-9A-Za-z]{0,255}")
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Queries of a batch that are under way at once; Weaviate has no request for several.
_WIDTH = 8


class WeaviateStore:
    """Keeps chunks in a class of Weaviate and finds the nearest to a vector.

    The class is made by :meth:`create`, or by the first :meth:`add`, for vectors that come from
    outside. Text and metadata come back whole: an object holds the chunk as JSON, beside digests
    to filter on. With a ``tenant`` the class has many, isolated from each other.

    Requests that are throttled, or that Weaviate cannot serve just now, are tried again up to
    three times with growing pauses, as long as ``timeout`` lasts.

    Args:
        class_name: Name of the class: a capital, then letters, digits and underscores.
        url: Address of the REST API, such as ``http://localhost:8080``, or of a cluster in
            Weaviate's cloud; None starts Weaviate inside this process, which downloads it once.
        api_key: The key, where the service wants one.
        additional_headers: More headers for each request.
        distance_metric: ``cosine``, ``l2-squared`` or ``dot``; a class that is there must have it.
        batch_size: Most chunks a request, at least 1; requests stay below 10 MB besides.
        tenant: Name of the tenant; None for a class without tenants.
        grpc_port: Port of the gRPC API; in Weaviate's cloud it is known.
        timeout: Seconds that one attempt of a request may take; none begins after as many.
        include_vectors: Whether results of a search carry their vectors.

    Raises:
        ConfigurationError: If an argument is out of range.
    """

    def __init__(
        self,
        class_name: str = "RactoChunk",
        *,
        url: str | None = None,
        api_key: str | None = None,
        additional_headers: Mapping[str, str] | None = None,
        distance_metric: str = "cosine",
        batch_size: int = 100,
        tenant: str | None = None,
        grpc_port: int = 50051,
        timeout: float = 30.0,
        include_vectors: bool = True,
    ) -> None:
        _check(class_name, tenant, distance_metric, batch_size, timeout)
        self._batch_size, self._with_values = batch_size, include_vectors
        address = Address(
            url=url,
            grpc_port=grpc_port,
            api_key=api_key,
            headers=dict(additional_headers or {}),
            timeout=timeout,
        )
        self._link = Connections(class_name, tenant=tenant, address=address)
        self._space = managing.Space(self._link, distance_metric)

    def __repr__(self) -> str:
        return f"WeaviateStore({self._link.name!r}, tenant={self._link.tenant!r})"

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Args:
            chunks: Chunks with embeddings of the class's length.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            PartialWriteError: If some were refused or a later batch failed; says what is stored.
            StoreError: If the first batch failed; nothing is stored.
        """
        run(writing.add(self._space, chunks, self._batch_size))

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        await arun(writing.add(self._space, chunks, self._batch_size))

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1. Beyond 10,000 all chunks are read and compared here.
            filters: Metadata filter. Weaviate applies what it can say of it before it ranks; the
                rest is decided on candidates, of which more are fetched until enough are found.

        Returns:
            At most ``top_k`` results, ranks from 1. Scores are the cosine, the product, or minus
            the distance, as the class's distance is.

        Raises:
            DimensionMismatchError: If the query has another length than the class.
            FilterError: If the filter is malformed.
            ConfigurationError: If ``top_k`` is below 1.
            StoreError: If Weaviate failed.
        """
        return run(self._search(embedding, top_k, filters))

    async def asearch(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        return await arun(self._search(embedding, top_k, filters))

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``, eight requests at a time.

        Args:
            embeddings: Query vectors of shape (n, d).
            top_k: Most results a query, at least 1.
            filters: Metadata filter for all of them.

        Returns:
            What :meth:`search` would return, in the order of the queries.
        """
        return run(self._search_batch(embeddings, top_k, filters))

    async def asearch_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`search_batch`."""
        return await arun(self._search_batch(embeddings, top_k, filters))

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        run(writing.remove(self._space, chunk_ids))

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        await arun(writing.remove(self._space, chunk_ids))

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        return run(self._delete_where(filters))

    async def adelete_where(self, filters: Mapping[str, Any]) -> int:
        """Async twin of :meth:`delete_where`."""
        return await arun(self._delete_where(filters))

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        return run(reading.look_up(self._space, chunk_ids))

    async def aget(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Async twin of :meth:`get`."""
        return await arun(reading.look_up(self._space, chunk_ids))

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in pages.

        Args:
            page_size: Most chunks a page, at least 1; Weaviate is asked for 100 at a time.
            filters: Metadata filter; None or an empty one takes all.

        Raises:
            ConfigurationError: If ``page_size`` is below 1.
            FilterError: If the filter is malformed.
        """
        return _pages(self._walk(page_size, filters))

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        walk = self._walk(page_size, filters)
        while page := await arun(walk.page()):
            yield page

    def clear(self) -> None:
        """Remove all chunks; the class stays."""
        run(writing.clear(self._space))

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(writing.clear(self._space))

    def count(self) -> int:
        """How many chunks the class or the tenant has."""
        return run(reading.count(self._space))

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        return await arun(reading.count(self._space))

    def exists(self) -> bool:
        """Whether the class is there."""
        return run(self._exists())

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        return await arun(self._exists())

    def create(self, dimension: int) -> None:
        """Make the class; fine if it is there as wanted.

        Raises:
            ConfigurationError: If the dimension is below 1.
            DimensionMismatchError: If it is there for vectors of another length.
            StoreError: If it is there with another distance.
        """
        run(managing.create(self._space, dimension))

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        await arun(managing.create(self._space, dimension))

    def drop(self) -> None:
        """Delete the class with all its tenants; fine if it is not there."""
        run(managing.drop(self._space))

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        await arun(managing.drop(self._space))

    def close(self) -> None:
        """Give back connections; calling it twice is fine, using the store after is not."""
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._link.aclose()

    def _search(
        self, embedding: Vector, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        found = yield from self._search_batch([embedding], top_k, filters)
        return found[0]

    def _search_batch(
        self, embeddings: Matrix, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[list[RetrievalResult]]]:
        self._link.check_open()
        if top_k < 1:
            raise ConfigurationError(f"top_k must be at least 1, not {top_k}")
        tree = parse_filter(filters)
        if not len(embeddings):
            return []
        shape = yield from self._space.shape()
        if shape is None:
            return [[] for _ in range(len(embeddings))]
        dimension = shape.dimension
        rows = (embeddings[at] for at in range(len(embeddings)))
        flows = [
            searching.nearest(
                self._space,
                searching.Search(
                    vector=numbers(row, dimension, "the query"),
                    top_k=top_k,
                    tree=tree,
                    with_values=self._with_values,
                ),
            )
            for row in rows
        ]
        if len(flows) == 1:
            return [(yield from flows[0])]
        return (yield from gather(flows, width=_WIDTH))

    def _exists(self) -> Flow[bool]:
        return bool((yield from self._link.call("collections", "exists", self._link.name)))

    def _delete_where(self, filters: Mapping[str, Any]) -> Flow[int]:
        self._link.check_open()
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        ids = yield from reading.matching_ids(self._space, tree)
        yield from writing.remove(self._space, ids)
        return len(ids)

    def _walk(self, page_size: int, filters: Mapping[str, Any] | None) -> reading.Walk:
        self._link.check_open()
        if page_size < 1:
            raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
        return reading.Walk(self._space, parse_filter(filters), size=page_size)


def _pages(walk: reading.Walk) -> Iterator[list[Chunk]]:
    while page := run(walk.page()):
        yield page


def _check(name: str, tenant: str | None, distance: str, batch_size: int, timeout: float) -> None:
    if not _CLASS.fullmatch(name):
        raise ConfigurationError(
            f"class_name takes a capital, then letters, digits and underscores, not {name!r:.80}"
        )
    if tenant is not None and not _TENANT.fullmatch(tenant):
        raise ConfigurationError(
            f"tenant takes up to 64 letters, digits, '-' and '_', not {tenant!r:.80}"
        )
    if distance not in _DISTANCES:
        known = ", ".join(_DISTANCES)
        raise ConfigurationError(f"distance_metric must be one of {known}, not {distance!r:.80}")
    if batch_size < 1:
        raise ConfigurationError(f"batch_size must be at least 1, not {batch_size}")
    if not timeout > 0:
        raise ConfigurationError(f"timeout must be more than 0 seconds, not {timeout}")
