"""OpenAI, and every server that speaks its protocol; needs ``racto-providers[openai]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapter import (
        OpenAILLMKit as OpenAILLMKit,
    )
    from .dialects import (
        COMPATIBLE as COMPATIBLE,
        DEEPSEEK as DEEPSEEK,
        OPENAI as OPENAI,
        ChatDialect as ChatDialect,
    )
    from .embedder import (
        OpenAIEmbedder as OpenAIEmbedder,
    )
    from .kit import (
        Chat as Chat,
        OpenAIDeveloperKit as OpenAIDeveloperKit,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapter": "OpenAILLMKit",
        "dialects": "COMPATIBLE DEEPSEEK OPENAI ChatDialect",
        "embedder": "OpenAIEmbedder",
        "kit": "Chat OpenAIDeveloperKit",
    },
)
