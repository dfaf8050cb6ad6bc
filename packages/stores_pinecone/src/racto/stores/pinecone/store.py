"""The store: chunks in a namespace of a Pinecone index, in both voices."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Literal

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError, FilterError
from racto.core.filters import parse_filter
from racto.core.flows import Flow, arun, gather, run
from racto.core.vectors import Matrix, Vector

from . import managing, reading, searching, writing
from .connections import Connections
from .space import Space
from .vectors import numbers

Metric = Literal["cosine", "euclidean", "dotproduct"]
"""How Pinecone compares vectors."""

_METRICS = ("cosine", "euclidean", "dotproduct")
_MOST_A_REQUEST = 1000
# Queries of a batch that are under way at once; Pinecone has no request for several.
_WIDTH = 8


class PineconeStore:
    """Keeps chunks in a Pinecone index and finds the nearest to a vector.

    The index must exist, or be made by :meth:`create`. Text and metadata come back whole at any
    length up to 16 MiB a chunk: beside the fields that Pinecone filters on, a record holds the
    chunk as JSON, and what exceeds Pinecone's 40 KB lies in a second namespace of the same name
    with ``.racto-parts`` added (``racto-parts`` beside the default one).

    Requests that fail with 408, 429 or a 5xx, or in the network, are tried again by Pinecone's
    client, up to three times with growing pauses that heed ``Retry-After``. Pinecone's reads
    see a write a moment later; ``wait_until_fresh`` waits for it.

    Args:
        index_name: Name of the index.
        api_key: The key; from ``PINECONE_API_KEY`` when None.
        namespace: Namespace that isolates these chunks from others; empty for the default one.
        batch_size: Most chunks a request, at most 1,000; requests stay below 2 MB besides.
        host: Address of the index, which saves a request to the control plane.
        control_host: Address of the control plane; Pinecone's own when None.
        metric: Metric of an index that :meth:`create` makes.
        cloud: Cloud of such an index.
        region: Region of such an index.
        timeout: Seconds that one attempt of a request may take.
        wait_until_fresh: Seconds that a write waits until reads see it; None does not wait.
        include_vectors: Whether results of a search carry their vectors.

    Raises:
        ConfigurationError: If there is no key, or an argument is out of range.
    """

    def __init__(
        self,
        index_name: str,
        *,
        api_key: str | None = None,
        namespace: str = "",
        batch_size: int = 100,
        host: str | None = None,
        control_host: str | None = None,
        metric: Metric = "cosine",
        cloud: str = "aws",
        region: str = "us-east-1",
        timeout: float = 30.0,
        wait_until_fresh: float | None = None,
        include_vectors: bool = True,
    ) -> None:
        key = api_key or os.environ.get("PINECONE_API_KEY", "")
        _check(index_name, key, namespace, batch_size, metric, timeout)
        self._batch_size, self._fresh = batch_size, wait_until_fresh
        self._with_values = include_vectors
        self._placement = managing.Placement(metric=metric, cloud=cloud, region=region)
        self._link = Connections(
            index_name, api_key=key, host=host, control_host=control_host, timeout=timeout
        )
        self._space = Space(self._link, namespace=namespace, metric=metric)

    def __repr__(self) -> str:
        return f"PineconeStore({self._link.name!r}, namespace={self._space.namespace!r})"

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Args:
            chunks: Chunks with embeddings of the index's length.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN, infinity or zeros only; nothing is stored.
            PartialWriteError: If a later batch failed; says what is stored.
            StoreError: If the first batch failed, or a chunk has more than 16 MiB; nothing is
                stored.
        """
        run(writing.add(self._space, chunks, self._batch_size, self._fresh))

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        await arun(writing.add(self._space, chunks, self._batch_size, self._fresh))

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1. Beyond 10,000 all chunks are read and compared here.
            filters: Metadata filter. Pinecone applies what it can say of it before it ranks; the
                rest is decided on candidates, of which more are fetched until enough are found.

        Returns:
            At most ``top_k`` results, ranks from 1. Scores are the cosine, the product, or minus
            the distance, as the index's metric is.

        Raises:
            DimensionMismatchError: If the query has another length than the index.
            FilterError: If the filter is malformed.
            ConfigurationError: If ``top_k`` is below 1.
            StoreError: If Pinecone failed.
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
        run(writing.remove(self._space, chunk_ids, self._fresh))

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        await arun(writing.remove(self._space, chunk_ids, self._fresh))

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
            page_size: Most chunks a page, at least 1; Pinecone is asked for 100 at a time.
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
        """Remove all chunks of the namespace; the index stays."""
        run(writing.clear(self._space, self._fresh))

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(writing.clear(self._space, self._fresh))

    def count(self) -> int:
        """How many chunks Pinecone counts in the namespace; recent writes may be missing."""
        return run(writing.count(self._space))

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        return await arun(writing.count(self._space))

    def exists(self) -> bool:
        """Whether the index is there."""
        return run(managing.described(self._space)) is not None

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        return await arun(managing.described(self._space)) is not None

    def create(self, dimension: int) -> None:
        """Make the index and wait until it is ready; fine if it is there as wanted.

        Raises:
            DimensionMismatchError: If it is there for vectors of another length.
            StoreError: If it is there with another metric, or is not ready within five minutes.
        """
        run(managing.create(self._space, dimension, self._placement))

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        await arun(managing.create(self._space, dimension, self._placement))

    def drop(self) -> None:
        """Delete the index; fine if it is not there.

        Raises:
            StoreError: If other namespaces of it hold vectors, or it is protected.
        """
        run(managing.drop(self._space, self._placement))

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        await arun(managing.drop(self._space, self._placement))

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
        dimension = (yield from self._space.shape()).dimension
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

    def _delete_where(self, filters: Mapping[str, Any]) -> Flow[int]:
        self._link.check_open()
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        ids = yield from reading.matching_ids(self._space, tree)
        yield from writing.remove(self._space, ids, self._fresh)
        return len(ids)

    def _walk(self, page_size: int, filters: Mapping[str, Any] | None) -> reading.Walk:
        self._link.check_open()
        if page_size < 1:
            raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
        return reading.Walk(self._space, parse_filter(filters), size=page_size)


def _pages(walk: reading.Walk) -> Iterator[list[Chunk]]:
    while page := run(walk.page()):
        yield page


def _check(
    name: str, key: str, namespace: str, batch_size: int, metric: str, timeout: float
) -> None:
    if not name:
        raise ConfigurationError("index_name is empty; name the Pinecone index")
    if not key:
        raise ConfigurationError("there is no Pinecone key; pass api_key or set PINECONE_API_KEY")
    if not namespace.isascii() or "\x00" in namespace or len(namespace) > 480:
        raise ConfigurationError(
            f"namespace takes at most 480 ASCII letters, not {namespace!r:.80}"
        )
    if not 1 <= batch_size <= _MOST_A_REQUEST:
        raise ConfigurationError(f"batch_size must be 1 to {_MOST_A_REQUEST}, not {batch_size}")
    if metric not in _METRICS:
        raise ConfigurationError(f"metric must be one of {', '.join(_METRICS)}, not {metric!r}")
    if not timeout > 0:
        raise ConfigurationError(f"timeout must be more than 0 seconds, not {timeout}")
