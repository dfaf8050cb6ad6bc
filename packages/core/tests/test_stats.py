"""Counters of a cache are the reference's."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from racto.core import CacheStats


def test_before_the_first_request() -> None:
    stats = CacheStats()
    assert (stats.hits, stats.misses, stats.size, stats.total, stats.hit_rate) == (0, 0, 0, 0, 0.0)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_hit_rate_is_a_fraction(hits: int, misses: int) -> None:
    stats = CacheStats(hits=hits, misses=misses)
    assert stats.total == hits + misses
    assert 0.0 <= stats.hit_rate <= 1.0
    assert stats.hit_rate * stats.total == pytest.approx(hits)


def test_a_snapshot_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CacheStats().hits = 1
