"""The store: chunks by id in one collection of Milvus, with everything a store may offer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError, FilterError
from racto.core.filters import parse_filter
from racto.core.flows import Flow, arun, run
from racto.core.secrets import resolve_secret
from racto.core.vectors import Matrix, Vector

from .connection import Connection
from .reading import MOST, searching
from .records import key_of
from .settings import Consistency, Metric, MilvusSettings
from .shelf import Shelf
from .vectors import checked_queries
from .writing import adding

if TYPE_CHECKING:
    from pydantic import SecretStr


class MilvusStore:
    """Keeps chunks in Milvus Lite, on a Milvus server, or in Zilliz Cloud.

    Nothing is connected before the first call. The async methods use the client's own async
    voice, with one connection an event loop. The collection is made by the first ``add`` or by
    :meth:`create`.

    The reference puts filter values into expressions as they are, which lets a value change the
    filter, and keeps of each chunk a few fields; here values are never in an expression, and
    chunks come back whole.

    Args:
        collection: Name of the collection: letters, digits and ``_``.
        host: Host of a server.
        port: Its port.
        uri: Address that overrides both: of Zilliz Cloud, or a path that ends in ``.db`` for
            Milvus Lite, which is a folder beside this process.
        token: ``user:password``, or the key of Zilliz Cloud; without it ``MILVUS_TOKEN`` is read.
        dimension: Length of the vectors; learned from the collection or the first chunk.
        metric_type: ``IP`` (dot product), ``COSINE``, or ``L2``, whose score is the distance with
            its sign turned.
        batch_size: Most chunks a request.
        batch_bytes: Most bytes a request, about.
        db_name: Database of the server.
        index_type: Index of a new collection, such as ``HNSW``, ``IVF_FLAT`` or ``FLAT``.
        index_params: Its parameters, such as ``{"M": 16, "efConstruction": 200}``.
        search_params: Parameters of each search, such as ``{"ef": 64}`` or ``{"nprobe": 16}``.
        timeout: Seconds for each request.
        consistency_level: ``Strong`` sees all that was written before; ``Session``, ``Bounded``
            and ``Eventually`` are faster and may not.
        vectors_in_results: Whether searches bring the vectors of what they find; ``get`` and
            ``scan`` always do.

    Raises:
        ConfigurationError: If one of them is out of its range.
    """

    def __init__(
        self,
        collection: str = "ractogateway",
        *,
        host: str = "localhost",
        port: int = 19530,
        uri: str | None = None,
        token: SecretStr | str | None = None,
        dimension: int | None = None,
        metric_type: str = "IP",
        batch_size: int = 100,
        batch_bytes: int = 8_000_000,
        db_name: str = "",
        index_type: str = "AUTOINDEX",
        index_params: Mapping[str, Any] | None = None,
        search_params: Mapping[str, Any] | None = None,
        timeout: float = 30.0,
        consistency_level: str = "Strong",
        vectors_in_results: bool = False,
    ) -> None:
        secret = resolve_secret(token, "MILVUS_TOKEN")
        self._settings = MilvusSettings(
            collection=collection,
            uri=uri or f"http://{host}:{port}",
            token=secret.get_secret_value() if secret else "",
            database=db_name,
            dimension=dimension,
            metric=cast("Metric", metric_type),
            index_type=index_type,
            index_params=dict(index_params or {}),
            search_params=dict(search_params or {}),
            batch_size=batch_size,
            batch_bytes=batch_bytes,
            timeout=timeout,
            consistency=cast("Consistency", consistency_level),
            vectors_in_results=vectors_in_results,
        )
        self._connection = Connection(self._settings)
        self._shelf = Shelf(self._settings, self._connection)

    def __repr__(self) -> str:
        return f"MilvusStore({self._settings.collection!r}, metric_type={self._settings.metric!r})"

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Args:
            chunks: Chunks with embeddings of one length.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            StoreError: If metadata holds what JSON and dates cannot express; nothing is stored.
            PartialWriteError: If Milvus failed after some batches; says what is stored.
            StoreClosedError: If the store was closed.
        """
        run(adding(self._shelf, chunks))

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        await arun(adding(self._shelf, chunks))

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, from 1 to 16,384.
            filters: Metadata filter, applied before the nearest are chosen.

        Returns:
            At most ``top_k`` results, ranks from 1, a higher score being nearer.

        Raises:
            ConfigurationError: If ``top_k`` is out of its range.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If the query has another length.
            InvalidEmbeddingError: If it holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        return run(self._searching([embedding], top_k, filters))[0]

    async def asearch(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        return (await arun(self._searching([embedding], top_k, filters)))[0]

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings`` in one request.

        Args:
            embeddings: Query vectors of shape (n, d).
            top_k: Most results a query, from 1 to 16,384.
            filters: Metadata filter for all of them.

        Returns:
            What :meth:`search` would return, in the order of the queries.

        Raises:
            ConfigurationError: If ``top_k`` is out of its range.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If a query has another length.
            InvalidEmbeddingError: If one holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        return run(self._searching(embeddings, top_k, filters))

    async def asearch_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`search_batch`."""
        return await arun(self._searching(embeddings, top_k, filters))

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        run(self._shelf.remove([key_of(chunk_id) for chunk_id in chunk_ids]))

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        await arun(self._shelf.remove([key_of(chunk_id) for chunk_id in chunk_ids]))

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        return run(self._deleting(filters))

    async def adelete_where(self, filters: Mapping[str, Any]) -> int:
        """Async twin of :meth:`delete_where`."""
        return await arun(self._deleting(filters))

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        return run(self._shelf.fetch(chunk_ids))

    async def aget(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Async twin of :meth:`get`."""
        return await arun(self._shelf.fetch(chunk_ids))

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in pages.

        Args:
            page_size: Most chunks a page, at least 1.
            filters: Metadata filter; None or an empty one takes all.

        Raises:
            ConfigurationError: If ``page_size`` is below 1, or the filter is malformed.
        """
        tree, after = parse_filter(filters), cast("str | None", "")
        _check_page(page_size)
        while after is not None:
            chunks, after = run(self._shelf.page(tree, page_size, after))
            if chunks:
                yield chunks

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        tree, after = parse_filter(filters), cast("str | None", "")
        _check_page(page_size)
        while after is not None:
            chunks, after = await arun(self._shelf.page(tree, page_size, after))
            if chunks:
                yield chunks

    def clear(self) -> None:
        """Remove all chunks; the collection stays."""
        run(self._shelf.clear())

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(self._shelf.clear())

    def count(self) -> int:
        """How many chunks are stored."""
        return run(self._shelf.count())

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        return await arun(self._shelf.count())

    def flush(self) -> None:
        """Seal what was written, so that Milvus indexes it at once.

        Lite is flushed by itself before a search. Servers do it in the background, and limit how
        often it may be asked for; call it once after a bulk load.
        """
        run(self._shelf.flush())

    async def aflush(self) -> None:
        """Async twin of :meth:`flush`."""
        await arun(self._shelf.flush())

    def close(self) -> None:
        """Give back the connections; calling it twice is fine, using the store after is not.

        Lite keeps its folder locked until this process ends.
        """
        run(self._connection.close())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`; gives back the connection of this event loop too."""
        await arun(self._connection.close())

    def exists(self) -> bool:
        """Whether the collection is there."""
        return run(self._existing())

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        return await arun(self._existing())

    def create(self, dimension: int) -> None:
        """Create the collection for vectors of this length; fine if it is there with the same.

        Raises:
            DimensionMismatchError: If it is there for vectors of another length.
            ConfigurationError: If the dimension is below 1, or the collection is not racto's.
        """
        _check_dimension(dimension)
        run(self._shelf.create(dimension))

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        _check_dimension(dimension)
        await arun(self._shelf.create(dimension))

    def drop(self) -> None:
        """Remove the collection with all it holds; fine if it is not there."""
        run(self._shelf.drop())

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        await arun(self._shelf.drop())

    def _existing(self) -> Flow[bool]:
        there = yield from self._shelf.ask("has_collection")
        return bool(there)

    def _searching(
        self, embeddings: Matrix, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[list[RetrievalResult]]]:
        if not 1 <= top_k <= MOST:
            raise ConfigurationError(f"top_k must be from 1 to {MOST}, not {top_k}")
        tree = parse_filter(filters)
        there = yield from self._shelf.dimension()
        queries = checked_queries(embeddings, there or self._settings.dimension)
        if there is None or not queries:
            return [[] for _ in queries]
        return (yield from searching(self._shelf, queries, top_k, tree))

    def _deleting(self, filters: Mapping[str, Any]) -> Flow[int]:
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        gone = yield from self._shelf.ids(tree)
        yield from self._shelf.remove(list(map(key_of, gone)))
        return len(gone)


def _check_page(size: int) -> None:
    if size < 1:
        raise ConfigurationError(f"page_size must be at least 1, not {size}")


def _check_dimension(given: int) -> None:
    if given < 1:
        raise ConfigurationError(f"dimension must be at least 1, not {given}")
