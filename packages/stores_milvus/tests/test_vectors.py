"""Vectors are checked at the border."""

from __future__ import annotations

import array
import math

import pytest

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.stores.milvus.vectors import checked_chunks, checked_queries, listed


def chunk(name: str, vector: object) -> Chunk:
    return Chunk(content=name, chunk_id=name, embedding=vector)  # type: ignore[arg-type]


def test_any_sequence_becomes_a_list_of_floats() -> None:
    found = checked_chunks([chunk("a", (1, 2)), chunk("b", array.array("f", [3.0, 4.0]))], None)
    rows = list(map(listed, found))
    assert rows == [[1.0, 2.0], [3.0, 4.0]]
    assert all(type(value) is float for row in rows for value in row)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2e18, "x", None, [1.0]])
def test_what_is_no_usable_number_is_refused_by_the_chunks_name(value: object) -> None:
    with pytest.raises(InvalidEmbeddingError, match="'bad'"):
        checked_chunks([chunk("good", [1.0, 0.0]), chunk("bad", [1.0, value])], 2)


def test_missing_and_other_lengths_are_refused() -> None:
    with pytest.raises(MissingEmbeddingError, match="'none'"):
        checked_chunks([chunk("none", None)], 2)
    with pytest.raises(DimensionMismatchError, match="query 1"):
        checked_queries([[1.0], [1.0, 2.0]], None)
    with pytest.raises(InvalidEmbeddingError):
        checked_queries([[]], None)
