"""An embedder that runs in this process, offline; needs ``racto-providers[local]``."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .embedder import (
        LocalEmbedder as LocalEmbedder,
    )

__getattr__, __dir__, __all__ = lazily(__name__, {"embedder": "LocalEmbedder"})
