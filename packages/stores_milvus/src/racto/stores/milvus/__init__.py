"""Chunks in Milvus: a Lite file, a server, or Zilliz Cloud."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .settings import (
        MilvusSettings as MilvusSettings,
    )
    from .store import (
        MilvusStore as MilvusStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "settings": "MilvusSettings",
        "store": "MilvusStore",
    },
)
