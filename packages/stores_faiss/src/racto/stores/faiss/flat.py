"""Rows in one array, which Faiss's kernels compare all of, in files as Faiss writes them.

Faiss's own flat index moves all its rows whenever their room doubles, into memory that the system
has to clear page by page; that took longer than everything else in the adding of a chunk. Numpy's
arrays come in large pages, and a row can be read or removed without a call into C++ for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import IndexKind
from .vectors import LONGEST, Floats, lengths_of

_BLOCK = 4096
# A code and the dimension, the number of rows, sixteen bytes of no meaning, the metric, and how
# many values follow.
_COUNT, _VALUES = slice(8, 16), slice(37, 45)
_TELLING = (slice(0, 16), slice(32, None))


def library() -> Any:
    """The module ``faiss``, which takes a quarter of a second to import."""
    import faiss

    return faiss


def measure_of(kind: IndexKind) -> int:
    """Faiss's number for how rows of a kind are compared."""
    faiss = library()
    return int(faiss.METRIC_L2 if kind.metric == "l2" else faiss.METRIC_INNER_PRODUCT)


class FlatRows:
    """Rows of one length; not safe to read while somebody adds.

    Args:
        kind: Says how rows are compared.
        dimension: Values a row.
        rows: Rows to begin with, which it takes over.
    """

    def __init__(self, kind: IndexKind, dimension: int, *, rows: Floats | None = None) -> None:
        self._kind = kind
        self._room = np.empty((0, dimension), dtype=np.float32) if rows is None else rows
        self.ntotal = len(self._room)

    @property
    def rows(self) -> Floats:
        """All rows, shape (ntotal, d); a view, for no longer than nobody writes."""
        return self._room[: self.ntotal]

    def add(self, rows: Floats) -> None:
        """Append rows of shape (n, d).

        Raises:
            ValueError: If they are of another length.
        """
        if rows.shape[1] != self._room.shape[1]:
            raise ValueError(f"rows of {rows.shape[1]} among rows of {self._room.shape[1]}")
        wanted = self.ntotal + len(rows)
        if wanted > len(self._room):
            # Pages that nobody has written to take no memory yet.
            room = np.empty((max(64, 2 * wanted), self._room.shape[1]), dtype=np.float32)
            room[: self.ntotal] = self.rows
            self._room = room
        self._room[self.ntotal : wanted] = rows
        self.ntotal = wanted

    def nearest(
        self, queries: Floats, count: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """The nearest of all rows that are allowed, shape (q, count), best first.

        Args:
            queries: Shape (q, d).
            count: Rows a query, from 1 to as many as are allowed.
            allowed: Which rows may be found, shape (ntotal,); None for all.
        """
        faiss, rows = library(), self.rows
        # The kernels are given addresses, so nothing may have another shape than they are told.
        queries = np.ascontiguousarray(queries, dtype=np.float32).reshape(-1, rows.shape[1])
        scores = np.empty((len(queries), count), dtype=np.float32)
        found = np.empty((len(queries), count), dtype=np.int64)
        given = (
            faiss.swig_ptr(queries), faiss.swig_ptr(rows), rows.shape[1], len(queries), len(rows),
            count, faiss.swig_ptr(scores), faiss.swig_ptr(found),
        )  # fmt: skip
        selector = None if allowed is None else selector_of(allowed)
        if self._kind.metric == "l2":
            faiss.knn_L2sqr(*given, None, selector)
        else:
            faiss.knn_inner_product(*given, selector)
        return found

    def remove(self, gone: NDArray[np.bool_]) -> None:
        """Remove rows and give their memory back.

        Args:
            gone: Which rows, shape (ntotal,).
        """
        self._room = self.rows[~gone]
        self.ntotal = len(self._room)

    def write(self, write: Callable[[bytes], object]) -> None:
        """Write what Faiss's own writer writes of a flat index of these rows."""
        write(_header(self._kind, *self.rows.shape))
        for at in range(0, self.ntotal, _BLOCK):
            write(self.rows[at : at + _BLOCK].astype("<f4", copy=False).tobytes())

    @classmethod
    def read(
        cls, read: Callable[[int], bytes], size: int, kind: IndexKind, count: int, dimension: int
    ) -> FlatRows:
        """Read what :meth:`write` wrote.

        Args:
            read: Gives the next bytes, at most so many.
            size: All its bytes.
            kind: How rows are compared.
            count: Rows that must be there.
            dimension: Values a row.

        Raises:
            ValueError: If it is something else.
        """
        expected = _header(kind, count, dimension)
        head = read(len(expected))
        same = all(head[part] == expected[part] for part in _TELLING)
        # Before room is made for as much as it says.
        if not same or size != len(expected) + 4 * count * dimension:
            raise ValueError(f"the index is no flat one of {count} x {dimension}")
        rows = np.empty((count, dimension), dtype=np.float32)
        for at in range(0, count, _BLOCK):
            block = rows[at : at + _BLOCK]
            block[:] = np.frombuffer(read(block.nbytes), dtype="<f4").reshape(block.shape)
            if not (lengths_of(block) <= LONGEST).all():
                raise ValueError("the vectors hold what is no finite number")
        return cls(kind, dimension, rows=rows)


def selector_of(allowed: NDArray[np.bool_]) -> Any:
    """Faiss's selector of the rows that are allowed; a bit a row."""
    return library().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _header(kind: IndexKind, count: int, dimension: int) -> bytes:
    faiss = library()
    head = bytearray(faiss.serialize_index(faiss.IndexFlat(dimension, measure_of(kind))))
    head[_COUNT] = count.to_bytes(8, "little")
    head[_VALUES] = (count * dimension).to_bytes(8, "little")
    return bytes(head)
