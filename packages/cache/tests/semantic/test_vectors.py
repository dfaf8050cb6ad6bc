"""Rows of length 1 out of whatever an embedder returns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.cache.semantic.vectors import unit_row
from racto.core.errors import EmbeddingError, InvalidEmbeddingError

NUMBERS = st.floats(-1e30, 1e30, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1, max_size=32))
def test_length_is_one_or_it_is_refused(values: list[float]) -> None:
    largest = max(map(abs, values))
    if 0.0 < largest < 1e-37:
        # float32 has no such small numbers, or only coarse ones.
        return
    if largest == 0.0:
        with pytest.raises(InvalidEmbeddingError):
            unit_row(values)
        return
    row = unit_row(values)
    assert row.dtype == np.float32
    assert math.sqrt(np.dot(row.astype(float), row.astype(float))) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("values", [[math.nan], [math.inf, 1.0], [1e300, 1.0], [0.0, -0.0]])
def test_no_direction(values: list[float]) -> None:
    with pytest.raises(InvalidEmbeddingError):
        unit_row(values)


@pytest.mark.parametrize("values", [[], "text", None, 3.0, [[1.0]], [1.0, "x"], {"a": 1}, object()])
def test_no_vector(values: object) -> None:
    with pytest.raises(EmbeddingError):
        unit_row(values)
