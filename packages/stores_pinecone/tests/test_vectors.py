"""Vectors of every kind reach Pinecone as lists of floats, or are refused before anything is sent."""

from __future__ import annotations

import math
from array import array
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
    StoreError,
)
from racto.stores.pinecone.vectors import checked_all, listed, numbers

np = pytest.importorskip("numpy")

LARGEST = 3.4028234663852886e38
ANY = st.floats(allow_nan=True, allow_infinity=True)


def sent(vector: Any) -> list[float]:
    (found,) = checked_all([Chunk(content="", chunk_id="c", embedding=vector)], len(vector))
    return listed(found)


@pytest.mark.parametrize(
    "vector",
    [
        [1.0, 2.0],
        (1.0, 2.0),
        [1, 2],
        [True, 2.0],
        [np.float32(1.0), np.float64(2.0)],
        [Decimal(1), 2.0],
        array("f", [1.0, 2.0]),
        array("d", [1.0, 2.0]),
        np.array([1.0, 2.0], dtype=np.float32),
        np.array([1.0, 2.0], dtype=np.float16),
        np.array([[1.0, 9.0], [2.0, 9.0]])[:, 0],
        np.array([1, 2]),
    ],
    ids=lambda vector: type(vector).__name__,
)
def test_every_kind_becomes_a_list_of_floats(vector: Any) -> None:
    found = sent(vector)
    assert found == [1.0, 2.0]
    assert {type(value) for value in found} == {float}


def test_a_list_goes_out_as_it_is() -> None:
    vector = [0.1, 0.2]
    assert sent(vector) is vector


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(vector=st.lists(ANY, min_size=1, max_size=4), kind=st.sampled_from(["list", "f8", "f4"]))
def test_what_float32_cannot_hold_never_leaves(vector: list[float], kind: str) -> None:
    with np.errstate(over="ignore"):
        given: Any = vector if kind == "list" else np.array(vector, dtype=kind)
    values = [float(value) for value in given]
    is_fit = all(abs(value) <= LARGEST for value in values) and any(
        abs(value) > 1e-44 for value in values
    )
    try:
        found = sent(given)
    except InvalidEmbeddingError:
        # What is not zero may still become zero in single precision.
        assert not is_fit
    else:
        assert all(math.isfinite(value) and abs(value) <= LARGEST for value in found)
        assert any(found)


@pytest.mark.parametrize(
    "vector", [["a", 1.0], [None, 1.0], [[1.0], [2.0]], np.ones((2, 1))], ids=repr
)
def test_what_is_no_number_is_refused(vector: Any) -> None:
    with pytest.raises(InvalidEmbeddingError, match="'c'"):
        sent(vector)


def test_wrong_lengths_and_missing_vectors_are_told_apart() -> None:
    with pytest.raises(DimensionMismatchError) as caught:
        checked_all([Chunk(content="", embedding=[1.0])], 2)
    assert (caught.value.expected, caught.value.actual) == (2, 1)
    with pytest.raises(MissingEmbeddingError):
        checked_all([Chunk(content="")], 2)
    assert numbers((0.0, 0.0), 2, "the query") == [0.0, 0.0]


@pytest.mark.parametrize(
    "wrong", [np.array([np.nan, 1.0]), np.zeros(2), None, np.ones(3)], ids=repr
)
def test_one_wrong_array_among_many_is_named(wrong: Any) -> None:
    rows = [np.ones(2, dtype=np.float32) for _ in range(1500)]
    rows[1200] = wrong
    chunks = [Chunk(content="", chunk_id=f"c{n}", embedding=row) for n, row in enumerate(rows)]
    with pytest.raises(StoreError, match="'c1200'"):
        checked_all(chunks, 2)
    assert len(checked_all(chunks[:1200], 2)) == 1200
