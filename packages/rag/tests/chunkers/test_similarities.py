"""Cosines of neighbours are the same from lists and arrays, and broken vectors are refused."""

from __future__ import annotations

from array import array

import pytest

from racto.core.errors import EmbeddingError
from racto.rag.chunkers.similarities import neighbour_similarities


class Array:
    """As much of a two-dimensional float32 array as is used: what numpy gives, without numpy."""

    ndim = 2

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index):
        return Array(self.rows[index]) if isinstance(index, slice) else self.rows[index]

    def astype(self, kind: str) -> Array:
        assert kind == "float64"
        return self

    def __mul__(self, other: Array) -> Array:
        pairs = zip(self.rows, other.rows, strict=True)
        return Array([[a * b for a, b in zip(one, two, strict=True)] for one, two in pairs])

    def sum(self, axis: int) -> array[float]:
        assert axis == 1
        return array("d", map(sum, self.rows))


@pytest.mark.parametrize("kind", [list, Array])
def test_cosines_of_neighbours(kind):
    rows = [[1.0, 0.0], [0.0, 2.0], [0.0, 5.0], [3.0, 3.0], [-1.0, -1.0]]
    assert neighbour_similarities(kind(rows)) == pytest.approx([0.0, 1.0, 0.5**0.5, -1.0])


@pytest.mark.parametrize("kind", [list, Array])
def test_a_vector_of_zeros_parts_nothing(kind):
    assert neighbour_similarities(kind([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])) == [1.0, 1.0]


@pytest.mark.parametrize("kind", [list, Array])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_refused(kind, value: float):
    with pytest.raises(EmbeddingError, match="sentence 2 of its batch"):
        neighbour_similarities(kind([[1.0, 0.0], [value, 0.0]]))


def test_vectors_of_different_lengths_are_refused():
    with pytest.raises(EmbeddingError, match="1, 2"):
        neighbour_similarities([[1.0, 0.0], [1.0]])


def test_large_and_small_values_do_not_overflow():
    assert neighbour_similarities([[1e150, 0.0], [1e150, 0.0]]) == pytest.approx([1.0])
    assert neighbour_similarities([[1e-150], [1e-150]]) == pytest.approx([1.0])


@pytest.mark.parametrize("vectors", [[], [[1.0]]])
def test_fewer_than_two_have_no_neighbours(vectors: list[list[float]]):
    assert neighbour_similarities(vectors) == []
