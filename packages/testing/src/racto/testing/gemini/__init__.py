"""The Gemini API: words, vectors, files, caches, batches and tunings."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import GeminiProtocol as GeminiProtocol
    from .server import GeminiServer as GeminiServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "GeminiProtocol", "server": "GeminiServer"},
)
