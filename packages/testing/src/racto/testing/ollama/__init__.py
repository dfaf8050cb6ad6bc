"""Ollama's native API: words, vectors and the library of models."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import OllamaProtocol as OllamaProtocol
    from .server import OllamaServer as OllamaServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "OllamaProtocol", "server": "OllamaServer"},
)
