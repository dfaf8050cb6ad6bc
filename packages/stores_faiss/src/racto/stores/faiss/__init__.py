"""Chunks in Faiss indexes: flat, HNSW and IVF, filtered before they are ranked."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .kinds import (
        IndexKind as IndexKind,
    )
    from .store import (
        FAISSStore as FAISSStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "kinds": "IndexKind",
        "store": "FAISSStore",
    },
)
