"""The border at which vectors of any kind become checked float32 rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.vectors import Matrix

Floats: TypeAlias = NDArray[np.float32]

LONGEST = 1e18
"""The greatest length of a vector: products of two such vectors still fit into float32."""

GREATEST_HALF = 65504.0
"""The greatest value that ``halfvec`` keeps."""


def rows_of(chunks: Sequence[Chunk], dimension: int | None, *, half: bool) -> Floats:
    """The vectors of chunks as float32 rows of shape (n, d).

    Args:
        chunks: At least one.
        dimension: What the length of each embedding must be; None takes that of the first.
        half: Whether the values must fit into 16 bits.

    Raises:
        MissingEmbeddingError: If a chunk has no vector.
        DimensionMismatchError: If one has another number of values.
        InvalidEmbeddingError: If one holds what is no finite number, or is too long.
    """
    wanted = dimension
    for chunk in chunks:
        if chunk.embedding is None:
            raise MissingEmbeddingError(
                f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
            )
        wanted = len(chunk.embedding) if wanted is None else wanted
        if len(chunk.embedding) != wanted:
            _mismatch(f"the embedding of chunk {chunk.chunk_id!r}", wanted, len(chunk.embedding))
    values = [chunk.embedding for chunk in chunks]

    def name(at: int) -> str:
        return f"the embedding of chunk {chunks[at].chunk_id!r}"

    return _checked(values, wanted or 0, name, half=half)


def queries_of(embeddings: Matrix, dimension: int | None, *, half: bool) -> Floats:
    """Query vectors as float32 rows of shape (n, d).

    Raises:
        DimensionMismatchError: If one has another number of values than the first, or than given.
        InvalidEmbeddingError: If one holds what is no finite number, or is too long.
    """
    count = len(embeddings)
    wanted = (len(embeddings[0]) if count else 0) if dimension is None else dimension

    def name(at: int) -> str:
        return "the query vector" if count == 1 else f"query vector {at}"

    for position in range(count):
        if len(embeddings[position]) != wanted:
            _mismatch(name(position), wanted, len(embeddings[position]))
    return _checked(embeddings, wanted, name, half=half)


def _checked(values: Any, dimension: int, name: Callable[[int], str], *, half: bool) -> Floats:
    rows = _floats(values, (len(values), dimension))
    if rows is None:
        wrong = (at for at in range(len(values)) if _floats([values[at]], (1, dimension)) is None)
        _refuse(name(next(wrong, 0)), f"the vector no longer than {LONGEST:g}")
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    for position in np.flatnonzero(~(lengths <= LONGEST)).tolist():
        _refuse(name(position), f"the vector no longer than {LONGEST:g}")
    if half:
        for position in np.flatnonzero((np.abs(rows) > GREATEST_HALF).any(axis=1)).tolist():
            _refuse(name(position), f"in a halfvec no greater than {GREATEST_HALF:g}")
    return rows


def _floats(values: Any, shape: tuple[int, int]) -> Floats | None:
    # A value beyond float32 becomes infinite here and is refused by its length.
    with np.errstate(over="ignore"):
        try:
            return np.array(values, dtype=np.float32, order="C", ndmin=2).reshape(shape)
        except (TypeError, ValueError, OverflowError):
            return None


def _mismatch(what: str, expected: int, actual: int) -> NoReturn:
    raise DimensionMismatchError(
        f"{what} has {actual} values and the table keeps vectors of {expected}; was another "
        f"embedding model used?",
        expected=expected,
        actual=actual,
    )


def _refuse(what: str, bound: str) -> NoReturn:
    raise InvalidEmbeddingError(
        f"{what} cannot be stored or searched: every value must be a finite number, and {bound}"
    )
