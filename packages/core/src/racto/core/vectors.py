"""The one shape in which embeddings travel, for rooms that need no pydantic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

Vector: TypeAlias = Sequence[float]
"""One embedding: any sequence of floats; a float32 numpy array where numpy is at hand."""


@runtime_checkable
class Matrix(Protocol):
    """n embeddings of d values: a C-contiguous float32 array, or rows of floats.

    Both a numpy array of shape (n, d) and a list of n lists of d floats keep it.
    """

    def __len__(self) -> int:
        """How many embeddings there are."""
        ...

    def __getitem__(self, index: Any, /) -> Any:
        """The embedding at an index."""
        ...
