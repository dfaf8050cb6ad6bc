"""The border at which what an embedder returns becomes one checked float32 row of length 1."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from racto.core.errors import EmbeddingError, InvalidEmbeddingError

Floats: TypeAlias = NDArray[np.float32]

SLACK = 1e-6
"""By how much a similarity may miss the threshold: float32 rows of length 1 are as exact as that."""

# Most models return vectors of length 1, which need no division.
_EXACT = 5e-7


def unit_row(values: Any) -> Floats:
    """A vector as a float32 array of shape (d,) and length 1; the very array when it is that.

    Args:
        values: What an embedder returned for one question.

    Raises:
        EmbeddingError: If it is no sequence of numbers.
        InvalidEmbeddingError: If a value is NaN or infinite, or all are zero: such a vector points
            nowhere, and is similar to nothing.
    """
    row = values
    # Most embedders hand over float32 arrays; only the others pay for a conversion.
    if not (isinstance(values, np.ndarray) and values.dtype == np.float32):
        row = _converted(values)
    if row.ndim != 1 or not row.size:
        raise EmbeddingError(
            f"the embedder returned an array of shape {row.shape} for one question, where a "
            "vector of shape (d,) is expected"
        )
    # Of all products in numpy this one warns of no overflow, which shows in what it returns.
    square = float(np.vdot(row, row))
    if -_EXACT < square - 1.0 < _EXACT:
        ready: Floats = row
        return ready
    length = math.sqrt(square) if square >= 0.0 else math.nan
    if not 1e-15 < length < 1e15:
        return _rescaled(row)
    unit: Floats = row / np.float32(length)
    return unit


def _converted(values: Any) -> Any:
    try:
        # Too large a value becomes infinite here, and is refused by its length.
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise EmbeddingError(
            f"the embedder returned {type(values).__name__}, which is no sequence of numbers"
        ) from error


def _rescaled(row: Floats) -> Floats:
    # The square of a very long or very short vector does not fit into float32; the vector may.
    wide = row.astype(np.float64)
    length = float(np.sqrt(np.dot(wide, wide)))
    if not 0.0 < length < math.inf:
        what = "zero in every place" if length == 0.0 else "not finite"
        raise InvalidEmbeddingError(f"the embedder returned a vector that is {what}")
    unit: Floats = (wide / length).astype(np.float32)
    return unit
