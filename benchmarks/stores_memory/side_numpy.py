"""Bare numpy: one product and one argpartition over one matrix that somebody else keeps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from data import matrix


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    vectors, queries = matrix(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        scores = vectors @ queries[next(turn) % 64]
        best = np.argpartition(scores, rows - top_k)[rows - top_k :]
        best[np.argsort(-scores[best])]
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one product."""
    vectors, queries = matrix(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        # The fastest of four ways: Q @ X.T multiplies slower, a partition down columns too.
        scores = (vectors @ queries.T).T
        best = np.argpartition(scores, rows - top_k, axis=1)[:, rows - top_k :]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        np.take_along_axis(best, order, axis=1)
        return batch

    return once
