"""The border at which vectors of any kind become the numbers that Pinecone takes."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from math import hypot, isnan
from operator import countOf
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import DimensionMismatchError, InvalidEmbeddingError, MissingEmbeddingError
from racto.core.vectors import Vector

_LARGEST = 3.4028234663852886e38
_BLOCK = 1000


def checked_all(chunks: Sequence[Chunk], dimension: int) -> list[Any]:
    """The vectors of chunks, if Pinecone takes them, for :func:`listed`.

    Args:
        chunks: The chunks.
        dimension: Length of the index's vectors.

    Returns:
        A chunk's own list or array where it can go out as it is, else a list of floats.

    Raises:
        MissingEmbeddingError: If one has none.
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds NaN, infinity, what float32 cannot hold, or zeros only.
    """
    found: list[Any] = []
    for start in range(0, len(chunks), _BLOCK):
        some = chunks[start : start + _BLOCK]
        rows = [chunk.embedding for chunk in some]
        # Arrays are looked at many at a time; what is wrong with one is told one by one.
        if _are_fit(rows, dimension):
            found += rows
        else:
            found += [_checked(chunk, dimension) for chunk in some]
    return found


def listed(vector: Any) -> list[float]:
    """A checked vector as a list of floats, which is what Pinecone's client writes fastest."""
    # Arrays become lists batch by batch: as lists they take eight times the memory.
    found: list[float] = vector if type(vector) is list else vector.tolist()
    return found


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
    if _is_fit(vector):
        return listed(vector)
    try:
        # Numpy hands out its numbers far faster as a list than one by one.
        as_list: Any = getattr(vector, "tolist", None)
        found = array("f", vector if as_list is None else as_list()).tolist()
        # The sum is not a number when one of them is not.
        is_finite = -_LARGEST <= min(found) <= max(found) <= _LARGEST and not isnan(sum(found))
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidEmbeddingError(f"{what} holds what is no number: {error}") from error
    if not is_finite:
        raise InvalidEmbeddingError(f"{what} holds NaN, infinity, or more than float32 can hold")
    return found


def _checked(chunk: Chunk, dimension: int) -> Any:
    vector = chunk.embedding
    if vector is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    if len(vector) == dimension and _is_fit(vector):
        return vector
    what = f"the embedding of chunk {chunk.chunk_id!r}"
    values = numbers(vector, dimension, what)
    if not any(values):
        raise InvalidEmbeddingError(f"{what} holds only zeros, which Pinecone refuses")
    return values


def _are_fit(rows: Sequence[Any], dimension: int) -> bool:
    """Whether vectors surely can go out as they are; told of arrays alone."""
    # Where nobody has loaded numpy there are no arrays of it.
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or any(type(row) is not numpy.ndarray for row in rows):
        return False
    if any(row.shape != (dimension,) or row.dtype.kind != "f" for row in rows):
        return False
    block = numpy.stack(rows)
    # What is not a number is neither below nor above any.
    is_finite = float(block.min()) >= -_LARGEST and float(block.max()) <= _LARGEST
    return bool(is_finite and block.any(axis=1).all())


def _is_fit(vector: Any) -> bool:
    """Whether a vector surely can go out as it is: the usual case, told by one pass in C."""
    if type(vector) is list:
        if countOf(map(type, vector), float) != len(vector):
            return False
        values = vector
    elif getattr(getattr(vector, "dtype", None), "kind", "") == "f" and vector.ndim == 1:
        values = vector.tolist()
    else:
        return False
    # A length between these tells of each element that it is finite and not too large.
    return 0 < hypot(*values) <= _LARGEST
