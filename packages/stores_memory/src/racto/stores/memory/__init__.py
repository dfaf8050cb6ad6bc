"""Exact vector search over chunks that are kept in memory."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .similarity import (
        Similarity as Similarity,
    )
    from .store import (
        InMemoryVectorStore as InMemoryVectorStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "similarity": "Similarity",
        "store": "InMemoryVectorStore",
    },
)
