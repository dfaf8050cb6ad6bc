"""The vectors of a store: a growing row of segments, none of which is ever moved or doubled.

A :class:`Matrix` is a value: adding and removing rows make a new one that shares the segments.
Whoever searches an older one goes on seeing exactly its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .ranking import EXCLUDED
from .similarity import Similarity, terms, to_keys
from .vectors import Floats, lengths_of

_SMALLEST = 64
_DOUBLING_BYTES = 1 << 22
_GATHERED_BYTES = 1 << 20
# Where one dot product a row begins to beat BLAS's products of matrices, in values and queries.
_WIDE = 96
_FEW_QUERIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of rows in one block of memory, of which the last may have room left.

    Attributes:
        start: Number of its first row in the store.
        vectors: Rows as they were given, shape (capacity, d).
        terms: What the similarity needs of each row, shape (capacity,).
        gone: Which rows were removed, shape (capacity,); None when none was.
    """

    start: int
    vectors: Floats
    terms: Floats
    gone: NDArray[np.bool_] | None = None

    @property
    def capacity(self) -> int:
        """How many rows fit."""
        return len(self.vectors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All rows at one moment.

    Attributes:
        similarity: How rows are compared.
        dimension: Values in each row.
        segments: Where the rows are.
        size: How many rows there are, those removed included.
        removed: How many of them were removed.
        longest: Length of the longest row that was ever added.
    """

    similarity: Similarity
    dimension: int
    segments: tuple[Segment, ...] = ()
    size: int = 0
    removed: int = 0
    longest: float = 0.0

    def parts(self) -> Iterator[tuple[Segment, int]]:
        """Each segment and how many rows it holds."""
        for segment in self.segments:
            yield segment, min(segment.capacity, self.size - segment.start)

    def with_rows(self, rows: Floats, lengths: NDArray[np.float64], expected: int = 0) -> Matrix:
        """The matrix with more rows at its end.

        Args:
            rows: Shape (n, d).
            lengths: Euclidean lengths of the rows, shape (n,).
            expected: How many rows are to come now, these included.
        """
        segments, done = list(self.segments), 0
        factors = terms(self.similarity, lengths)
        while done < len(rows):
            size = self.size + done
            if not segments or segments[-1].start + segments[-1].capacity == size:
                segments.append(self._segment(size, max(expected, len(rows)) - done))
            last = segments[-1]
            at = size - last.start
            taken = min(last.capacity - at, len(rows) - done)
            last.vectors[at : at + taken] = rows[done : done + taken]
            last.terms[at : at + taken] = factors[done : done + taken]
            done += taken
        longest = max(self.longest, float(lengths.max(initial=0.0)))
        return replace(self, segments=tuple(segments), size=self.size + done, longest=longest)

    def _segment(self, start: int, needed: int) -> Segment:
        # Doubling while small, then a sixteenth at a time: the room that stays unused is little,
        # and no vector is ever copied to make room.
        doubling = min(start, _DOUBLING_BYTES // (4 * max(1, self.dimension)))
        capacity = max(needed, _SMALLEST, doubling, start // 16)
        return Segment(
            start=start,
            vectors=np.empty((capacity, self.dimension), dtype=np.float32),
            terms=np.empty(capacity, dtype=np.float32),
        )

    def without(self, rows: Sequence[int]) -> Matrix:
        """The matrix with these rows marked as removed; none of them may be so yet."""
        if not rows:
            return self
        numbers = np.array(sorted(rows), dtype=np.intp)
        segments = []
        for segment, held in self.parts():
            first, last = np.searchsorted(numbers, [segment.start, segment.start + held])
            if first < last:
                gone = np.zeros(segment.capacity, dtype=bool)
                if segment.gone is not None:
                    gone[:] = segment.gone
                gone[numbers[first:last] - segment.start] = True
                segment = replace(segment, gone=gone)
            segments.append(segment)
        return replace(self, segments=tuple(segments), removed=self.removed + len(numbers))

    def live(self) -> NDArray[np.intp]:
        """Numbers of the rows that were not removed, ascending."""
        return np.flatnonzero(self.present())

    def present(self) -> NDArray[np.bool_]:
        """Which rows were not removed, shape (size,)."""
        found = np.ones(self.size, dtype=bool)
        for segment, held in self.parts():
            if segment.gone is not None:
                found[segment.start : segment.start + held] = ~segment.gone[:held]
        return found

    def rows(self, numbers: NDArray[np.intp]) -> Floats:
        """Copies of rows, shape (n, d).

        Args:
            numbers: Row numbers in any order.
        """
        found = np.empty((len(numbers), self.dimension), dtype=np.float32)
        starts = [segment.start for segment in self.segments]
        homes = np.searchsorted(starts, numbers, side="right") - 1
        # Row by row: a search wants ten of them, and sorting those by segment takes longer.
        for at, (home, number) in enumerate(zip(homes.tolist(), numbers.tolist(), strict=True)):
            segment = self.segments[home]
            found[at] = segment.vectors[number - segment.start]
        return found

    def compacted(self) -> Matrix:
        """A matrix of the rows that were not removed, in segments of their own."""
        fresh = Matrix(similarity=self.similarity, dimension=self.dimension)
        remaining = self.size - self.removed
        for segment, held in self.parts():
            here = slice(0, held) if segment.gone is None else ~segment.gone[:held]
            rows = segment.vectors[:held][here]
            lengths = lengths_of(rows)
            fresh = fresh.with_rows(rows, lengths, remaining - fresh.size)
        return fresh

    def keys(self, queries: Floats) -> Floats:
        """Ranking keys of all rows; those of removed rows exclude them.

        Args:
            queries: Prepared queries, shape (q, d).

        Returns:
            Shape (size, q).
        """
        found = np.empty((self.size, len(queries)), dtype=np.float32)
        for segment, held in self.parts():
            here = found[segment.start : segment.start + held]
            _multiply(segment.vectors[:held], queries, here)
            to_keys(self.similarity, here, segment.terms[:held])
            if segment.gone is not None:
                here[segment.gone[:held]] = EXCLUDED
        return found

    def keys_of(self, numbers: NDArray[np.intp], queries: Floats) -> Floats:
        """Ranking keys of some rows only.

        Args:
            numbers: Row numbers, ascending.
            queries: Prepared queries, shape (q, d).

        Returns:
            Shape (n, q).
        """
        found = np.empty((len(numbers), len(queries)), dtype=np.float32)
        # Rows are gathered a little at a time, so that the copies stay in the cache.
        step = max(1, _GATHERED_BYTES // (4 * max(1, self.dimension)))
        for segment, held in self.parts():
            first, last = np.searchsorted(numbers, [segment.start, segment.start + held])
            for at in range(first, last, step):
                own = numbers[at : min(at + step, last)] - segment.start
                here = found[at : at + len(own)]
                _multiply(segment.vectors[own], queries, here)
                to_keys(self.similarity, here, segment.terms[own])
        return found


def _multiply(rows: Floats, queries: Floats, out: Floats) -> None:
    """Put rows @ queries.T into ``out``, by whichever of three ways is fastest."""
    if rows.shape[1] < _WIDE or len(queries) > _FEW_QUERIES:
        np.dot(rows, queries.T, out=out)
    elif len(queries) == 1:
        # Reads memory at its full speed, where OpenBLAS's matrix-vector product reaches half.
        np.vecdot(rows, queries[0], out=out[:, 0])
    else:
        np.vecdot(rows[:, None], queries, out=out)
