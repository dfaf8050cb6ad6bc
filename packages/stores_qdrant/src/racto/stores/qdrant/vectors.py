"""The border at which vectors of any kind become the checked floats that travel to Qdrant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.vectors import Vector

LONGEST = 1e18
"""The greatest length of a vector: products of two such vectors still fit into float32."""


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


def values_of(vector: Vector, dimension: int | None, what: str) -> list[float]:
    """A vector as the floats that travel to the server.

    Args:
        vector: Shape (d,).
        dimension: What d must be; None takes any.
        what: Names it in messages.

    Raises:
        DimensionMismatchError: If it has another length.
        InvalidEmbeddingError: If it holds what is no finite number, or is longer than 1e18.
    """
    if dimension is not None and len(vector) != dimension:
        raise DimensionMismatchError(
            f"{what} has {len(vector)} values and the collection keeps vectors of {dimension}; "
            f"was another embedding model used?",
            expected=dimension,
            actual=len(vector),
        )
    try:
        # Arrays convert themselves a hundred times faster than they are iterated.
        values: list[float] = (
            vector.tolist() if hasattr(vector, "tolist") else [*map(float, vector)]
        )
        length = math.hypot(*values)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidEmbeddingError(f"{what} holds what is no number: {error}") from error
    # Not "length > LONGEST", which NaN would pass.
    if not length <= LONGEST:
        raise InvalidEmbeddingError(
            f"{what} cannot be stored or searched: every value must be a finite number, and the "
            f"vector no longer than {LONGEST:g}"
        )
    return values


def queries_of(embeddings: Sequence[Vector], dimension: int | None) -> list[list[float]]:
    """Query vectors, checked as :func:`values_of` does."""
    count = len(embeddings)
    names = ["the query vector"] if count == 1 else [f"query vector {at}" for at in range(count)]
    return [values_of(embeddings[at], dimension, name) for at, name in enumerate(names)]
