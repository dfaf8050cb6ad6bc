"""Loopback servers that speak the providers' wire protocols, with faults on demand."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .anthropic import AnthropicServer as AnthropicServer
    from .cassettes import CassetteServer as CassetteServer
    from .exchange import (
        Incoming as Incoming,
        Outgoing as Outgoing,
        Provider as Provider,
        Script as Script,
    )
    from .gemini import GeminiServer as GeminiServer
    from .huggingface import HuggingFaceServer as HuggingFaceServer
    from .kafka import KafkaBroker as KafkaBroker
    from .ollama import OllamaServer as OllamaServer
    from .openai import OpenAIServer as OpenAIServer
    from .pinecone import PineconeServer as PineconeServer
    from .replies import (
        Conduct as Conduct,
        Failure as Failure,
        Reply as Reply,
        ToolCall as ToolCall,
    )
    from .server import LoopbackServer as LoopbackServer
    from .voyage import VoyageServer as VoyageServer
    from .weaviate import WeaviateServer as WeaviateServer

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "anthropic": "AnthropicServer",
        "cassettes": "CassetteServer",
        "exchange": "Incoming Outgoing Provider Script",
        "gemini": "GeminiServer",
        "huggingface": "HuggingFaceServer",
        "kafka": "KafkaBroker",
        "ollama": "OllamaServer",
        "openai": "OpenAIServer",
        "pinecone": "PineconeServer",
        "replies": "Conduct Failure Reply ToolCall",
        "server": "LoopbackServer",
        "voyage": "VoyageServer",
        "weaviate": "WeaviateServer",
    },
)
