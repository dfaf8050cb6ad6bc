"""What makes two vectors near: the ranking of rows by one product, and the scores users see."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from racto.core.errors import ConfigurationError

from .vectors import Floats, lengths_of

Similarity: TypeAlias = Literal["cosine", "dot", "euclidean"]
"""``cosine`` of the angle, ``dot`` product, or ``euclidean`` distance with its sign turned."""

# Shorter vectors have no direction that float32 could tell.
_SHORTEST = 1e-30
# Far finer than float32 can tell two directions apart, far coarser than float64 rounds.
_DECIMALS = 12


def checked(similarity: str) -> Similarity:
    """The similarity of this name.

    Raises:
        ConfigurationError: If there is none.
    """
    for known in get_args(Similarity):
        if similarity == known:
            return known  # type: ignore[no-any-return]
    raise ConfigurationError(
        f"similarity={similarity!r} is unknown; choose among {', '.join(get_args(Similarity))}"
    )


def terms(similarity: Similarity, lengths: NDArray[np.float64]) -> Floats:
    """What turns the products of rows and query into ranking keys; see :func:`to_keys`.

    Args:
        similarity: How rows are compared.
        lengths: Euclidean lengths of the rows, shape (n,).
    """
    if similarity == "cosine":
        found = np.zeros_like(lengths)
        np.divide(1.0, lengths, out=found, where=lengths > _SHORTEST)
        return found.astype(np.float32)
    return (lengths * lengths / 2).astype(np.float32)


def to_keys(similarity: Similarity, products: Floats, terms: Floats) -> None:
    """Turn products into ranking keys in place: the greater, the nearer.

    Products are rows @ query. Cosine divides them by the rows' lengths; half a row's squared
    length less its product orders rows by their distance.

    Args:
        similarity: How rows are compared.
        products: Shape (n, queries).
        terms: Shape (n,).
    """
    if similarity == "cosine":
        np.multiply(products, terms[:, None], out=products)
    elif similarity == "euclidean":
        np.subtract(products, terms[:, None], out=products)


def prepared(similarity: Similarity, queries: Floats) -> Floats:
    """Queries as products take them: of length 1 for cosine, which ranks alike at any length."""
    if similarity != "cosine":
        return queries
    lengths = lengths_of(queries)[:, None]
    found = np.zeros(queries.shape)
    np.divide(queries, lengths, out=found, where=lengths > 0)
    return found.astype(np.float32)


def slack(similarity: Similarity, queries: Floats, longest: float) -> NDArray[np.float64]:
    """How far rounding may move the ranking key of a row, by query.

    Args:
        similarity: How rows are compared.
        queries: Prepared queries, shape (n, d).
        longest: Length of the longest row.
    """
    rounding = (queries.shape[1] + 2) * float(np.finfo(np.float32).eps) / 2
    reach = lengths_of(queries)
    if similarity != "cosine":
        reach = reach * longest
    if similarity == "euclidean":
        reach = reach + longest * longest
    return np.asarray(reach * rounding)


def scores(similarity: Similarity, rows: Floats, queries: Floats) -> NDArray[np.float64]:
    """The scores that users see, the same for equal rows wherever they are stored.

    Args:
        similarity: How rows are compared.
        rows: Shape (n, d).
        queries: One query a row, as users gave them, shape (n, d).

    Returns:
        Cosine in [-1, 1] (0 when a vector has no length), dot product, or minus the distance.
    """
    one, two = rows.astype(np.float64), queries.astype(np.float64)
    if similarity == "euclidean":
        return np.asarray(-np.sqrt(_products(one - two, one - two)))
    products = _products(one, two)
    if similarity == "dot":
        return products
    lengths = np.sqrt(_products(one, one)) * np.sqrt(_products(two, two))
    found = np.zeros_like(products)
    np.divide(products, lengths, out=found, where=lengths > 0)
    # Rows that point the same way are equal, whatever the last bits of their lengths say.
    return np.clip(np.round(found, _DECIMALS), -1.0, 1.0)


def _products(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    # einsum adds every row in the same order; BLAS would round the rows at an edge differently.
    found: NDArray[np.float64] = np.einsum("ij,ij->i", one, two)
    return found
