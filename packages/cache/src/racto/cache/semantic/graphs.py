"""A graph over the questions of one large scope, by faiss; it grows a little with each question.

faiss removes nothing from such a graph. What is gone is passed over, and once most of it is gone, a
new graph grows beside the old one, which answers until the new one is complete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np

from racto.core.errors import MissingExtraError

from .vectors import Floats

T = TypeVar("T")

GRAPH_FROM = 20_000
"""Questions from which on a scope gets a graph; fewer are read faster than they are worth."""

# By measurement, 30,000 x 384: 0.15 ms a search and 0.3 ms an addition; numpy takes 2.7 ms.
_LINKS, _BUILD_EFFORT, _SEARCH_EFFORT, _FOUND = 16, 100, 64, 8
_MOVED = 4


class _Graph(Generic[T]):
    """One graph and what its nodes stand for."""

    def __init__(self, dimension: int) -> None:
        faiss = _library()
        self._index: Any = faiss.IndexHNSWFlat(dimension, _LINKS, faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = _BUILD_EFFORT
        self._index.hnsw.efSearch = _SEARCH_EFFORT
        self.items: list[T] = []

    def add(self, item: T, row: Floats) -> None:
        self._index.add(np.ascontiguousarray(row[None]))
        self.items.append(item)

    def near(self, row: Floats) -> list[T]:
        _, numbers = self._index.search(row[None], _FOUND)
        # It fills up with -1 where it found fewer.
        return [self.items[number] for number in numbers[0].tolist() if number >= 0]


class ScopeGraph(Generic[T]):
    """Finds questions of one scope that are near, most often the nearest among them.

    Not safe between threads: its owner holds a lock.

    Args:
        dimension: Length of the vectors.
        items: What is there already; it is taken in little by little.
        row_of: Gives the vector of an item; None when it is gone.

    Raises:
        MissingExtraError: If faiss is not installed.
    """

    def __init__(
        self, *, dimension: int, items: list[T], row_of: Callable[[T], Floats | None]
    ) -> None:
        self._dimension = dimension
        self._row_of = row_of
        self._complete: _Graph[T] | None = None
        self._growing: _Graph[T] | None = _Graph(dimension)
        self._waiting = items

    def add(self, item: T, row: Floats, alive: int) -> None:
        """Take an item in, and some of those that wait.

        Args:
            item: What the vector stands for.
            row: Its vector, shape (d,), length 1.
            alive: How many items there are.
        """
        for graph in (self._complete, self._growing):
            if graph is not None:
                graph.add(item, row)
        self._move()
        # Half of what a search finds may be dead by now, and it asks for eight.
        old = self._complete
        if old and self._growing is None and len(old.items) > 2 * alive + _FOUND:
            self._growing = _Graph(self._dimension)
            self._waiting = [one for one in old.items if self._is_alive(one)]

    def near(self, row: Floats) -> list[T] | None:
        """Some of the nearest items; None before the graph is complete.

        Args:
            row: A vector of length 1, shape (d,).
        """
        # Until then all rows are read, which is slower and misses nothing.
        if self._complete is None:
            return None
        return [one for one in self._complete.near(row) if self._is_alive(one)]

    def _move(self) -> None:
        if self._growing is None:
            return
        # All at once would hold up one request for seconds.
        for _ in range(min(_MOVED, len(self._waiting))):
            item = self._waiting.pop()
            row = self._row_of(item)
            if row is not None:
                self._growing.add(item, row)
        if not self._waiting:
            self._complete, self._growing = self._growing, None

    def _is_alive(self, item: T) -> bool:
        return self._row_of(item) is not None


def need_faiss() -> None:
    """See that faiss is there, before anything depends on it.

    Raises:
        MissingExtraError: If it is not.
    """
    _library()


def _library() -> Any:
    try:
        import faiss
    except ImportError as exc:
        raise MissingExtraError(
            "faiss-cpu", install="racto-cache[index]", purpose="An index for semantic caches"
        ) from exc
    return faiss
