"""The one place that imports numpy: embeddings as float32 matrices where numpy is at hand."""

from __future__ import annotations

import base64
import math
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

    Raises:
        TypeError: If a row is no sequence.
        ValueError: If a row is not that many finite numbers.
    """
    try:
        np = numpy(purpose="a matrix")
    except MissingExtraError:
        return lists(rows, dimension)
    # Filled row by row: a list of decoded rows would hold everything twice.
    made = np.empty((len(rows), max(dimension, 0)), dtype=np.float32)
    with np.errstate(over="ignore"):
        for number, row in enumerate(rows):
            values = np.frombuffer(_decoded(row), "<f4") if isinstance(row, str) else row
            # A row of one value would otherwise be repeated over the whole line.
            if len(values) != dimension:
                raise ValueError(f"a vector of {len(values)} instead of {dimension} values")
            try:
                made[number] = values
            except OverflowError as error:
                raise ValueError("a vector holds a number that no float can hold") from error
    if not np.isfinite(made).all():
        raise ValueError("a vector holds NaN or infinity")
    result: Matrix = made
    return result


def lists(rows: Sequence[Any], dimension: int) -> list[list[float]]:
    """Rows of floats as plain lists; takes and refuses what :func:`matrix` does."""
    made = [floats(row) for row in rows]
    for row in made:
        if len(row) != dimension:
            raise ValueError(f"a vector of {len(row)} instead of {dimension} values")
        if not all(map(math.isfinite, row)):
            raise ValueError("a vector holds NaN or infinity")
    return made


def joined(matrices: Sequence[Any], dimension: int) -> Matrix:
    """Matrices of one width, one below the other.

    Args:
        matrices: What :func:`matrix` made.
        dimension: Width of the result when there are none.
    """
    if len(matrices) == 1:
        only: Matrix = matrices[0]
        return only
    if not matrices:
        return matrix([], dimension)
    if isinstance(matrices[0], list):
        return [row for each in matrices for row in each]
    below: Matrix = numpy(purpose="a matrix").concatenate(matrices)
    return below


def floats(row: Any) -> list[float]:
    """One row as plain floats.

    Args:
        row: Floats, or base64 of little-endian float32 values.

    Raises:
        ValueError: If it is base64 of another shape, or holds something that is no number.
    """
    if not isinstance(row, str):
        try:
            return list(map(float, row))
        except OverflowError as error:
            raise ValueError("a vector holds a number that no float can hold") from error
    import sys

    # The wire is little-endian, whatever this machine is.
    values = array("f", _decoded(row))
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist()


def length(row: Any) -> int:
    """Number of values in a row.

    Args:
        row: Floats, or base64 of little-endian float32 values.
    """
    return (len(row.rstrip("=")) * 3 // 4) // 4 if isinstance(row, str) else len(row)


def _decoded(row: str) -> bytes:
    return base64.b64decode(row, validate=True)
