"""Weaviate as a vector store of racto."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .store import WeaviateStore as WeaviateStore

__getattr__, __dir__, __all__ = lazily(__name__, {"store": "WeaviateStore"})
