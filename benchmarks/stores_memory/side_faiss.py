"""faiss IndexFlatIP: exact search, vectors only."""

from __future__ import annotations

from collections.abc import Callable

import faiss
from data import matrix


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    index = _index(rows, dimension)
    queries = matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        row = next(turn) % 64
        index.search(queries[row : row + 1], top_k)
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call."""
    index = _index(rows, dimension)
    queries = matrix(batch, dimension, seed=1)

    def once() -> int:
        index.search(queries, top_k)
        return batch

    return once


def _index(rows: int, dimension: int) -> faiss.IndexFlatIP:
    index = faiss.IndexFlatIP(dimension)
    index.add(matrix(rows, dimension))
    return index
