"""The best scores come first, whoever holds them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.rag.index.ranking import ranking

SCORES = st.lists(st.integers(0, 5).map(float), max_size=60)


def sorted_out(scores: list[float], limit: int) -> list[tuple[int, float]]:
    pairs = sorted(enumerate(scores), key=lambda pair: -pair[1])
    return [(place * 3, score) for place, score in pairs if score > 0][:limit]


@given(scores=SCORES, limit=st.integers(1, 70))
def test_both_ways_are_a_sort_cut_short(scores: list[float], limit: int) -> None:
    np: Any = pytest.importorskip("numpy")
    ids = [3 * place for place in range(len(scores))]
    expected = sorted_out(scores, limit)
    assert ranking(dict(enumerate(scores)), ids, limit) == expected
    assert ranking(np.array(scores), ids, limit) == expected


@pytest.mark.parametrize("rows", [64, 129, 5000])
@pytest.mark.parametrize("limit", [1, 3, 70])
def test_blocks_hide_nothing(rows: int, limit: int) -> None:
    np: Any = pytest.importorskip("numpy")
    scores = (np.arange(rows) * 7919 % 13).astype(float)
    scores[-1] = 99.0
    assert ranking(scores, range(0, 3 * rows, 3), limit) == sorted_out(scores.tolist(), limit)
    assert ranking(scores * 0, range(rows), limit) == []
