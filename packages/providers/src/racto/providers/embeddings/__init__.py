"""Texts to vectors, one flow for all providers: a new one brings an embedding wire."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .embedder import (
        AsymmetricEmbedder as AsymmetricEmbedder,
        WireEmbedder as WireEmbedder,
    )
    from .flow import (
        embedded as embedded,
    )
    from .power import (
        EmbeddingPower as EmbeddingPower,
        EmbeddingService as EmbeddingService,
    )
    from .wires import (
        EmbeddedBatch as EmbeddedBatch,
        EmbeddingCall as EmbeddingCall,
        EmbeddingWire as EmbeddingWire,
        check_support as check_support,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "embedder": "AsymmetricEmbedder WireEmbedder",
        "flow": "embedded",
        "power": "EmbeddingPower EmbeddingService",
        "wires": "EmbeddedBatch EmbeddingCall EmbeddingWire check_support",
    },
)
