"""The vectors of a cache: one float32 matrix whose rows are reused, and who a row belongs to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats

_SMALLEST = 64
# In BLAS two threads read a large matrix slower than one does, so that the plain loop of numpy
# wins; for a small one BLAS has less to set up.
_LARGE = 1 << 20
# Copying rows out costs about as much as reading three times as many in place.
_GATHERED = 3
_LINE = 64
FREE = -1


class Candidates(NamedTuple):
    """The rows of one scope at one moment, to be searched without a lock.

    Rows may be overwritten meanwhile: whoever searched must look whether the row that was found
    still is what it was.

    Attributes:
        vectors: The rows to multiply, shape (n, d).
        first: Number of the first of them.
        numbers: Numbers of the scope's rows, ascending; None when they are all of ``vectors``.
        gathers: Whether the scope's rows are so few that they are copied out first.
    """

    vectors: Floats
    first: int = 0
    numbers: NDArray[np.intp] | None = None
    gathers: bool = False

    def best(self, row: Floats) -> tuple[int, float]:
        """Number of the most similar row, and its cosine similarity.

        Args:
            row: A vector of length 1, shape (d,).
        """
        # Unpacked at once: each access by name costs as much as ten rows.
        vectors, first, numbers, gathers = self
        if gathers and numbers is not None:
            vectors = vectors[numbers - first]
        scores: Floats = np.dot(vectors, row) if vectors.size < _LARGE else np.vecdot(vectors, row)
        if numbers is None:
            place = scores.argmax()
            return first + int(place), float(scores[place])
        if not gathers:
            scores = scores[numbers - first]
        place = scores.argmax()
        return int(numbers[place]), float(scores[place])


class VectorMatrix:
    """Rows of one dimension, each in a scope. Not safe between threads: its owner holds a lock.

    Args:
        most: Most rows it will hold, for which it grows by doubling; 0 for no limit.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forget all rows, and the dimension."""
        self.vectors: Floats = np.empty((0, 0), dtype=np.float32)
        self._scopes: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._free: list[int] = []
        self._used = 0
        self._whole: Candidates | None = None

    @property
    def dimension(self) -> int:
        """Length d of the vectors; 0 before the first."""
        dimension: int = self.vectors.shape[1]
        return dimension

    def __len__(self) -> int:
        """How many rows are in use."""
        return self._used - len(self._free)

    @property
    def wasted(self) -> int:
        """Rows that are searched and not in use."""
        return len(self._free)

    def put(self, row: Floats, scope: int) -> int:
        """Store a row where there is room, and return its number.

        Args:
            row: Shape (d,), length 1, of the dimension of all others.
            scope: Who it belongs to, 0 or more.
        """
        # Gaps first, so that the rows of a full cache stay without any.
        if self._free:
            number = self._free.pop()
        else:
            number = self._used
            if number == len(self.vectors):
                self._grow(len(row))
            self._used += 1
            self._whole = None
        self.vectors[number] = row
        self._scopes[number] = scope
        return number

    def free(self, number: int) -> None:
        """Give a row up; the next that is stored takes its place."""
        self._scopes[number] = FREE
        self._free.append(number)

    def candidates(self, scope: int, count: int) -> Candidates | None:
        """The rows of a scope; None when it has none.

        Args:
            scope: Whose rows.
            count: How many it has.
        """
        if not count:
            return None
        if count == self._used:
            # The usual case, of one scope and no gaps, is made ready once.
            if self._whole is None:
                self._whole = Candidates(self.vectors[: self._used])
            return self._whole
        numbers = np.flatnonzero(self._scopes[: self._used] == scope)
        first, last = int(numbers[0]), int(numbers[-1]) + 1
        vectors = self.vectors[first:last]
        if len(numbers) == last - first:
            return Candidates(vectors, first)
        few = len(numbers) * _GATHERED < last - first
        return Candidates(vectors, first, numbers, few)

    def rows_of(self, scope: int) -> NDArray[np.intp]:
        """Numbers of the rows of a scope, ascending."""
        return np.flatnonzero(self._scopes[: self._used] == scope)

    def compacted(self) -> dict[int, int]:
        """Move all rows in use to the front of new memory; old numbers to new ones.

        Whoever searches the old memory goes on seeing its rows.
        """
        kept = np.flatnonzero(self._scopes[: self._used] != FREE)
        vectors = _aligned(len(kept), self.dimension)
        np.take(self.vectors, kept, axis=0, out=vectors)
        scopes = self._scopes[kept]
        self._used, self._free = len(kept), []
        self.vectors, self._scopes, self._whole = vectors, scopes, None
        return {int(old): new for new, old in enumerate(kept)}

    def _grow(self, dimension: int) -> None:
        # Doubling copies each row about once in all, however many come.
        room = max(_SMALLEST, 2 * self._used)
        if self._most:
            room = max(min(room, self._most), self._used + 1)
        vectors = _aligned(room, dimension)
        scopes = np.full(room, FREE, dtype=np.int64)
        if self._used:
            vectors[: self._used] = self.vectors[: self._used]
            scopes[: self._used] = self._scopes[: self._used]
        self.vectors, self._scopes = vectors, scopes


def _aligned(rows: int, dimension: int) -> Floats:
    """Memory that begins at a line of the processor's cache: a fifth faster to multiply."""
    size = 4 * rows * dimension
    block = np.empty(size + _LINE, dtype=np.uint8)
    start = -block.ctypes.data % _LINE
    floats: Floats = block[start : start + size].view(np.float32).reshape(rows, dimension)
    return floats
