"""Voyage's API: embeddings, of pictures too, and reranking."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import VoyageProtocol as VoyageProtocol
    from .server import VoyageServer as VoyageServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "VoyageProtocol", "server": "VoyageServer"},
)
