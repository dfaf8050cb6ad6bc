"""Weaviate's API: the schema over REST, objects and searches over gRPC."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import WeaviateProtocol as WeaviateProtocol
    from .server import WeaviateServer as WeaviateServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "WeaviateProtocol", "server": "WeaviateServer"},
)
