"""The store: chunks in one table of PostgreSQL, found by pgvector."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from racto.core.documents import Chunk, RetrievalResult
from racto.core.flows import Flow
from racto.core.vectors import Matrix, Vector

from . import reading, tasks, writing
from .distances import measure_of
from .layout import IndexMethod, Layout
from .sessions import Sessions
from .settings import IterativeScan, settings_of
from .table import Table
from .tasks import Task, check_range

T = TypeVar("T")


class PGVectorStore:
    """Keeps chunks in a table of PostgreSQL and finds the nearest by pgvector 0.8 or later.

    Connects at first use. Without an index every search is exact; with one it is approximate and
    fast, and a search that the index leaves short of ``top_k`` is answered exactly. Safe to share
    between threads, tasks and event loops, and between processes.

    Args:
        dsn: Where the server is, as libpq reads it: ``postgresql://user:password@host/database``.
        table: Name of the table; quoted, so any name will do, and never read as SQL.
        dimension: Length of the vectors; learned from the table or the first chunk unless given.
        distance: ``cosine``, ``dot``, ``euclidean`` or ``manhattan``.
        batch_size: Most chunks a transaction; about 16 MiB end one earlier.
        schema: Schema of the table, a namespace of its own, made when it is not there; None for
            the first of the search path.
        halfvec: Whether to keep 16-bit values: half the space, three digits, twice the dimension
            that an index takes.
        index: ``hnsw``, made with the table; ``ivfflat``, made by :meth:`build_index` once there
            are chunks; None for exact search.
        hnsw_m: Most links of a node in the HNSW graph.
        hnsw_ef_construction: Candidates looked at when a chunk is added to it.
        hnsw_ef_search: Candidates looked at by a search, 1 to 1000: more finds more, slower.
        hnsw_max_scan_tuples: Most chunks that a filtered search visits before it becomes exact.
        ivfflat_lists: Lists that an IVFFlat index divides the vectors into.
        ivfflat_probes: Lists that a search looks through.
        iterative_scan: Whether an index goes on while a filter leaves too few; ``relaxed_order``
            finds more, ``strict_order`` takes them exactly in order, ``off`` stops.
        metadata_index: Whether to index fields and free facts, for selective filters.
        text_search: Configuration of full-text search, such as ``english`` or ``simple``, for
            :meth:`search_hybrid`.
        pool_size: Most connections for threads, and for each event loop.
        pool_timeout: Most seconds to wait for a free connection.
        connect_timeout: Most seconds to wait for the server; the DSN's goes before.
        statement_timeout: Most seconds that the server works on a statement; making a table or an
            index is not limited.
        network_timeout: Most seconds without a sign of life from the server's machine, which then
            counts as gone; the DSN's ``tcp_user_timeout`` and ``keepalives_*`` go before.

    Raises:
        ConfigurationError: If a name or a number is out of range, or a choice is unknown.
    """

    def __init__(
        self,
        dsn: str,
        *,
        table: str = "rag_chunks",
        dimension: int | None = None,
        distance: str = "cosine",
        batch_size: int = 100,
        schema: str | None = None,
        halfvec: bool = False,
        index: IndexMethod | None = None,
        hnsw_m: int = 16,
        hnsw_ef_construction: int = 64,
        hnsw_ef_search: int = 100,
        hnsw_max_scan_tuples: int = 20_000,
        ivfflat_lists: int = 100,
        ivfflat_probes: int = 10,
        iterative_scan: IterativeScan = "relaxed_order",
        metadata_index: bool = False,
        text_search: str | None = None,
        pool_size: int = 8,
        pool_timeout: float = 30.0,
        connect_timeout: float = 10.0,
        statement_timeout: float = 60.0,
        network_timeout: float = 30.0,
    ) -> None:
        layout = Layout(
            table=table, schema=schema, kind="halfvec" if halfvec else "vector",
            measure=measure_of(distance), index=index, hnsw_m=hnsw_m,
            hnsw_ef_construction=hnsw_ef_construction, ivfflat_lists=ivfflat_lists,
            text_search=text_search, metadata_index=metadata_index,
        )  # fmt: skip
        if dimension is not None:
            layout.check_dimension(dimension)
        check_range("batch_size", batch_size, 1, 1_000_000)
        check_range("pool_size", pool_size, 1, 10_000)
        check_range("pool_timeout", pool_timeout, 0.001, 2_000_000)
        check_range("connect_timeout", connect_timeout, 0.001, 2_000_000)
        check_range("network_timeout", network_timeout, 1.0, 86_400)
        settings = settings_of(
            index=index, hnsw_ef_search=hnsw_ef_search, hnsw_max_scan_tuples=hnsw_max_scan_tuples,
            ivfflat_probes=ivfflat_probes, iterative_scan=iterative_scan,
            statement_timeout=statement_timeout,
        )  # fmt: skip
        self._table = Table(layout, dimension=dimension, batch_size=batch_size)
        self._sessions = Sessions(
            dsn, f"PGVectorStore({table!r})", settings=settings, size=pool_size,
            connect_timeout=connect_timeout, pool_timeout=pool_timeout,
            network_timeout=network_timeout,
        )  # fmt: skip

    def __repr__(self) -> str:
        layout = self._table.layout
        return f"PGVectorStore({layout.plain_name}, {layout.measure.name}, index={layout.index!r})"

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        All are checked before the first is written. Each batch is one transaction.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            StoreError: If metadata cannot be kept; nothing is stored.
            PartialWriteError: If the server failed after some batches; says what is stored.
            APIConnectionError: If it failed in the first; nothing is stored.
            StoreClosedError: If the store was closed.
        """
        self._run(partial(writing.add, chunks=chunks))

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        await self._arun(partial(writing.add, chunks=chunks))

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the nearest are chosen.

        Returns:
            At most ``top_k`` results with their vectors. The score is the cosine or the dot
            product, or the distance with its sign turned.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If the query has another length.
            StoreClosedError: If the store was closed.
        """
        return self._run(tasks.searching([embedding], top_k, filters), again=True)[0]

    async def asearch(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        return (await self._arun(tasks.searching([embedding], top_k, filters), again=True))[0]

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``, shape (n, d), in one statement.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If a query has another length.
            StoreClosedError: If the store was closed.
        """
        return self._run(tasks.searching(embeddings, top_k, filters), again=True)

    async def asearch_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`search_batch`."""
        return await self._arun(tasks.searching(embeddings, top_k, filters), again=True)

    def search_hybrid(
        self,
        text: str,
        embedding: Vector,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        *,
        text_weight: float = 0.5,
        depth: int = 50,
    ) -> list[RetrievalResult]:
        """Find chunks by meaning and by words at once, ranked by both.

        Args:
            text: The question; any of its words may be found, the more the better.
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the best are chosen.
            text_weight: From 0.0, only vectors, to 1.0, only words.
            depth: How many results of each search are fused; at least ``top_k`` are.

        Returns:
            At most ``top_k`` results. The score is the sum of weighted reciprocal ranks; ``scores``
            has the cosine (or product, or distance) as ``vector`` and the rank as ``text``.

        Raises:
            ConfigurationError: If the store was made without ``text_search``, or a number is out
                of range.
            FilterError: If the filter is malformed.
        """
        work = tasks.searching_both(
            self._table, text, embedding, top_k, filters, text_weight, depth
        )
        return self._run(work, again=True)

    async def asearch_hybrid(
        self,
        text: str,
        embedding: Vector,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        *,
        text_weight: float = 0.5,
        depth: int = 50,
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search_hybrid`."""
        work = tasks.searching_both(
            self._table, text, embedding, top_k, filters, text_weight, depth
        )
        return await self._arun(work, again=True)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        self._run(partial(writing.delete, ids=chunk_ids))

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        await self._arun(partial(writing.delete, ids=chunk_ids))

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        return self._run(partial(writing.delete_where, tree=tasks.chosen_by(filters)))

    async def adelete_where(self, filters: Mapping[str, Any]) -> int:
        """Async twin of :meth:`delete_where`."""
        return await self._arun(partial(writing.delete_where, tree=tasks.chosen_by(filters)))

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        return self._run(partial(reading.get, ids=chunk_ids), again=True)

    async def aget(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Async twin of :meth:`get`."""
        return await self._arun(partial(reading.get, ids=chunk_ids), again=True)

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in the order of their ids.

        Holds no connection and no transaction between two pages. A chunk that is there all the
        time comes exactly once, whatever else is written meanwhile.

        Raises:
            ConfigurationError: If ``page_size`` is below 1.
            FilterError: If the filter is malformed.
        """
        tree, after = tasks.paged_by(page_size, filters), None
        while True:
            work = partial(reading.page, size=page_size, tree=tree, after=after)
            chunks, after = self._run(work, again=True)
            if chunks:
                yield chunks
            if after is None:
                return

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        tree, after = tasks.paged_by(page_size, filters), None
        while True:
            work = partial(reading.page, size=page_size, tree=tree, after=after)
            chunks, after = await self._arun(work, again=True)
            if chunks:
                yield chunks
            if after is None:
                return

    def clear(self) -> None:
        """Remove all chunks and give their space back; the table and its dimension stay."""
        self._run(writing.clear)

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await self._arun(writing.clear)

    def count(self) -> int:
        """How many chunks are stored."""
        return self._run(reading.count, again=True)

    async def acount(self) -> int:
        """Async twin of :meth:`count`."""
        return await self._arun(reading.count, again=True)

    def exists(self) -> bool:
        """Whether the table is there."""
        return self._run(tasks.exists, again=True)

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`."""
        return await self._arun(tasks.exists, again=True)

    def create(self, dimension: int) -> None:
        """Make the table, its schema and its indexes, or bring it up to date.

        Raises:
            DimensionMismatchError: If it is there for vectors of another length.
            ConfigurationError: If the dimension is out of range.
        """
        self._table.layout.check_dimension(dimension)
        self._run(partial(tasks.create, dimension=dimension))

    async def acreate(self, dimension: int) -> None:
        """Async twin of :meth:`create`."""
        self._table.layout.check_dimension(dimension)
        await self._arun(partial(tasks.create, dimension=dimension))

    def drop(self) -> None:
        """Remove the table with all it holds; fine if it is not there."""
        self._run(tasks.drop)

    async def adrop(self) -> None:
        """Async twin of :meth:`drop`."""
        await self._arun(tasks.drop)

    def build_index(self) -> None:
        """Build the index on vectors anew: an IVFFlat one for the first time, or after a bulk load.

        Writers wait for it; so do readers.

        Raises:
            ConfigurationError: If the store was made without an index.
        """
        self._run(tasks.build_index)

    async def abuild_index(self) -> None:
        """Async twin of :meth:`build_index`."""
        await self._arun(tasks.build_index)

    def close(self) -> None:
        """Give back the connections; calling it twice is fine, using the store after is not."""
        self._sessions.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`; give back those of the running event loop too."""
        await self._sessions.aclose()

    def _run(self, task: Task[T], *, again: bool = False) -> T:
        return self._sessions.run(partial(self._seen, task), again=again)

    async def _arun(self, task: Task[T], *, again: bool = False) -> T:
        return await self._sessions.arun(partial(self._seen, task), again=again)

    def _seen(self, task: Task[T], conn: Any) -> Flow[T]:
        return self._table.seen(conn, partial(task, conn, self._table))
