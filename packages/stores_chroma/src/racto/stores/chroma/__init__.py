"""The vector store Chroma: in memory, in a folder, or on a server."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .plan import (
        HNSW as HNSW,
        Distance as Distance,
    )
    from .store import (
        ChromaStore as ChromaStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "plan": "HNSW Distance",
        "store": "ChromaStore",
    },
)
