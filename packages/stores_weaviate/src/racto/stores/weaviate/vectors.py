"""The border at which vectors of any kind become numbers, and bytes, that Weaviate takes."""

from __future__ import annotations

import math
import struct
from array import array
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import DimensionMismatchError, InvalidEmbeddingError, MissingEmbeddingError
from racto.core.vectors import Vector

_LARGEST = 3.4028234663852886e38


def checked(chunk: Chunk, dimension: int | None) -> Any:
    """The vector of a chunk, if Weaviate takes it, for :func:`in_bytes`.

    Args:
        chunk: The chunk.
        dimension: What its length must be; None takes any.

    Returns:
        The chunk's own list or array where its numbers are fit, else a list of floats.

    Raises:
        MissingEmbeddingError: If it has none.
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it holds NaN, infinity, or what float32 cannot hold.
    """
    vector = chunk.embedding
    if vector is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    if len(vector) == dimension and _is_fit(vector):
        return vector
    return numbers(vector, dimension, f"the embedding of chunk {chunk.chunk_id!r}")


def in_bytes(vector: Any) -> bytes:
    """A checked vector as Weaviate takes it: single precision, little-endian."""
    if type(vector) is list:
        return struct.pack(f"<{len(vector)}f", *vector)
    single: bytes = vector.astype("<f4").tobytes()
    return single


def numbers(vector: Vector, dimension: int | None, what: str) -> list[float]:
    """A vector as a list of floats.

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
    return found.tolist()


def _is_fit(vector: Any) -> bool:
    """Whether a vector surely can go out as it is: the usual case, told by one pass in C."""
    if type(vector) is not list:
        if getattr(getattr(vector, "dtype", None), "kind", "") != "f" or vector.ndim != 1:
            return False
        vector = vector.tolist()
    try:
        # A length up to this tells of each element that it is a finite number, and not too large.
        return math.hypot(*vector) <= _LARGEST
    except TypeError:
        return False
