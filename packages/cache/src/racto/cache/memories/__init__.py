"""Chat memories: bounded histories of many conversations, in this process or in a file."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .local import InMemoryChatMemory as InMemoryChatMemory
    from .sqlite import SQLiteChatMemory as SQLiteChatMemory
    from .summaries import Summarizer as Summarizer
    from .tokens import (
        MessageCounter as MessageCounter,
        estimated_tokens as estimated_tokens,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "local": "InMemoryChatMemory",
        "sqlite": "SQLiteChatMemory",
        "summaries": "Summarizer",
        "tokens": "MessageCounter estimated_tokens",
    },
)
