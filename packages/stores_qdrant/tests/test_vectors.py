"""Vectors: any sequence of finite numbers travels, and everything else is refused by name."""

from __future__ import annotations

import array
from typing import Any

import pytest

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.stores.qdrant.vectors import embedding_of, queries_of, values_of


@pytest.mark.parametrize("vector", [[float("nan")], [float("inf")], [1e30], ["one"], [None]])
def test_vectors_that_cannot_be_compared_are_refused(vector: Any) -> None:
    with pytest.raises(InvalidEmbeddingError, match="the query"):
        values_of(vector, 1, "the query")


def test_any_sequence_is_a_vector() -> None:
    assert values_of(array.array("f", [1.0, 2.0]), 2, "it") == [1.0, 2.0]
    assert values_of((1, 2), None, "it") == [1.0, 2.0]
    with pytest.raises(DimensionMismatchError) as caught:
        values_of([1.0], 2, "it")
    assert (caught.value.expected, caught.value.actual) == (2, 1)
    with pytest.raises(MissingEmbeddingError):
        embedding_of(Chunk(content=""))


def test_the_wrong_one_of_several_queries_is_named() -> None:
    with pytest.raises(DimensionMismatchError, match="query vector 1"):
        queries_of([[1.0], [1.0, 2.0]], 1)
