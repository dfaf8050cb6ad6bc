"""Vectors are checked at the border, and scores are those of float64."""

from __future__ import annotations

import math

import numpy as np
import pytest

from racto.core.documents import Chunk
from racto.core.errors import DimensionMismatchError, InvalidEmbeddingError
from racto.stores.faiss.vectors import (
    lengths_of,
    normalised,
    queries_of,
    rows_of,
    scores_of,
)


def chunk(name: str, vector: object) -> Chunk:
    return Chunk(content=name, chunk_id=name, embedding=vector)  # type: ignore[arg-type]


def test_rows_are_contiguous_float32() -> None:
    rows, lengths = rows_of(
        [chunk("a", [1, 2]), chunk("b", np.array([[3.0, 9], [4.0, 9]])[:, 0])], None
    )
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    assert rows.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert lengths.tolist() == pytest.approx([5**0.5, 5.0])


@pytest.mark.parametrize("kind", ["float32", "float64", "int16", "bool"])
def test_arrays_are_read_as_lists_are(kind: str) -> None:
    values = (np.random.default_rng(0).standard_normal((1300, 7)) * 9).astype(kind)
    values[:, 0] = 1
    arrays, scale = list(values), float(values.astype(float).max())
    rows, lengths = rows_of([chunk(str(at), row) for at, row in enumerate(arrays)], 7)
    again, same = rows_of([chunk(str(at), row.tolist()) for at, row in enumerate(arrays)], 7)
    assert np.array_equal(rows, again)
    assert np.allclose(lengths, same, atol=1e-6 * scale)
    # They are nobody else's: what the store does to them is not seen outside.
    rows[:] = 0
    assert values.any()


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-14, 1.0, 1e15, 1e17])
def test_lengths_are_right_at_any_scale(scale: float) -> None:
    rows, lengths = rows_of([chunk("a", np.full(4, scale, dtype=np.float32))], None)
    assert lengths == pytest.approx(2 * scale, rel=1e-6, abs=0)
    length = float(np.linalg.norm(normalised(rows, lengths, rows).astype(float)))
    assert length == pytest.approx(1.0 if scale else 0.0)


def test_odd_arrays_are_refused_by_the_chunks_name() -> None:
    good = chunk("good", np.ones(2, dtype=np.float32))
    for odd in (np.array([1.0, math.nan]), np.array([1.0, 1e39]), np.array([1.0, None])):
        with pytest.raises(InvalidEmbeddingError, match="'odd'"):
            rows_of([good, chunk("odd", odd)], None)
    for odd in (np.ones(3), np.ones((3, 2))):
        with pytest.raises(DimensionMismatchError, match="'odd' has 3"):
            rows_of([good, chunk("odd", odd)], None)
    with pytest.raises(InvalidEmbeddingError):
        rows_of([good, chunk("odd", np.ones((2, 2)))], None)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e39, 2e18, "x", None])
def test_what_is_no_usable_number_is_refused_by_the_chunks_name(value: object) -> None:
    with pytest.raises(InvalidEmbeddingError, match="'bad'"):
        rows_of([chunk("good", [1.0, 0.0]), chunk("bad", [1.0, value])], 2)


def test_an_empty_vector_is_refused() -> None:
    with pytest.raises(InvalidEmbeddingError, match="no values"):
        rows_of([chunk("empty", [])], None)


def test_queries_are_named_by_their_place() -> None:
    with pytest.raises(DimensionMismatchError, match="query 1 has 3 values") as caught:
        queries_of([[1.0, 2.0], [1.0, 2.0, 3.0]], 2)
    assert (caught.value.expected, caught.value.actual) == (2, 3)
    assert queries_of([], None).shape == (0, 0)


def test_a_vector_without_length_stays_zero() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    assert np.allclose(normalised(rows, lengths_of(rows)), [[0.6, 0.8], [0.0, 0.0]])


def test_scores_rise_with_nearness() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    query = np.array([[1.0, 0.0]], dtype=np.float32)
    assert scores_of("ip", rows, query).tolist() == [1.0, 0.0]
    assert scores_of("dot", rows, 3 * query).tolist() == [3.0, 0.0]
    assert scores_of("l2", rows, query).tolist() == [0.0, -math.sqrt(5)]
