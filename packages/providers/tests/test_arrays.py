"""Vectors arrive as float32 arrays, or as lists where numpy is missing."""

from __future__ import annotations

import base64
import builtins
import struct
from typing import Any

import numpy as np
import pytest

from racto.core import MissingExtraError
from racto.providers import arrays

ROWS = [[1.0, 2.5], base64.b64encode(struct.pack("<2f", -3.0, 0.25)).decode()]


def test_rows_of_both_shapes_become_one_array() -> None:
    made: Any = arrays.matrix(ROWS, 2)
    assert made.tolist() == [[1.0, 2.5], [-3.0, 0.25]]
    assert made.dtype == np.float32
    assert made.flags["C_CONTIGUOUS"]
    assert np.shape(arrays.matrix([], 7)) == (0, 7)
    assert np.shape(arrays.matrix([], -1)) == (0, 0)


def test_floats_and_lengths() -> None:
    assert [list(arrays.floats(row)) for row in ROWS] == [[1.0, 2.5], [-3.0, 0.25]]
    assert [arrays.length(row) for row in ROWS] == [2, 2]


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
