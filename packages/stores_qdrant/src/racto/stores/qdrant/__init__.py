"""The vector store Qdrant: in memory, in a folder, or on a server."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .plan import (
        HNSW as HNSW,
        Distance as Distance,
        FieldKind as FieldKind,
        Quantization as Quantization,
    )
    from .store import (
        QdrantStore as QdrantStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "plan": "HNSW Distance FieldKind Quantization",
        "store": "QdrantStore",
    },
)
