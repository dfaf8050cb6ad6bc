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


def dimension_of(chunk: Chunk) -> int:
    """The length of a chunk's vector.

    Raises:
        MissingEmbeddingError: If it has none.
    """
    if chunk.embedding is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    return len(chunk.embedding)


def rows_of(chunks: Sequence[Chunk], dimension: int) -> tuple[Floats, NDArray[np.float64]]:
    """The vectors of chunks as float32 rows, and their lengths.

    Args:
        chunks: Chunks with embeddings.
        dimension: What the length of each embedding must be.

    Returns:
        Rows of shape (n, d), and the Euclidean length of each, shape (n,).

    Raises:
        MissingEmbeddingError: If a chunk has no vector.
        DimensionMismatchError: If one has another number of values.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    for chunk in chunks:
        if chunk.embedding is None or len(chunk.embedding) != dimension:
            _mismatch(f"the embedding of chunk {chunk.chunk_id!r}", dimension, dimension_of(chunk))
    values = [chunk.embedding for chunk in chunks]
    return _checked(values, dimension, lambda at: f"the embedding of chunk {chunks[at].chunk_id!r}")


def query_rows(embeddings: Matrix, dimension: int | None) -> Floats:
    """Query vectors as float32 rows of shape (n, d).

    Args:
        embeddings: n vectors; may be empty.
        dimension: What the length of each must be; None takes any one length.

    Raises:
        DimensionMismatchError: If a vector has another number of values.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    count = len(embeddings)
    wanted = (len(embeddings[0]) if count else 0) if dimension is None else dimension

    def name(at: int) -> str:
        return "the query vector" if count == 1 else f"query vector {at}"

    for position in range(count):
        if len(embeddings[position]) != wanted:
            _mismatch(name(position), wanted, len(embeddings[position]))
    return _checked(embeddings, wanted, name)[0]


def lengths_of(rows: Floats) -> NDArray[np.float64]:
    """Euclidean lengths of rows, shape (n,); NaN or infinite where a value is."""
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(squares))


def _checked(
    values: Any, dimension: int, name: Callable[[int], str]
) -> tuple[Floats, NDArray[np.float64]]:
    rows = _floats(values, (len(values), dimension))
    if rows is None:
        wrong = (at for at in range(len(values)) if _floats([values[at]], (1, dimension)) is None)
        _refuse(name(next(wrong, 0)))
    lengths = lengths_of(rows)
    for position in np.flatnonzero(~(lengths <= LONGEST)).tolist():
        _refuse(name(position))
    return rows, lengths


def _floats(values: Any, shape: tuple[int, int]) -> Floats | None:
    # A value beyond float32 becomes infinite here and is refused by its length.
    with np.errstate(over="ignore"):
        try:
            return np.array(values, dtype=np.float32, order="C", ndmin=2).reshape(shape)
        except (TypeError, ValueError, OverflowError):
            return None


def _mismatch(what: str, expected: int, actual: int) -> NoReturn:
    raise DimensionMismatchError(
        f"{what} has {actual} values and the store keeps vectors of {expected}; was another "
        f"embedding model used?",
        expected=expected,
        actual=actual,
    )


def _refuse(what: str) -> NoReturn:
    raise InvalidEmbeddingError(
        f"{what} cannot be searched: every value must be a finite number, and the vector no "
        f"longer than {LONGEST:g}"
    )
