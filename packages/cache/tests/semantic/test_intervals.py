"""Wilson's interval: known values, and what must hold for all counts."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.cache.semantic.intervals import flawless_needed, wilson
from racto.core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    # Computed by hand from Wilson's formula with z = 1.959964.
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_known_values(successes: int, total: int, low: float, high: float) -> None:
    assert list(wilson(successes, total)) == pytest.approx([low, high], abs=1e-4)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.data())
def test_interval_holds_the_share_and_shrinks(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, 10_000))
    successes = data.draw(st.integers(0, total))
    low, high = wilson(successes, total)
    assert 0.0 <= low <= successes / total <= high <= 1.0
    wider = wilson(successes, total, confidence=0.999)
    assert wider[0] <= low
    assert high <= wider[1]
    finer = wilson(successes * 10, total * 10)
    assert finer[1] - finer[0] <= high - low


@given(st.floats(0.5, 0.9999), st.floats(0.5, 0.999))
def test_needed_number_is_the_least(share: float, confidence: float) -> None:
    needed = flawless_needed(share, confidence=confidence)
    assert wilson(needed, needed, confidence=confidence)[0] >= share - 1e-9
    if needed > 1:
        assert wilson(needed - 1, needed - 1, confidence=confidence)[0] < share


@pytest.mark.parametrize("call", [
    lambda: wilson(2, 1), lambda: wilson(-1, 1), lambda: wilson(1, 1, confidence=1.0),
    lambda: flawless_needed(1.0), lambda: flawless_needed(-0.1),
])  # fmt: skip
def test_out_of_range(call: object) -> None:
    with pytest.raises(ConfigurationError):
        call()  # type: ignore[operator]
