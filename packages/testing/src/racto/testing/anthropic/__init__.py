"""Anthropic's protocol: messages, token counts, message batches and models."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .batches import MessageBatches as MessageBatches
    from .counting import (
        TOKENS_OF_DOCUMENT as TOKENS_OF_DOCUMENT,
        TOKENS_OF_IMAGE as TOKENS_OF_IMAGE,
        TOKENS_OF_MESSAGE as TOKENS_OF_MESSAGE,
    )
    from .provider import AnthropicProtocol as AnthropicProtocol
    from .server import AnthropicServer as AnthropicServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "batches": "MessageBatches",
        "counting": "TOKENS_OF_DOCUMENT TOKENS_OF_IMAGE TOKENS_OF_MESSAGE",
        "provider": "AnthropicProtocol",
        "server": "AnthropicServer",
    },
)
