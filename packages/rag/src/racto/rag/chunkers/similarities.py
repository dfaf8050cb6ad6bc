"""Similarities of neighbouring vectors, with numpy's speed where an embedder brings arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, sqrt
from operator import mul
from typing import Any

from racto.core.embeddings import Matrix, Vector
from racto.core.errors import EmbeddingError

UNKNOWN = 1.0
"""The similarity to a vector of zeros, which has no direction: it parts nothing."""


def neighbour_similarities(vectors: Matrix) -> list[float]:
    """The cosine of each vector with the one before it.

    Args:
        vectors: Shape (n, d).

    Returns:
        n - 1 values from -1 to 1; none for fewer than two vectors.

    Raises:
        EmbeddingError: If a value is no finite number, or the vectors differ in length.
    """
    if len(vectors) < 2:
        return []
    squares, products = _of_array(vectors) if _is_array(vectors) else _of_rows(vectors)
    pairs = zip(products, squares, squares[1:], strict=False)
    return [
        max(-1.0, min(1.0, product / sqrt(one) / sqrt(two))) if one and two else UNKNOWN
        for product, one, two in pairs
    ]


def _is_array(vectors: Matrix) -> bool:
    return getattr(vectors, "ndim", 0) == 2


def _of_array(vectors: Any) -> tuple[list[float], list[float]]:
    """The squared lengths, and the products of neighbours; no import, the array computes."""
    # Squares of float32 may be too large for float32.
    rows = vectors.astype("float64")
    squares: list[float] = (rows * rows).sum(axis=1).tolist()
    _require_finite(squares)
    return squares, (rows[:-1] * rows[1:]).sum(axis=1).tolist()


def _of_rows(vectors: Matrix) -> tuple[list[float], list[float]]:
    rows: list[Vector] = [_plain(vectors[place]) for place in range(len(vectors))]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise EmbeddingError(
            f"the embedder returned vectors of different lengths for one document: "
            f"{', '.join(map(str, sorted(lengths)))}"
        )
    squares = [sum(map(mul, row, row)) for row in rows]
    _require_finite(squares)
    return squares, [sum(map(mul, one, two)) for one, two in pairwise(rows)]


def _plain(row: Any) -> Vector:
    """A row as Python's floats, whose arithmetic takes a third of the time."""
    listed: Vector = row.tolist() if hasattr(row, "tolist") else row
    return listed


def _require_finite(squares: Sequence[float]) -> None:
    for place, square in enumerate(squares):
        if not isfinite(square):
            raise EmbeddingError(
                f"the embedder returned a vector that is not of finite numbers for sentence "
                f"{place + 1} of its batch; nothing can be compared with it"
            )
