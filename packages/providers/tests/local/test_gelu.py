"""GELU is that of the error function, for any number, in an array of any size."""

from __future__ import annotations

import math

import numpy as np

from racto.providers.local.gelu import _AT_ONCE, gelu


def exact(x: float) -> float:
    return x * 0.5 * math.erfc(-x / math.sqrt(2))


def test_it_is_exact_to_a_ten_millionth() -> None:
    points = np.linspace(-12, 12, 3 * _AT_ONCE + 7, dtype=np.float32)
    made = points.copy()
    gelu(np, made)
    wanted = np.array([exact(x) for x in points.tolist()])
    # What float32 rounds off grows with the number; the approximation's own error does not.
    assert np.all(np.abs(made - wanted) <= 1e-7 + 2.4e-7 * np.abs(points))


def test_numbers_far_out_are_kept_or_vanish() -> None:
    made = np.array([[-1e30, -300.0, -0.0], [0.0, 300.0, 1e18]], dtype=np.float32)
    gelu(np, made)
    np.testing.assert_array_equal(made, np.array([[0, 0, 0], [0, 300, 1e18]], dtype=np.float32))


def test_nothing_is_nothing() -> None:
    empty = np.empty((0, 8), dtype=np.float32)
    gelu(np, empty)
    assert empty.shape == (0, 8)
