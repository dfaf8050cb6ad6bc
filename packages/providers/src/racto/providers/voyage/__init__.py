"""Voyage's embeddings; needs ``racto-providers[voyage]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .capabilities import (
        CAPABILITIES as CAPABILITIES,
    )
    from .embedder import (
        VoyageEmbedder as VoyageEmbedder,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__, {"capabilities": "CAPABILITIES", "embedder": "VoyageEmbedder"}
)
