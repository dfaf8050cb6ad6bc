"""The border at which embeddings of any kind become checked lists of floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.vectors import Matrix

LONGEST = 1e18
"""The greatest length of a vector: squares of such distances still fit into float32."""


def checked_chunks(chunks: Sequence[Chunk], dimension: int | None) -> list[Any]:
    """The chunks' own vectors, all of one length, for :func:`listed`.

    Args:
        chunks: Any number of chunks.
        dimension: The length that all must have; None takes that of the first.

    Raises:
        MissingEmbeddingError: If a chunk has no vector.
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    found: list[Any] = []
    for chunk in chunks:
        if chunk.embedding is None:
            raise MissingEmbeddingError(
                f"chunk {chunk.chunk_id!r} has no embedding; embed chunks before they are added"
            )
        name = f"the embedding of chunk {chunk.chunk_id!r}"
        _checked(chunk.embedding, dimension, name)
        found.append(chunk.embedding)
        dimension = len(found[0])
    return found


def listed(vector: Any) -> list[float]:
    """A vector as a list of plain floats, as Milvus's client takes it."""
    # Arrays turn into such lists by themselves, and faster.
    return vector.tolist() if hasattr(vector, "tolist") else list(map(float, vector))


def checked_queries(embeddings: Matrix, dimension: int | None) -> list[list[float]]:
    """Query vectors, checked in the same way.

    Args:
        embeddings: Any number of vectors.
        dimension: The length that all must have; None takes that of the first.

    Raises:
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    found: list[list[float]] = []
    for at in range(len(embeddings)):
        found.append(_checked(embeddings[at], dimension, f"query {at}"))
        dimension = len(found[0])
    return found


def _checked(vector: Any, dimension: int | None, name: str) -> list[float]:
    if dimension is not None and len(vector) != dimension:
        raise DimensionMismatchError(
            f"{name} has {len(vector)} values and the store keeps vectors of {dimension}; was "
            f"another embedding model used?",
            expected=dimension,
            actual=len(vector),
        )
    values: list[float] = []
    try:
        values = listed(vector)
        # NaN and infinity among the values show in the length, and this reads them in C.
        length = math.hypot(*values)
    except (TypeError, ValueError, OverflowError):
        length = math.nan
    if not values or not length <= LONGEST:
        raise InvalidEmbeddingError(
            f"{name} cannot be kept or searched: every value must be a finite number, and the "
            f"vector no longer than {LONGEST:g}"
        )
    return values
