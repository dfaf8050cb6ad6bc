"""Hugging Face's router, and TGI, TEI and vLLM servers; needs ``racto-providers[huggingface]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapter import (
        HuggingFaceLLMKit as HuggingFaceLLMKit,
    )
    from .capabilities import (
        CAPABILITIES as CAPABILITIES,
    )
    from .embedder import (
        HuggingFaceEmbedder as HuggingFaceEmbedder,
    )
    from .kit import (
        Chat as Chat,
        HuggingFaceDeveloperKit as HuggingFaceDeveloperKit,
    )
    from .wire import (
        HUGGINGFACE as HUGGINGFACE,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapter": "HuggingFaceLLMKit",
        "capabilities": "CAPABILITIES",
        "embedder": "HuggingFaceEmbedder",
        "kit": "Chat HuggingFaceDeveloperKit",
        "wire": "HUGGINGFACE",
    },
)
