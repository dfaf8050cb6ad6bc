"""The border at which vectors of any kind become the numbers that Pinecone takes."""

from __future__ import annotations

from array import array
from math import isnan
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import DimensionMismatchError, InvalidEmbeddingError, MissingEmbeddingError
from racto.core.vectors import Vector

_LARGEST = 3.4028234663852886e38


def checked(chunk: Chunk, dimension: int) -> list[float]:
    """The vector of a chunk, if Pinecone takes it.

    Args:
        chunk: The chunk.
        dimension: Length of the index's vectors.

    Raises:
        MissingEmbeddingError: If it has none.
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it holds NaN, infinity, what float32 cannot hold, or zeros only.
    """
    what = f"the embedding of chunk {chunk.chunk_id!r}"
    if chunk.embedding is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    values = numbers(chunk.embedding, dimension, what)
    if not any(values):
        raise InvalidEmbeddingError(f"{what} holds only zeros, which Pinecone refuses")
    return values


def numbers(vector: Vector, dimension: int, what: str) -> list[float]:
    """A vector as a list of floats.

    Args:
        vector: The vector, a list or an array.
        dimension: What its length must be.
        what: What it is, for the words of an error.

    Raises:
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it holds NaN, infinity, or what float32 cannot hold.
    """
    if len(vector) != dimension:
        raise DimensionMismatchError(
            f"{what} has {len(vector)} values, and the index keeps vectors of {dimension}; use one "
            f"embedding model for an index",
            expected=dimension,
            actual=len(vector),
        )
    try:
        found = _listed(vector)
        # The sum is not a number when one of them is not.
        is_finite = -_LARGEST <= min(found) <= max(found) <= _LARGEST and not isnan(sum(found))
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidEmbeddingError(f"{what} holds what is no number: {error}") from error
    if not is_finite:
        raise InvalidEmbeddingError(f"{what} holds NaN, infinity, or more than float32 can hold")
    return found


def _listed(vector: Any) -> list[float]:
    # A list of floats goes out as it is: copying costs more than all else that is done to it.
    if type(vector) is list and set(map(type, vector)) == {float}:
        return vector
    # Numpy hands out its numbers far faster as a list than one by one.
    as_list: Any = getattr(vector, "tolist", None)
    return array("f", vector if as_list is None else as_list()).tolist()
