"""The border at which vectors of any kind become the checked float32 rows that Chroma keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.vectors import Vector

if TYPE_CHECKING:
    import numpy as np

    Row: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float32]]

LONGEST = 1e18
"""The greatest length of a vector: products of two such vectors still fit into float32."""

# Rows checked in one pass: enough to forget what a pass costs, and few enough to stay in cache.
_BLOCK = 512


def embedding_of(chunk: Chunk) -> Vector:
    """The embedding of a chunk that must have one.

    Raises:
        MissingEmbeddingError: If it has none.
    """
    if chunk.embedding is None:
        raise MissingEmbeddingError(
            f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    return chunk.embedding


def embeddings_of(chunks: Sequence[Chunk], dimension: int) -> list[Row]:
    """The embeddings of chunks, checked; arrays of float32 are not copied.

    Args:
        chunks: Chunks with embeddings of shape (d,).
        dimension: What d must be.

    Returns:
        One row of shape (d,) a chunk.

    Raises:
        MissingEmbeddingError: If one has no embedding.
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """

    def named(at: int) -> str:
        return f"the embedding of chunk {chunks[at].chunk_id!r}"

    return _checked(map(embedding_of, chunks), dimension, named)


def queries_of(embeddings: Sequence[Vector], dimension: int | None) -> list[Row]:
    """Query vectors, checked as :func:`embeddings_of` does; without a dimension any length will do."""

    def named(at: int) -> str:
        return "the query vector" if len(embeddings) == 1 else f"query vector {at}"

    return _checked(embeddings, dimension, named)


def _checked(
    vectors: Iterable[Vector], dimension: int | None, named: Callable[[int], str]
) -> list[Row]:
    rows = [_row(vector, dimension, at, named) for at, vector in enumerate(vectors)]
    for begin in range(0, len(rows), _BLOCK):
        _check_lengths(rows[begin : begin + _BLOCK], begin, named)
    return rows


def _row(vector: Any, dimension: int | None, at: int, named: Callable[[int], str]) -> Row:
    import numpy as np

    if dimension is not None and len(vector) != dimension:
        raise DimensionMismatchError(
            f"{named(at)} has {len(vector)} values and the collection keeps vectors of "
            f"{dimension}; was another embedding model used?",
            expected=dimension,
            actual=len(vector),
        )
    try:
        row: Any = np.asarray(vector)
        if row.dtype != np.float32:
            if row.dtype.kind == "O":
                # Fractions and the like.
                row = np.array([*map(float, vector)])
            if row.dtype.kind not in "fiub":
                raise TypeError(f"its values are {row.dtype}")
            # What is beyond float32 becomes infinite, which is found later.
            with np.errstate(over="ignore"):
                row = row.astype(np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidEmbeddingError(f"{named(at)} holds what is no number: {error}") from error
    if row.ndim != 1:
        raise InvalidEmbeddingError(f"{named(at)} has {row.ndim} dimensions and not one")
    return row  # type: ignore[no-any-return]


def _check_lengths(rows: Sequence[Row], begin: int, named: Callable[[int], str]) -> None:
    import numpy as np

    sizes = {row.size for row in rows}
    # Queries that come before the collection may differ in length.
    blocks = [np.concatenate(rows).reshape(len(rows), *sizes)] if len(sizes) == 1 else rows
    at = begin
    for block in blocks:
        block = np.atleast_2d(block)
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", block, block)
        # Not "length > LONGEST", which NaN would pass.
        (wrong,) = np.nonzero(~(squares <= LONGEST**2))
        if wrong.size:
            raise InvalidEmbeddingError(
                f"{named(at + int(wrong[0]))} cannot be stored or searched: every value must be a "
                f"finite number, and the vector no longer than {LONGEST:g}"
            )
        at += len(block)
