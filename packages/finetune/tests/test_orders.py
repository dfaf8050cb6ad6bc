"""Orders and splits: every one once, exact shares, and the same on every machine."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.finetune.orders import shuffled_order, side_of, sides, train_count


@given(st.integers(0, 300), st.integers() | st.none())
def test_every_number_comes_once(count: int, seed: int | None) -> None:
    assert sorted(shuffled_order(count, seed)) == list(range(count))


def test_orders_are_pinned() -> None:
    """A change here would change everybody's files."""
    assert list(shuffled_order(10, 42)) == PINNED_ORDER
    assert [int(side) for side in sides(10, 0.7, 42)] == PINNED_SIDES
    assert [side_of(key, 0.5, 42) for key in range(4)] == PINNED_KEYS


PINNED_ORDER = [9, 7, 8, 5, 3, 4, 1, 2, 0, 6]
PINNED_SIDES = [1, 1, 1, 1, 0, 0, 0, 1, 1, 1]
PINNED_KEYS = [True, True, True, False]


@given(st.integers(0, 500), st.floats(0, 1), st.integers())
def test_a_split_is_exact(count: int, ratio: float, seed: int) -> None:
    chosen = list(sides(count, ratio, seed))
    assert len(chosen) == count
    assert sum(chosen) == train_count(count, ratio)
    if count > 1 and 0 < ratio < 1:
        assert 0 < sum(chosen) < count


def test_other_seeds_other_orders() -> None:
    assert list(shuffled_order(100, 1)) != list(shuffled_order(100, 2))
    assert list(shuffled_order(100, None)) != list(shuffled_order(100, None))


def test_keys_meet_the_share_on_average() -> None:
    share = sum(side_of(key, 0.8, 3) for key in range(5_000)) / 5_000
    assert share == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("ratio", [-0.1, 1.1, float("nan")], ids=str)
def test_a_ratio_lies_between_0_and_1(ratio: float) -> None:
    with pytest.raises(ConfigurationError, match="train_ratio"):
        train_count(10, ratio)
    with pytest.raises(ConfigurationError, match="train_ratio"):
        side_of(1, ratio, 0)
