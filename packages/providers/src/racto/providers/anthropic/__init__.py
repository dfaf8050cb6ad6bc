"""Anthropic, and every server that speaks its Messages API; needs ``racto-providers[anthropic]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapter import (
        AnthropicLLMKit as AnthropicLLMKit,
    )
    from .kit import (
        AnthropicDeveloperKit as AnthropicDeveloperKit,
        Chat as Chat,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapter": "AnthropicLLMKit",
        "kit": "AnthropicDeveloperKit Chat",
    },
)
