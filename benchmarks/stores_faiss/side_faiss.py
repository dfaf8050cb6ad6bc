"""Bare faiss as people write it: an index with ids, and a dictionary of chunks beside it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import faiss
import numpy as np
from data import chunks, matrix


def add(rows: int, dimension: int) -> Callable[[], None]:
    """Chunks that are ready, into an empty index."""
    batches = list(chunks(rows, dimension))
    return lambda: _filled(batches, dimension) and None


def search(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time."""
    index, kept = _filled(chunks(rows, dimension), dimension)
    queries, turn = matrix(64, dimension, seed=1), count()

    def once() -> None:
        _found(index, kept, queries[next(turn) % 64][None])

    return once


def search_batch(rows: int, dimension: int) -> Callable[[], None]:
    """Thirty-two queries in one call."""
    index, kept = _filled(chunks(rows, dimension), dimension)
    queries = matrix(32, dimension, seed=1)

    def once() -> None:
        _found(index, kept, queries)

    return once


def search_filtered(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time among every tenth chunk."""
    index, kept = _filled(chunks(rows, dimension), dimension)
    queries, turn = matrix(64, dimension, seed=1), count()
    ids = np.array([number for number, chunk in kept.items() if chunk.metadata.extra["shelf"] == 3])

    def once() -> None:
        params = faiss.SearchParameters(sel=faiss.IDSelectorBatch(ids))
        _found(index, kept, queries[next(turn) % 64][None], params)

    return once


def _filled(batches: Any, dimension: int) -> tuple[Any, dict[int, Any]]:
    index, kept = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)), {}
    for batch in batches:
        rows = np.array([chunk.embedding for chunk in batch], dtype=np.float32)
        faiss.normalize_L2(rows)
        ids = np.arange(len(kept), len(kept) + len(batch))
        index.add_with_ids(rows, ids)
        kept.update(zip(ids.tolist(), batch, strict=True))
    return index, kept


def _found(index: Any, kept: dict[int, Any], queries: Any, params: Any = None) -> list[Any]:
    queries = queries.copy()
    faiss.normalize_L2(queries)
    scores, ids = index.search(queries, 10, params=params)
    return [
        [(kept[number], score) for number, score in zip(*own, strict=True)]
        for own in zip(ids.tolist(), scores.tolist(), strict=True)
    ]
