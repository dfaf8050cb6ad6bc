"""Pinecone's API: indexes, and the vectors in their namespaces."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import PineconeProtocol as PineconeProtocol
    from .server import PineconeServer as PineconeServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "PineconeProtocol", "server": "PineconeServer"},
)
