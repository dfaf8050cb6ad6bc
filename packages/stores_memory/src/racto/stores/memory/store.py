"""The store: chunks by id, exact search, and everything that a vector store may offer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from threading import Lock
from typing import Any

import numpy as np

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    FilterError,
    StoreClosedError,
)
from racto.core.filters import Filter, parse_filter
from racto.core.flows import threaded
from racto.core.vectors import Matrix as Embeddings, Vector

from . import searching, vectors
from .matrix import Matrix
from .records import Records
from .similarity import Similarity, checked

# Rows that are checked and copied at a time: all of a batch is never there twice.
_STRIDE = 256
# Below this, the memory of removed rows is not worth the copying.
_FEWEST_REMOVED = 1024


@dataclass(frozen=True, slots=True)
class _State:
    """What readers see: replaced in one assignment, never changed."""

    matrix: Matrix | None
    records: Records


class InMemoryVectorStore:
    """Keeps chunks in memory and compares a query with every one of them.

    The answer is exact: no index, no training, nothing to tune. One float32 matrix holds the
    vectors, so 100,000 of 384 values take 154 MB and some 10 to 20 ms a query on one core. BLAS
    decides how many cores a query takes; on a busy server ``OPENBLAS_NUM_THREADS=1`` is best.

    Any number of threads and tasks may read while one writes: a search sees the chunks as they
    were when it began. Chunks of equal score come in the order in which they were added.

    Args:
        similarity: ``cosine``; ``dot`` for vectors whose length matters; ``euclidean``, whose
            score is the distance with its sign turned.
        dimension: Length of the vectors; learned from the first chunk unless given.

    Raises:
        ConfigurationError: If the similarity is unknown or the dimension below 1.
    """

    def __init__(self, similarity: str = "cosine", *, dimension: int | None = None) -> None:
        self._similarity: Similarity = checked(similarity)
        self._fixed = None if dimension is None else _dimension(dimension)
        self._rows: dict[str, int] = {}
        # One writer at a time; and a moment in which ids and state change together.
        self._writing, self._changing = Lock(), Lock()
        self._current: _State | None = self._empty(self._fixed)

    def __repr__(self) -> str:
        state = self._current
        size = "closed" if state is None else f"{_live(state)} chunks"
        return f"InMemoryVectorStore({self._similarity!r}, {size})"

    @property
    def similarity(self) -> Similarity:
        """How vectors are compared."""
        return self._similarity

    @property
    def dimension(self) -> int | None:
        """Length of the vectors; None before it is known."""
        matrix = self._state().matrix
        return None if matrix is None else matrix.dimension

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Args:
            chunks: Chunks with embeddings of one length. Vectors and metadata are copied.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            StoreClosedError: If the store was closed.
        """
        self._state()
        # Of several chunks with one id the last counts.
        wanted = list({chunk.chunk_id: chunk for chunk in chunks}.values())
        if not wanted:
            return
        with self._writing:
            state = self._state()
            matrix = state.matrix or self._matrix(vectors.dimension_of(wanted[0]))
            first = matrix.size
            # Rows beyond the published size are nobody's: an error leaves nothing behind.
            for at in range(0, len(wanted), _STRIDE):
                part = vectors.rows_of(wanted[at : at + _STRIDE], matrix.dimension)
                matrix = matrix.with_rows(*part, len(wanted) - at)
            records = Records.of(wanted)
            state.records.put(records, first)
            with self._changing:
                self._state()
                replaced = [row for row in map(self._rows.get, records.ids) if row is not None]
                self._rows.update(zip(records.ids, range(first, matrix.size), strict=True))
                self._current = _State(matrix.without(replaced), state.records)
            self._compact()

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the nearest are chosen.

        Returns:
            At most ``top_k`` results with their vectors, ranks from 1, a higher score being
            nearer. What callers do to them does not reach the store.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If the query has another length.
            InvalidEmbeddingError: If it holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        found = self.search_batch([embedding], top_k, filters)
        return found[0]

    def search_batch(
        self, embeddings: Embeddings, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``; far faster than one search after the other.

        Args:
            embeddings: Query vectors of shape (n, d).
            top_k: Most results a query, at least 1.
            filters: Metadata filter for all of them.

        Returns:
            What :meth:`search` would return, in the order of the queries.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If a query has another length.
            InvalidEmbeddingError: If one holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        state = self._state()
        if top_k < 1:
            raise ConfigurationError(f"top_k must be at least 1, not {top_k}")
        tree = parse_filter(filters)
        matrix = state.matrix
        queries = vectors.query_rows(embeddings, None if matrix is None else matrix.dimension)
        if matrix is None or matrix.size == matrix.removed:
            return [[] for _ in queries]
        return searching.nearest(matrix, state.records, queries, top_k, tree)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored.

        Their memory is given back once a quarter of the rows is gone.
        """
        self._state()
        with self._writing:
            self._remove(chunk_ids)
            self._compact()

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        with self._writing:
            state = self._state()
            if state.matrix is None:
                return 0
            rows = searching.chosen(state.matrix, state.records, tree)
            self._remove([state.records.ids[row] for row in rows.tolist()])
            self._compact()
            return len(rows)

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids."""
        with self._changing:
            state = self._state()
            rows = [self._rows.get(chunk_id) for chunk_id in chunk_ids]
        known = [row for row in rows if row is not None]
        if state.matrix is None or not known:
            return [None] * len(rows)
        chunks = searching.chunks(state.matrix, state.records, np.array(known))
        return [None if row is None else next(chunks) for row in rows]

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in the order of their addition.

        Args:
            page_size: Most chunks a page, at least 1.
            filters: Metadata filter; None or an empty one takes all.

        Returns:
            Pages of the chunks that were there when ``scan`` was called, whatever changes then.

        Raises:
            ConfigurationError: If ``page_size`` is below 1, or the filter is malformed.
        """
        state = self._state()
        if page_size < 1:
            raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
        return _pages(state, page_size, parse_filter(filters))

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        import asyncio

        pages = self.scan(page_size, filters)
        while page := await asyncio.to_thread(next, pages, None):
            yield page

    def clear(self) -> None:
        """Remove all chunks and give their memory back; the dimension stays."""
        with self._writing, self._changing:
            matrix = self._state().matrix
            self._rows = {}
            self._current = self._empty(None if matrix is None else matrix.dimension)

    def count(self) -> int:
        """How many chunks are stored."""
        return _live(self._state())

    async def acount(self) -> int:
        """Async twin of :meth:`count`; takes no thread."""
        return self.count()

    def close(self) -> None:
        """Forget everything; calling it twice is fine, using the store after is not."""
        with self._writing, self._changing:
            self._rows, self._current = {}, None

    def exists(self) -> bool:
        """Whether the collection is there: created, or made by the first chunk."""
        return self._state().matrix is not None

    async def aexists(self) -> bool:
        """Async twin of :meth:`exists`; takes no thread."""
        return self.exists()

    def create(self, dimension: int) -> None:
        """Fix the length of the vectors; fine if it is that already.

        Raises:
            DimensionMismatchError: If the store keeps vectors of another length.
            ConfigurationError: If the dimension is below 1.
        """
        wanted = _dimension(dimension)
        with self._writing, self._changing:
            state = self._state()
            matrix = state.matrix or self._matrix(wanted)
            if matrix.dimension != wanted:
                raise DimensionMismatchError(
                    f"cannot create the collection for vectors of {wanted}: it is there for "
                    f"vectors of {matrix.dimension}; drop() it first",
                    expected=matrix.dimension,
                    actual=wanted,
                )
            self._current = _State(matrix, state.records)

    def drop(self) -> None:
        """Remove all chunks and forget the dimension that was learned from them."""
        with self._writing, self._changing:
            self._state()
            self._rows, self._current = {}, self._empty(None)

    def save(self, path: str | PathLike[str]) -> None:
        """Write all chunks and vectors into one file, in place of what is there.

        The file appears whole or not at all. It is a zip archive of JSON and npy with checksums
        (:mod:`racto.stores.memory.archive`); reading it never runs code.

        Raises:
            StoreError: If metadata holds what JSON and dates cannot express.
            OSError: If the file cannot be written.
        """
        from . import archive

        state = self._state()
        archive.write(path, state.matrix, state.records, self._similarity)

    def load(self, path: str | PathLike[str]) -> None:
        """Put the chunks of a saved file in place of those in the store.

        Raises:
            IndexCorruptError: If the file is damaged, of another version, or no saved store; the
                store keeps what it had.
            ConfigurationError: If it was saved with another similarity.
            DimensionMismatchError: If its vectors have another length than the store was made for.
            FileNotFoundError: If there is no file.
        """
        from . import archive

        self._state()
        matrix, records = archive.read(path, self._similarity)
        if matrix is not None and self._fixed not in (None, matrix.dimension):
            raise DimensionMismatchError(
                f"{path} holds vectors of {matrix.dimension} and the store is for {self._fixed}",
                expected=self._fixed or 0,
                actual=matrix.dimension,
            )
        with self._writing, self._changing:
            self._state()
            self._rows = {chunk_id: row for row, chunk_id in enumerate(records.ids)}
            self._current = _State(matrix or self._empty(self._fixed).matrix, records)

    aadd = threaded(add)
    asearch = threaded(search)
    asearch_batch = threaded(search_batch)
    adelete = threaded(delete)
    adelete_where = threaded(delete_where)
    aget = threaded(get)
    aclear = threaded(clear)
    aclose = threaded(close)
    acreate = threaded(create)
    adrop = threaded(drop)
    asave = threaded(save)
    aload = threaded(load)

    def _state(self) -> _State:
        state = self._current
        if state is None:
            raise StoreClosedError("the store was closed; make a new one")
        return state

    def _matrix(self, dimension: int) -> Matrix:
        return Matrix(similarity=self._similarity, dimension=self._fixed or dimension)

    def _empty(self, dimension: int | None) -> _State:
        return _State(None if dimension is None else self._matrix(dimension), Records())

    def _remove(self, chunk_ids: Sequence[str]) -> None:
        with self._changing:
            state = self._state()
            known = (self._rows.pop(chunk_id, None) for chunk_id in chunk_ids)
            rows = [row for row in known if row is not None]
            if state.matrix is not None:
                self._current = _State(state.matrix.without(rows), state.records)

    def _compact(self) -> None:
        state = self._state()
        matrix = state.matrix
        if matrix is None or matrix.removed < max(_FEWEST_REMOVED, matrix.size // 4):
            return
        records = state.records.kept(matrix.live())
        fresh = matrix.compacted()
        with self._changing:
            self._rows = {chunk_id: row for row, chunk_id in enumerate(records.ids)}
            self._current = _State(fresh, records)


def _dimension(given: int) -> int:
    if given < 1:
        raise ConfigurationError(f"dimension must be at least 1, not {given}")
    return given


def _live(state: _State) -> int:
    return 0 if state.matrix is None else state.matrix.size - state.matrix.removed


def _pages(state: _State, size: int, tree: Filter | None) -> Iterator[list[Chunk]]:
    matrix, records = state.matrix, state.records
    if matrix is None:
        return
    rows = matrix.live() if tree is None else searching.chosen(matrix, records, tree)
    for at in range(0, len(rows), size):
        yield list(searching.chunks(matrix, records, rows[at : at + size]))
