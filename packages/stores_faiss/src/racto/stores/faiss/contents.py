"""What a store holds at one time: an index, the records of its rows, and which rows are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter

from .filters import satisfying
from .index import FaissIndex
from .kinds import IndexKind
from .records import Records
from .vectors import Floats, Numbers, lengths_of, normalised, scores_of


class Contents:
    """Rows and what they mean; whoever calls it sees to it that nobody reads during a change.

    Args:
        kind: Kind of the index.
        dimension: Values a vector; None until the first is put.
    """

    def __init__(self, kind: IndexKind, dimension: int | None) -> None:
        self.kind = kind
        self.index = None if dimension is None else FaissIndex(kind, dimension)
        self.records = Records()
        self.rows: dict[str, int] = {}
        # Lengths of vectors before they were normalised; with room for rows to come.
        self.lengths: Floats = np.zeros(0, dtype=np.float32)
        self._there: NDArray[np.bool_] = np.zeros(0, dtype=bool)

    @classmethod
    def restored(cls, index: FaissIndex, records: Records, lengths: Floats) -> Contents:
        """Contents of which no row was removed."""
        contents = cls(index.kind, None)
        contents.index, contents.records, contents.lengths = index, records, lengths
        contents.rows = {chunk_id: row for row, chunk_id in enumerate(records.ids)}
        contents._there = np.ones(len(records), dtype=bool)
        return contents

    @property
    def dimension(self) -> int | None:
        """Values a vector; None before it is known."""
        return None if self.index is None else self.index.dimension

    @property
    def size(self) -> int:
        """How many rows there are, those removed included."""
        return len(self.records)

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return len(self.rows)

    @property
    def removed(self) -> int:
        """How many rows were removed and still take room."""
        return self.size - self.count

    def there(self) -> NDArray[np.bool_]:
        """Which rows were not removed, shape (size,)."""
        return self._there[: self.size]

    def live(self) -> Numbers:
        """Numbers of the rows that were not removed, ascending."""
        return np.flatnonzero(self.there())

    def put(self, records: Records, vectors: Floats, lengths: Floats) -> None:
        """Append chunks, replacing those of the same ids.

        Args:
            records: Their records; no id twice.
            vectors: Checked vectors as they were given, shape (n, d); they are changed.
            lengths: Their lengths, shape (n,).

        Raises:
            StoreError: If Faiss gave up; nothing of it is kept.
        """
        if self.index is None:
            self.index = FaissIndex(self.kind, vectors.shape[1])
        if self.index.size != self.size:
            # An index that failed half-way in an earlier call has rows which nobody knows.
            self.index = self.index.kept(np.arange(self.size))
        # The index first: it is what can fail, and a row without a record is hidden.
        self.index.add(normalised(vectors, lengths, vectors) if self.kind.normalised else vectors)
        first = self.size
        self._make_room(first + len(records))
        self.lengths[first : first + len(records)] = lengths
        self._there[first : first + len(records)] = True
        # Old rows are marked before the new ones take over their ids.
        if not self.rows.keys().isdisjoint(records.ids):
            self.remove(records.ids)
        self.records.extend(records)
        self.rows.update(zip(records.ids, range(first, self.size), strict=True))

    def _make_room(self, wanted: int) -> None:
        if wanted > len(self._there):
            # A quarter more than wanted, so that small additions do not copy it each time.
            room = np.zeros(max(64, wanted + wanted // 4) - len(self._there), dtype=bool)
            self._there = np.concatenate([self._there, room])
            self.lengths = np.concatenate([self.lengths, room.astype(np.float32)])

    def remove(self, chunk_ids: Iterable[str]) -> None:
        """Mark rows as removed; unknown ids are ignored."""
        for chunk_id in chunk_ids:
            row = self.rows.pop(chunk_id, None)
            if row is not None:
                self._there[row] = False

    def chosen(self, tree: Filter | None) -> NDArray[np.bool_]:
        """Which rows are there and satisfy a filter, shape (size,)."""
        if tree is None or not self.size:
            return self.there()
        found: NDArray[np.bool_] = satisfying(tree, self.records) & self.there()
        return found

    def ids(self, tree: Filter | None) -> list[str]:
        """Ids of the chunks that satisfy a filter, in the order of their addition."""
        return [self.records.ids[row] for row in np.flatnonzero(self.chosen(tree)).tolist()]

    def lookup(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks of these ids; None for those that are not there."""
        rows = [self.rows.get(chunk_id) for chunk_id in chunk_ids]
        known = np.array([row for row in rows if row is not None], dtype=np.int64)
        if self.index is None or not known.size:
            return [None] * len(rows)
        chunks = iter(self._chunks(known, self.index.rows(known)))
        return [None if row is None else next(chunks) for row in rows]

    def nearest(
        self, queries: Floats, top_k: int, tree: Filter | None
    ) -> list[list[RetrievalResult]]:
        """The nearest chunks to each query among those that satisfy a filter.

        Args:
            queries: Checked queries as they were given, shape (q, d).
            top_k: Most results a query.
            tree: What chunks must satisfy; None for all.
        """
        if self.index is None or not self.count or not len(queries):
            return [[] for _ in queries]
        if self.kind.normalised:
            queries = normalised(queries, lengths_of(queries))
        # Rows that nobody knows of are hidden in the same way as those that were removed.
        whole = tree is None and self.index.size == self.count
        found = self.index.nearest(queries, top_k, None if whole else self.chosen(tree))
        return [
            self._ranked(query, rows[rows >= 0]) for query, rows in zip(queries, found, strict=True)
        ]

    def _ranked(self, query: Floats, rows: Numbers) -> list[RetrievalResult]:
        if self.index is None or not rows.size:
            return []
        vectors = self.index.rows(rows)
        scores = scores_of(self.kind.metric, vectors, query[None])
        # Of equal chunks the one that was added first comes first.
        order = np.lexsort((rows, -scores))
        chunks = self._chunks(rows[order], vectors[order])
        ranked = zip(chunks, scores[order].tolist(), strict=True)
        return [
            RetrievalResult(chunk=chunk, score=score, rank=rank)
            for rank, (chunk, score) in enumerate(ranked, start=1)
        ]

    def _chunks(self, rows: Numbers, vectors: Floats) -> list[Chunk]:
        if self.kind.normalised:
            vectors = vectors * self.lengths[rows][:, None]
        return list(map(self.records.chunk, rows.tolist(), vectors))

    def squeeze(self) -> None:
        """Give the memory of removed rows back, in place; for flat indexes."""
        rows = self.live()
        if self.index is not None:
            gone = np.ones(self.index.size, dtype=bool)
            gone[rows] = False
            self.index.without(gone)
        self._renumber(rows, self)

    def compacted(self) -> Contents:
        """New contents of the rows that were not removed; these stay as they are."""
        fresh, rows = Contents(self.kind, None), self.live()
        fresh.index = self.index and self.index.kept(rows)
        fresh._renumber(rows, self)
        return fresh

    def _renumber(self, rows: Numbers, old: Contents) -> None:
        self.records = old.records.kept(rows)
        self.lengths = old.lengths[rows]
        self.rows = {chunk_id: row for row, chunk_id in enumerate(self.records.ids)}
        self._there = np.ones(len(rows), dtype=bool)
