"""Hugging Face's router, text-generation server and embedding server: chats and vectors."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import HuggingFaceProtocol as HuggingFaceProtocol
    from .server import HuggingFaceServer as HuggingFaceServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "HuggingFaceProtocol", "server": "HuggingFaceServer"},
)
