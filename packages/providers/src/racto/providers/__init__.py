"""One typed chat and embedding interface over providers and local models."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .gateway import (
        Gateway as Gateway,
        KitAdapter as KitAdapter,
        LLMAdapter as LLMAdapter,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"gateway": "Gateway KitAdapter LLMAdapter"},
)
