"""OpenAI's protocol: Chat Completions, Responses, embeddings, files, batches and fine-tuning."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .provider import OpenAIProtocol as OpenAIProtocol
    from .quirks import Quirks as Quirks
    from .server import OpenAIServer as OpenAIServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"provider": "OpenAIProtocol", "quirks": "Quirks", "server": "OpenAIServer"},
)
