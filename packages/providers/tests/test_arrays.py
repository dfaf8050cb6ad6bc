"""Vectors arrive as float32 arrays, or as lists where numpy is missing."""

from __future__ import annotations

import base64
import builtins
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.core import MissingExtraError
from racto.providers import arrays

ROWS = [[1.0, 2.5], base64.b64encode(struct.pack("<2f", -3.0, 0.25)).decode()]


def test_rows_of_both_shapes_become_one_array() -> None:
    made: Any = arrays.matrix(ROWS, 2)
    assert made.tolist() == [[1.0, 2.5], [-3.0, 0.25]]
    assert made.dtype == np.float32
    assert made.flags["C_CONTIGUOUS"]
    for asked, width in ((7, 7), (-1, 0)):
        empty: Any = arrays.matrix([], asked)
        assert empty.shape == (0, width)


def test_rows_of_both_shapes_become_lists() -> None:
    assert [arrays.floats(row) for row in ROWS] == [[1.0, 2.5], [-3.0, 0.25]]
    assert arrays.lists(ROWS, 2) == [[1.0, 2.5], [-3.0, 0.25]]


@given(st.integers(0, 40))
def test_lengths_are_told_without_decoding(values: int) -> None:
    row = base64.b64encode(bytes(4 * values)).decode()
    assert arrays.length(row) == arrays.length(arrays.floats(row)) == values


@pytest.mark.parametrize("shape", [arrays.matrix, arrays.lists])
@pytest.mark.parametrize(
    "row",
    [
        [1.0],
        [1.0] * 3,
        ["a", "b"],
        [None, 1.0],
        [float("inf"), 1.0],
        [10**400, 1.0],
        "AAAA",
        "AAAAAAAA=AAA",
    ],
)
def test_what_is_no_vector_is_refused(shape: Any, row: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        shape([[1.0, 2.0], row], 2)


def test_matrices_are_joined() -> None:
    one, two = arrays.matrix([[1.0]], 1), arrays.matrix([[2.0], [3.0]], 1)
    made: Any = arrays.joined([one, two], 1)
    assert made.tolist() == [[1.0], [2.0], [3.0]]
    assert arrays.joined([one], 1) is one
    assert arrays.joined([[[1.0]], [[2.0]]], 1) == [[1.0], [2.0]]
    empty: Any = arrays.joined([], 7)
    assert empty.shape == (0, 7)


def test_without_numpy_rows_stay_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "numpy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert arrays.matrix(ROWS, 2) == [[1.0, 2.5], [-3.0, 0.25]]
    with pytest.raises(MissingExtraError, match=r"racto-providers\[local\]"):
        arrays.numpy(purpose="this test")
