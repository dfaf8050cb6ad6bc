"""Ollama's own API, and a manager for its server; needs ``racto-providers[ollama]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapter import (
        OllamaLLMKit as OllamaLLMKit,
    )
    from .capabilities import (
        CAPABILITIES as CAPABILITIES,
    )
    from .embedder import (
        OllamaEmbedder as OllamaEmbedder,
    )
    from .kit import (
        Chat as Chat,
        OllamaDeveloperKit as OllamaDeveloperKit,
    )
    from .manager import (
        OllamaServerManager as OllamaServerManager,
    )
    from .pulls import (
        PullProgress as PullProgress,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapter": "OllamaLLMKit",
        "capabilities": "CAPABILITIES",
        "embedder": "OllamaEmbedder",
        "kit": "Chat OllamaDeveloperKit",
        "manager": "OllamaServerManager",
        "pulls": "PullProgress",
    },
)
