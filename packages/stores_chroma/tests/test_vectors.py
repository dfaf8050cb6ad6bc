"""Vectors: any sequence of finite numbers travels, and everything else is refused by name."""

from __future__ import annotations

import array
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.stores.chroma.vectors import embeddings_of, queries_of


@pytest.mark.parametrize(
    "vector",
    [
        [float("nan")], [float("inf")], [1e30], [1e300], ["one"], ["1"], [None], [10**400], [[1.0]],
        [1j],
    ],
)  # fmt: skip
def test_vectors_that_cannot_be_compared_are_refused(vector: Any) -> None:
    with pytest.raises(InvalidEmbeddingError, match="the query vector"):
        queries_of([vector], 1)
    with pytest.raises(InvalidEmbeddingError, match="'c700'"):
        embeddings_of([chunk(f"c{at}", vector if at == 700 else [1.0]) for at in range(701)], 1)


@pytest.mark.parametrize(
    "vector",
    [
        array.array("f", [1.0, 2.0]), (1, 2), [True, 2.0], [Fraction(1), 2],
        np.array([1, 2]), np.array([1.0, 2.0]), np.array([9.0, 1.0, 9.0, 2.0])[1::2],
    ],
)  # fmt: skip
def test_any_sequence_is_a_vector(vector: Any) -> None:
    for dimension in (2, None):
        assert [row.tolist() for row in queries_of([vector], dimension)] == [[1.0, 2.0]]
    (row,) = embeddings_of([chunk("c", vector)], 2)
    assert (row.tolist(), row.dtype.name) == ([1.0, 2.0], "float32")


def test_arrays_of_floats_are_not_copied() -> None:
    vector = np.ones(3, dtype=np.float32)
    assert embeddings_of([chunk("c", vector)], 3)[0] is vector


def test_a_wrong_length_is_named() -> None:
    with pytest.raises(DimensionMismatchError, match="'c1'") as caught:
        embeddings_of([chunk("c0", [1.0, 2.0]), chunk("c1", [1.0])], 2)
    assert (caught.value.expected, caught.value.actual) == (2, 1)
    with pytest.raises(MissingEmbeddingError, match="'c2'"):
        embeddings_of([chunk("c0", [1.0]), chunk("c2", None)], 1)


def test_the_wrong_one_of_several_queries_is_named() -> None:
    with pytest.raises(DimensionMismatchError, match="query vector 1"):
        queries_of([[1.0], [1.0, 2.0]], 1)
    with pytest.raises(InvalidEmbeddingError, match="query vector 1"):
        queries_of([[1.0], [1.0, float("nan")]], None)
    found = queries_of([[1.0], [1.0, 2.0], []], None)
    assert [row.tolist() for row in found] == [[1.0], [1.0, 2.0], []]
    assert queries_of([], 2) == []


def chunk(name: str, vector: Any) -> Chunk:
    return Chunk(content="", chunk_id=name, embedding=vector)
