"""The matrix grows without moving rows, forgets rows without moving them, and is a value."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from racto.stores.memory import Similarity
from racto.stores.memory.matrix import Matrix
from racto.stores.memory.ranking import EXCLUDED
from racto.stores.memory.similarity import prepared, terms, to_keys
from racto.stores.memory.vectors import Floats, lengths_of


def some(rows: int, dimension: int = 4, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)


def grown(values: Floats, step: int, similarity: Similarity = "dot") -> Matrix:
    matrix = Matrix(similarity=similarity, dimension=values.shape[1])
    for at in range(0, len(values), step):
        part = values[at : at + step]
        matrix = matrix.with_rows(part, lengths_of(part))
    return matrix


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_rows_are_what_was_added(step: int) -> None:
    values = some(700)
    matrix = grown(values, step)
    assert matrix.size == 700
    order = np.random.default_rng(1).permutation(700)
    assert np.array_equal(matrix.rows(order), values[order])
    assert matrix.rows(np.zeros(0, dtype=np.intp)).shape == (0, 4)


def test_growing_copies_nothing_and_leaves_little_room() -> None:
    matrix = grown(some(200, 1024), 50)
    first = matrix.segments[0]
    grown_on = matrix
    for _ in range(300):
        grown_on = grown_on.with_rows(some(50, 1024), np.ones(50))
    assert grown_on.segments[0].vectors is first.vectors
    capacity = sum(segment.capacity for segment in grown_on.segments)
    assert capacity - grown_on.size <= max(1024, grown_on.size / 16)
    assert len(grown_on.segments) < 100


def test_one_addition_takes_exactly_its_room() -> None:
    values = some(5000)
    matrix = Matrix(similarity="dot", dimension=4)
    for at in range(0, 5000, 256):
        part = values[at : at + 256]
        matrix = matrix.with_rows(part, lengths_of(part), 5000 - at)
    assert [segment.capacity for segment in matrix.segments] == [5000]


def test_older_matrices_keep_their_rows() -> None:
    values = some(100)
    old = grown(values[:60], 60)
    new = old.with_rows(values[60:], lengths_of(values[60:])).without([0, 59, 99])
    assert (old.size, old.removed, new.size, new.removed) == (60, 0, 100, 3)
    assert old.live().tolist() == list(range(60))
    assert new.live().tolist() == [row for row in range(100) if row not in (0, 59, 99)]
    later = new.without([1])
    assert new.live().tolist()[0] == 1
    assert later.live().tolist()[0] == 2
    assert new.without([]) is new


@pytest.mark.parametrize("dimension", [4, 200])
@pytest.mark.parametrize("queries", [1, 3, 9])
@pytest.mark.parametrize("similarity", get_args(Similarity))
def test_keys_are_products(dimension: int, queries: int, similarity: Similarity) -> None:
    values = some(900, dimension)
    matrix = grown(values, 250, similarity).without([3, 500])
    asked = prepared(similarity, some(queries, dimension, seed=5))
    wanted = values @ asked.T
    to_keys(similarity, wanted, terms(similarity, lengths_of(values)))
    numbers = np.arange(0, 900, 7)
    assert np.allclose(matrix.keys_of(numbers, asked), wanted[numbers], atol=1e-4)
    wanted[[3, 500]] = EXCLUDED
    assert np.allclose(matrix.keys(asked), wanted, atol=1e-4)


def test_compacting_leaves_the_live_rows_in_order() -> None:
    values = some(500)
    gone = list(range(0, 500, 3))
    fresh = grown(values, 90).without(gone).compacted()
    kept = [row for row in range(500) if row % 3]
    assert (fresh.size, fresh.removed) == (len(kept), 0)
    assert np.array_equal(fresh.rows(np.arange(fresh.size)), values[kept])
    empty = grown(values, 500).without(range(500)).compacted()
    assert (empty.size, empty.segments) == (0, ())
