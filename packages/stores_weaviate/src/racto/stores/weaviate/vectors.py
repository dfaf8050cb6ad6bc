"""The border at which vectors of any kind become lists of numbers that Weaviate takes."""

from __future__ import annotations

import math
from array import array
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import DimensionMismatchError, InvalidEmbeddingError, MissingEmbeddingError
from racto.core.vectors import Vector


def checked(chunk: Chunk, dimension: int | None) -> array[float]:
    """The vector of a chunk in single precision.

    Args:
        chunk: The chunk.
        dimension: What its length must be; None takes any.

    Raises:
        MissingEmbeddingError: If it has none.
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it holds NaN, infinity, or what float32 cannot hold.
    """
    if chunk.embedding is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    return numbers(chunk.embedding, dimension, f"the embedding of chunk {chunk.chunk_id!r}")


def numbers(vector: Vector, dimension: int | None, what: str) -> array[float]:
    """A vector in single precision.

    Args:
        vector: The vector, a list or an array.
        dimension: What its length must be; None takes any.
        what: What it is, for the words of an error.

    Raises:
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it is empty or holds what is no number in single precision.
    """
    if dimension is not None and len(vector) != dimension:
        raise DimensionMismatchError(
            f"{what} has {len(vector)} values, and the class keeps vectors of {dimension}; use one "
            f"embedding model for a class",
            expected=dimension,
            actual=len(vector),
        )
    # Numpy hands out its numbers far faster as a list than one by one.
    as_list: Any = getattr(vector, "tolist", None)
    try:
        found = array("f", vector if as_list is None else as_list())
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidEmbeddingError(f"{what} holds what is no number: {error}") from error
    # The sum is not finite when one of them is not, and cannot overflow when all are.
    if not found or not math.isfinite(sum(found)):
        raise InvalidEmbeddingError(
            f"{what} is empty, or holds NaN, infinity, or more than float32 can hold"
        )
    return found
