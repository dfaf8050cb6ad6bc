"""The algorithm: no stretch as long as the window holds more than was granted for one."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.cache.config import MOST
from racto.cache.limits.windows import SLICES, Window, slice_width

AMOUNT = 100
SECONDS = 6.0
WIDTH = slice_width(SECONDS)
LENGTH = WIDTH * SLICES

# Steps that land on, just before and just after the edges of slices and windows.
steps = st.one_of(
    st.integers(0, 3),
    st.integers(0, LENGTH),
    st.sampled_from([WIDTH - 1, WIDTH, WIDTH + 1, LENGTH - 1, LENGTH, LENGTH + 1]),
)


@given(st.lists(st.tuples(steps, st.integers(1, AMOUNT)), max_size=60))
def test_no_stretch_of_the_window_holds_more_than_the_amount(calls: list[tuple[int, int]]) -> None:
    window, now, granted = Window(), 0, list[tuple[int, int]]()
    for step, cost in calls:
        now += step
        window.roll(now // WIDTH)
        if window.used + cost <= AMOUNT:
            window.add(now // WIDTH, cost)
            granted.append((now, cost))
    for end, _ in granted:
        assert sum(cost for at, cost in granted if end - LENGTH < at <= end) <= AMOUNT


@given(st.integers(0, 10 * LENGTH), st.integers(1, AMOUNT))
def test_use_returns_at_most_one_slice_late(start: int, cost: int) -> None:
    window = Window()
    window.add(start // WIDTH, cost)
    wait = window.wait(start, WIDTH, cost)
    assert LENGTH < wait <= LENGTH + WIDTH
    window.roll((start + wait - 1) // WIDTH)
    assert window.used == cost
    window.roll((start + wait) // WIDTH)
    assert window.used == 0


def test_a_window_takes_few_numbers() -> None:
    window = Window()
    for now in range(0, 5 * LENGTH, WIDTH // 7):
        window.roll(now // WIDTH)
        window.add(now // WIDTH, 1)
    assert len(window._slices) == SLICES + 1
    assert window.used == sum(amount for _, amount in window._slices)


def test_a_clock_that_is_set_back_neither_grants_twice_nor_locks_out() -> None:
    window, hour = Window(), 3600 * 1_000_000
    window.add(hour // WIDTH, 70)
    window.roll(0)
    assert window.used == 70
    window.roll((LENGTH - 1) // WIDTH)
    assert window.used == 70
    window.roll((LENGTH + WIDTH) // WIDTH)
    assert window.used == 0


def test_what_is_given_back_comes_off_its_own_slice() -> None:
    window = Window()
    window.add(5, 10)
    window.add(6, 10)
    window.give_back(5, 4)
    assert window.used == 16
    window.roll(5 + SLICES + 1)
    assert window.used == 10
    # Its slice is gone, and what others used is not theirs to give.
    window.give_back(5, 4)
    assert window.used == 10
    window.give_back(6, 99)
    assert window.used == 0


def test_after_a_clock_was_set_back_it_comes_off_the_newest_slice() -> None:
    window = Window()
    window.add(900, 10)
    window.roll(3)
    window.give_back(900, 4)
    assert window.used == 6


def test_waiting_counts_only_what_is_missing() -> None:
    window = Window()
    window.add(0, 10)
    window.add(30, 10)
    now = 30 * WIDTH
    assert window.wait(now, WIDTH, 0) == 0
    assert window.wait(now, WIDTH, 1) == window.wait(now, WIDTH, 10) == (SLICES + 1 - 30) * WIDTH
    assert window.wait(now, WIDTH, 11) == (SLICES + 1) * WIDTH


def test_sums_stay_exact_numbers() -> None:
    window = Window()
    window.add(0, MOST)
    window.add(0, MOST)
    assert window.used == MOST


def test_no_window_is_shorter_than_said() -> None:
    for seconds in (0.001, 0.0333, 1.0, 59.9999, 60.0, 86_400.0):
        assert slice_width(seconds) * SLICES >= seconds * 1_000_000
    assert slice_width(60.0) == 1_000_000
