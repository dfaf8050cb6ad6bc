"""The one place that imports numpy: embeddings as float32 matrices where numpy is at hand."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence
from typing import Any

from racto.core.embeddings import Matrix
from racto.core.errors import MissingExtraError


def numpy(*, purpose: str) -> Any:
    """The numpy module.

    Args:
        purpose: What needs it, for the error.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import numpy
    except ImportError as error:
        raise MissingExtraError(
            "numpy", install="racto-providers[local]", purpose=purpose
        ) from error
    return numpy


def matrix(rows: Sequence[Any], dimension: int) -> Matrix:
    """Rows of floats as one matrix.

    Args:
        rows: n rows of ``dimension`` values: lists, arrays, or base64 of little-endian float32.
        dimension: Length of the rows; also of a matrix without rows.

    Returns:
        A C-contiguous float32 array of shape (n, dimension); a list of lists without numpy.
    """
    try:
        np = numpy(purpose="a matrix")
    except MissingExtraError:
        return [list(floats(row)) for row in rows]
    # Filled row by row: a list of decoded rows would hold everything twice.
    made = np.empty((len(rows), max(dimension, 0)), dtype=np.float32)
    for number, row in enumerate(rows):
        made[number] = np.frombuffer(base64.b64decode(row), "<f4") if isinstance(row, str) else row
    result: Matrix = made
    return result


def floats(row: Any) -> Sequence[float]:
    """One row as plain floats.

    Args:
        row: Floats, or base64 of little-endian float32 values.

    Raises:
        ValueError: If it is base64 of another shape.
    """
    if not isinstance(row, str):
        found: Sequence[float] = row
        return found
    import sys

    # The wire is little-endian, whatever this machine is.
    values = array("f", base64.b64decode(row, validate=True))
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist()


def length(row: Any) -> int:
    """Number of values in a row.

    Args:
        row: Floats, or base64 of little-endian float32 values.
    """
    return len(base64.b64decode(row)) // 4 if isinstance(row, str) else len(row)
