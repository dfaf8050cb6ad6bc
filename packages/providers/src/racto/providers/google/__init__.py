"""Google's models over the Gemini API and Vertex AI; needs ``racto-providers[google]``.

Google's REST protocol is spoken here, without its SDK: that hides the events of a stream, drops
fields that its types do not know, waits without heeding what the server asks, and is slow to load.
"""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapter import (
        GoogleLLMKit as GoogleLLMKit,
    )
    from .embedder import (
        GoogleEmbedder as GoogleEmbedder,
    )
    from .kit import (
        Chat as Chat,
        GoogleDeveloperKit as GoogleDeveloperKit,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapter": "GoogleLLMKit",
        "embedder": "GoogleEmbedder",
        "kit": "Chat GoogleDeveloperKit",
    },
)
