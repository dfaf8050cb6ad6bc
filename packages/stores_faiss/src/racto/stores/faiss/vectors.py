"""The border at which embeddings of any kind become checked float32 rows, and scores are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    InvalidEmbeddingError,
    MissingEmbeddingError,
)
from racto.core.vectors import Matrix

from .kinds import Metric

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]

LONGEST = 1e18
"""The greatest length of a vector: squares of such distances still fit into float32."""

# Squares between these are told well enough by float32, which is four times as fast.
_TINY, _HUGE = 1e-24, 1e32
# So many rows are copied and measured while they are in the processor's cache.
_BLOCK = 512


def rows_of(chunks: Sequence[Chunk], dimension: int | None) -> tuple[Floats, Floats]:
    """The vectors of chunks as rows that nobody else has, and their lengths.

    Args:
        chunks: At least one chunk.
        dimension: The length that all must have; None takes that of the first.

    Returns:
        Rows of shape (n, d), and their Euclidean lengths of shape (n,).

    Raises:
        MissingEmbeddingError: If a chunk has no vector.
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    given: list[Any] = [chunk.embedding for chunk in chunks]
    kinds = set(map(type, given))
    if type(None) in kinds:
        bad = chunks[next(at for at, vector in enumerate(given) if vector is None)]
        raise MissingEmbeddingError(
            f"chunk {bad.chunk_id!r} has no embedding; embed chunks before they are added"
        )
    quick = _stacked(given, dimension) if kinds == {np.ndarray} else None
    if quick is not None:
        return quick
    rows = _checked(given, dimension, lambda at: f"the embedding of chunk {chunks[at].chunk_id!r}")
    return rows, lengths_of(rows)


def queries_of(embeddings: Matrix, dimension: int | None) -> Floats:
    """Query vectors as rows of shape (n, d).

    Args:
        embeddings: Any number of vectors.
        dimension: The length that all must have; None takes that of the first.

    Raises:
        DimensionMismatchError: If one has another length.
        InvalidEmbeddingError: If one holds what is no finite number, or is longer than 1e18.
    """
    count = len(embeddings)
    if not count:
        return np.zeros((0, dimension or 0), dtype=np.float32)
    return _checked(embeddings, dimension, lambda at: "the query" if count == 1 else f"query {at}")


def lengths_of(rows: Floats) -> Floats:
    """Euclidean lengths of rows, shape (n,)."""
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    found: Floats = np.sqrt(squares).astype(np.float32)
    return found


def normalised(rows: Floats, lengths: Floats, out: Floats | None = None) -> Floats:
    """Rows brought to length 1; those without a length stay zero.

    Args:
        rows: Shape (n, d).
        lengths: Their lengths.
        out: Where to put them, which may be ``rows`` themselves; a new array unless given.
    """
    # Divided by one, a vector without a direction stays what it is: near to nothing.
    divisors = np.where(lengths > 0, lengths, np.float32(1))
    found: Floats = np.divide(rows, divisors[:, None], out=out, dtype=np.float32)
    return found


def scores_of(metric: Metric, rows: Floats, queries: Floats) -> NDArray[np.float64]:
    """The scores that users see: higher is nearer.

    Faiss finds rows by float32, whose last bits differ between its ways to search; recomputed
    in float64, a chunk has the same score alone and in a batch.

    Args:
        metric: How rows are compared.
        rows: Rows as the index keeps them, shape (n, d).
        queries: The query of each row, prepared as the index wants it, shape (n, d).
    """
    one, two = rows.astype(np.float64), queries.astype(np.float64)
    if metric == "l2":
        away = one - two
        return -np.sqrt(_products(away, away))
    products = _products(one, two)
    if metric == "dot":
        return products
    lengths = np.sqrt(_products(one, one) * _products(two, two))
    found = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.clip(found, -1.0, 1.0)


def _products(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", one, two), dtype=np.float64)


def _stacked(given: list[NDArray[Any]], dimension: int | None) -> tuple[Floats, Floats] | None:
    """Arrays of one length as rows with their lengths; None if one of them needs a closer look."""
    wanted = dimension or len(given[0])
    if set(map(len, given)) != {wanted}:
        return None
    rows = np.empty((len(given), wanted), dtype=np.float32)
    squares = np.empty(len(given), dtype=np.float32)
    with np.errstate(all="ignore"):
        for at in range(0, len(given), _BLOCK):
            block = rows[at : at + _BLOCK]
            try:
                np.concatenate(given[at : at + _BLOCK], out=block.reshape(-1))
            except (TypeError, ValueError):
                return None
            np.vecdot(block, block, out=squares[at : at + _BLOCK])
    # A comparison with NaN is false, so that it is looked at closely too.
    if not _TINY < squares.min() <= squares.max() < _HUGE:
        return None
    return rows, np.sqrt(squares)


def _checked(given: Any, dimension: int | None, name: Callable[[int], str]) -> Floats:
    wanted = len(given[0]) if dimension is None else dimension
    for at in range(len(given)):
        if len(given[at]) != wanted:
            raise DimensionMismatchError(
                f"{name(at)} has {len(given[at])} values and the store keeps vectors of "
                f"{wanted}; was another embedding model used?",
                expected=wanted,
                actual=len(given[at]),
            )
    if not wanted:
        raise InvalidEmbeddingError(f"{name(0)} has no values")
    rows = _floats(given)
    if rows is None:
        bad = next((at for at in range(len(given)) if _floats([given[at]]) is None), 0)
        raise _refusal(name(bad))
    lengths = lengths_of(rows)
    for at in np.flatnonzero(~(lengths <= LONGEST)).tolist():
        raise _refusal(name(at))
    return rows


def _floats(given: Any) -> Floats | None:
    # A value beyond float32 becomes infinite here and is refused by its length.
    with np.errstate(over="ignore"):
        try:
            rows: Floats = np.ascontiguousarray(given, dtype=np.float32)
        except (TypeError, ValueError, OverflowError):
            return None
    return rows if rows.ndim == 2 else None


def _refusal(what: str) -> InvalidEmbeddingError:
    return InvalidEmbeddingError(
        f"{what} cannot be kept or searched: every value must be a finite number, and the vector "
        f"no longer than {LONGEST:g}"
    )
