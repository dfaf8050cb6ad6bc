"""Embedders that run in this process, offline: ``racto-providers[local]`` or ``[minilm]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .embedder import (
        LocalEmbedder as LocalEmbedder,
    )
    from .minilm import (
        MiniLMEmbedder as MiniLMEmbedder,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__, {"embedder": "LocalEmbedder", "minilm": "MiniLMEmbedder"}
)
