"""The best few of many ranking keys, without ordering the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats

EXCLUDED = np.float32(-np.inf)
"""The key of a row that must not be found."""

# Enough groups that the best rows hardly share one, few enough that ordering them is nothing.
_GROUPS = 1024
# Beyond so many rows that float32 cannot tell apart, it decides all the same.
_MOST_TIES = 16384
_LOWEST = np.finfo(np.float32).min


def candidates(
    keys: Floats, count: int, slack: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows among which the best ``count`` of each query are, and few more.

    Rows are dealt out to groups, and the best of each group compete: the ``count``-th best of
    these is a bound that at least ``count`` rows reach. It takes one pass for the maxima and one
    for the comparison, a tenth of what a partition of all keys takes.

    Args:
        keys: Ranking keys, shape (n, queries), n at least 1.
        count: How many are wanted.
        slack: By how much a key may be wrong, by query; rows within it stay candidates.

    Returns:
        Positions of queries and of rows, each of shape (found,), ordered by query, then row.
    """
    bounds = np.maximum(_bounds(keys, count) - 2 * slack, _LOWEST).astype(np.float32)
    # Counted flat: a search in two dimensions takes fifty times as long.
    rows, queries = np.divmod(np.flatnonzero(keys >= bounds), keys.shape[1])
    order = np.argsort(queries, kind="stable")
    rows, queries = rows[order], queries[order]
    limit = count + _MOST_TIES
    if rows.size <= limit:
        return queries, rows
    return _narrowed(keys, queries, rows, limit)


def _bounds(keys: Floats, count: int) -> NDArray[np.float64]:
    size, queries = keys.shape
    if count >= size:
        return np.full(queries, -np.inf)
    groups = max(_GROUPS, 8 * count)
    members = size // groups
    if members > 1:
        dealt = keys[: members * groups].reshape(members, groups, queries)
        rest = keys[members * groups :]
        keys = dealt.max(axis=0)
        np.maximum(keys[: len(rest)], rest, out=keys[: len(rest)])
    maxima = np.ascontiguousarray(keys.T)
    place = maxima.shape[1] - count
    found: NDArray[np.float64] = np.partition(maxima, place, axis=1)[:, place].astype(np.float64)
    return found


def _narrowed(
    keys: Floats, queries: NDArray[np.intp], rows: NDArray[np.intp], limit: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """At most ``limit`` candidates a query, for stores of which many rows are all but equal."""
    kept = []
    for query in np.unique(queries):
        own = np.flatnonzero(queries == query)
        best = np.argsort(-keys[rows[own], query], kind="stable")[:limit]
        kept.append(np.sort(own[best]))
    chosen = np.concatenate(kept)
    return queries[chosen], rows[chosen]
