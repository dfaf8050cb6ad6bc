"""Vector search in PostgreSQL with pgvector."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .distances import (
        Distance as Distance,
    )
    from .layout import (
        IndexMethod as IndexMethod,
    )
    from .settings import (
        IterativeScan as IterativeScan,
    )
    from .store import (
        PGVectorStore as PGVectorStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "distances": "Distance",
        "layout": "IndexMethod",
        "settings": "IterativeScan",
        "store": "PGVectorStore",
    },
)
