"""Vectors of any kind become float32 rows, and what is no vector is refused by name."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.stores.memory.vectors import LONGEST, lengths_of, query_rows, rows_of

FLOATS = st.floats(width=32, min_value=-1e9, max_value=1e9)


def chunk(chunk_id: str, embedding: Any) -> Chunk:
    return Chunk(content="text", chunk_id=chunk_id, embedding=embedding)


@given(st.lists(st.lists(FLOATS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_lists_arrays_and_rows_become_the_same(values: list[list[float]]) -> None:
    wanted = np.array(values, dtype=np.float32)
    kinds = [values, list(wanted), [array("f", row) for row in values], list(np.array(values))]
    for given_values in kinds:
        chunks = [chunk(str(at), row) for at, row in enumerate(given_values)]
        rows, lengths = rows_of(chunks, 3)
        assert rows.dtype == np.float32
        assert rows.flags.c_contiguous
        assert np.array_equal(rows, wanted)
        assert np.allclose(lengths, np.linalg.norm(wanted.astype(np.float64), axis=1))


def test_rows_are_copies() -> None:
    given_row = np.ones(3, dtype=np.float32)
    rows, _ = rows_of([chunk("a", given_row)], 3)
    given_row[:] = 7
    assert rows.tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    "bad",
    [
        [1.0, float("nan"), 0.0],
        [1.0, float("inf"), 0.0],
        [1.0, None, 0.0],
        [1.0, "x", 0.0],
        [1.0, 1e300, 0.0],
        [2 * LONGEST, 0.0, 0.0],
        [1.0, {}, 0.0],
    ],
    ids=str,
)
def test_what_is_no_finite_vector_is_refused_by_name(bad: list[Any]) -> None:
    chunks = [chunk("good", [1.0, 2.0, 3.0]), chunk("bad one", bad)]
    with pytest.raises(InvalidEmbeddingError, match="chunk 'bad one'") as caught:
        rows_of(chunks, 3)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(InvalidEmbeddingError, match="the query vector"):
        query_rows([bad], 3)
    with pytest.raises(InvalidEmbeddingError, match="query vector 1"):
        query_rows([[1.0, 2.0, 3.0], bad], 3)


def test_missing_and_uneven_vectors_are_refused() -> None:
    with pytest.raises(MissingEmbeddingError, match="'none'"):
        rows_of([chunk("none", None)], 3)
    with pytest.raises(DimensionMismatchError, match="2 values") as caught:
        rows_of([chunk("a", [1.0, 2.0])], 3)
    assert (caught.value.expected, caught.value.actual) == (3, 2)
    with pytest.raises(DimensionMismatchError):
        query_rows([[1.0, 2.0], [1.0]], None)


def test_no_queries_are_no_rows() -> None:
    assert query_rows([], None).shape == (0, 0)
    assert query_rows([], 4).shape == (0, 4)


def test_lengths_are_counted_in_float64() -> None:
    rows = np.full((1, 4), 1e17, dtype=np.float32)
    assert lengths_of(rows)[0] == pytest.approx(2e17, rel=1e-6)
