"""The candidates hold the best of each query, whatever the keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from racto.stores.memory.ranking import EXCLUDED, candidates


def best(keys: np.ndarray, count: int) -> list[list[int]]:
    """The best rows of each query, ties by row, found the slow way."""
    return [
        [int(row) for row in np.argsort(-column, kind="stable")[:count] if column[row] > EXCLUDED]
        for column in keys.T
    ]


def found(keys: np.ndarray, count: int) -> list[list[int]]:
    queries, rows = candidates(keys, count, np.zeros(keys.shape[1]))
    assert (np.diff(queries) >= 0).all()
    return [
        sorted(rows[queries == query], key=lambda row: (-keys[row, query], row))[:count]
        for query in range(keys.shape[1])
    ]


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 5000),
    queries=st.integers(1, 4),
    count=st.integers(1, 40),
    levels=st.sampled_from([2, 50, 10**6]),
    excluded=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 2**16),
)
def test_the_best_are_among_the_candidates(
    size: int, queries: int, count: int, levels: int, excluded: float, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    keys = chance.integers(0, levels, (size, queries)).astype(np.float32)
    keys[chance.random(size) < excluded] = EXCLUDED
    assert found(keys, count) == best(keys, count)


@pytest.mark.parametrize("size", [5000, 20000])
def test_candidates_are_few(size: int) -> None:
    keys = np.random.default_rng(0).random((size, 3), dtype=np.float32)
    queries, _ = candidates(keys, 10, np.zeros(3))
    assert len(queries) < 3 * 20


def test_a_store_of_equal_rows_is_narrowed_to_the_first() -> None:
    keys = np.ones((20000, 2), dtype=np.float32)
    queries, rows = candidates(keys, 5, np.zeros(2))
    assert len(rows) == 2 * (5 + 16384)
    assert rows[queries == 1][:5].tolist() == [0, 1, 2, 3, 4]


def test_rows_within_the_slack_stay() -> None:
    keys = np.linspace(0, 1, 3000, dtype=np.float32)[:, None]
    _, exact = candidates(keys, 1, np.zeros(1))
    _, wide = candidates(keys, 1, np.full(1, 0.005))
    assert exact.tolist() == [2999]
    assert len(wide) > 20
