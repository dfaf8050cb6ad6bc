"""A vector store in plain Python: exact, small, and the reference for what stores must do."""

from __future__ import annotations

import math
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.embeddings import Matrix, Vector
from racto.core.errors import (
    DimensionMismatchError,
    FilterError,
    MissingEmbeddingError,
    StoreClosedError,
)
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import threaded


class DictStore:
    """Keeps chunks in a dictionary and finds the nearest by cosine, one after the other.

    It has all powers of a store. A search of n chunks of d values costs n * d multiplications
    in Python, so it is for hundreds of chunks, not for thousands.

    Args:
        dimension: Length of the vectors; learned from the first chunk when None.
    """

    def __init__(self, dimension: int | None = None) -> None:
        self._dimension = dimension
        self._chunks: dict[str, Chunk] = {}
        self._lock = threading.RLock()
        self._is_closed = False

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store copies of chunks; one whose id is known replaces the old one.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            StoreClosedError: After ``close``.
        """
        with self._open():
            # Everything is checked before anything is stored.
            dimension = self._dimension
            for chunk in chunks:
                if chunk.embedding is None:
                    raise MissingEmbeddingError(
                        f"chunk {chunk.chunk_id!r} has no embedding; embed it before adding it"
                    )
                dimension = dimension or len(chunk.embedding)
                _check_length(dimension, chunk.embedding, f"chunk {chunk.chunk_id!r}")
            self._dimension = dimension
            self._chunks.update((chunk.chunk_id, _copy(chunk)) for chunk in chunks)

    aadd = threaded(add)

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks by cosine among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter; see :mod:`racto.core.filters`.

        Raises:
            ValueError: If ``top_k`` is below 1.
            DimensionMismatchError: If the query has another length than the chunks.
            StoreClosedError: After ``close``.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        tree = parse_filter(filters)
        with self._open():
            if self._dimension is not None:
                # An empty store that never learned its dimension takes any query and finds nothing.
                _check_length(self._dimension, embedding, "the query")
            found = [chunk for chunk in self._chunks.values() if matches(tree, lookup_of(chunk))]
        scored = [(_cosine(embedding, chunk.embedding or ()), chunk) for chunk in found]
        # Stable: chunks of one score keep the order in which they were added.
        scored.sort(key=lambda pair: -pair[0])
        return [
            RetrievalResult(chunk=_copy(chunk), score=score, rank=rank)
            for rank, (score, chunk) in enumerate(scored[:top_k], start=1)
        ]

    asearch = threaded(search)

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``, shape (n, d)."""
        rows = range(len(embeddings))
        return [self.search(embeddings[row], top_k, filters) for row in rows]

    asearch_batch = threaded(search_batch)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        with self._open():
            for chunk_id in chunk_ids:
                self._chunks.pop(chunk_id, None)

    adelete = threaded(delete)

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty; use ``clear`` to remove everything.
        """
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        with self._open():
            gone = [key for key, chunk in self._chunks.items() if matches(tree, lookup_of(chunk))]
            self.delete(gone)
            return len(gone)

    adelete_where = threaded(delete_where)

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """Copies of the chunks in the order of the ids; None for unknown ids."""
        with self._open():
            found = [self._chunks.get(chunk_id) for chunk_id in chunk_ids]
        return [chunk and _copy(chunk) for chunk in found]

    aget = threaded(get)

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """Copies of the chunks that satisfy the filter, in pages, as they are at the beginning.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``page_size`` is below 1.
        """
        if page_size < 1:
            raise ValueError(f"page_size must be at least 1, not {page_size}")
        tree = parse_filter(filters)
        with self._open():
            # A list of its own, so that writers need not wait for a slow reader.
            chunks = [item for item in self._chunks.values() if matches(tree, lookup_of(item))]
        for start in range(0, len(chunks), page_size):
            yield [_copy(chunk) for chunk in chunks[start : start + page_size]]

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        for page in self.scan(page_size, filters):
            yield page

    def clear(self) -> None:
        """Remove all chunks."""
        with self._open():
            self._chunks.clear()

    aclear = threaded(clear)

    def count(self) -> int:
        """How many chunks are stored."""
        with self._open():
            return len(self._chunks)

    acount = threaded(count)

    def exists(self) -> bool:
        """Whether the store knows its dimension and can search."""
        with self._open():
            return self._dimension is not None

    aexists = threaded(exists)

    def create(self, dimension: int) -> None:
        """Fix the dimension.

        Raises:
            DimensionMismatchError: If it is fixed at another number already.
        """
        with self._open():
            if self._dimension not in (None, dimension):
                raise DimensionMismatchError(
                    f"the store holds vectors of {self._dimension} values; drop() it before "
                    f"creating it for {dimension}",
                    expected=self._dimension or 0,
                    actual=dimension,
                )
            self._dimension = dimension

    acreate = threaded(create)

    def drop(self) -> None:
        """Remove all chunks and forget the dimension."""
        with self._open():
            self._chunks.clear()
            self._dimension = None

    adrop = threaded(drop)

    def close(self) -> None:
        """Refuse every further use."""
        # The chunks stay: a result that was handed out must not change.
        self._is_closed = True

    aclose = threaded(close)

    def _open(self) -> threading.RLock:
        if self._is_closed:
            raise StoreClosedError("this DictStore was closed; make a new one")
        return self._lock


def _copy(chunk: Chunk) -> Chunk:
    metadata = replace(chunk.metadata, extra=deepcopy(dict(chunk.metadata.extra)))
    vector = None if chunk.embedding is None else [float(value) for value in chunk.embedding]
    return replace(chunk, embedding=vector, metadata=metadata)


def _check_length(dimension: int, vector: Vector, what: str) -> None:
    if len(vector) != dimension:
        raise DimensionMismatchError(
            f"{what} has {len(vector)} values, and the store holds vectors of {dimension}; "
            "use the embedder that the store was filled with",
            expected=dimension,
            actual=len(vector),
        )


def _cosine(one: Vector, two: Vector) -> float:
    product = sum(a * b for a, b in zip(one, two, strict=True))
    length = math.hypot(*one) * math.hypot(*two)
    return float(product) / length if length else 0.0
