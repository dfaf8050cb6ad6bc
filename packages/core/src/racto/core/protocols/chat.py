"""Chat kits: whatever answers a :class:`~racto.core.ChatConfig`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Protocol, runtime_checkable

from racto.core.chat import ChatConfig
from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse
from racto.core.responses import LLMResponse
from racto.core.stream import StreamChunk


@runtime_checkable
class ChatKit(Protocol):
    """One provider's chat models behind one connection pool.

    Safe to share between threads, tasks and event loops. Errors are those of
    :mod:`racto.core.errors`, never a provider's own.

    A kit that is offered in the entry-point group ``racto.chat_kits`` takes ``model`` first and
    the keywords ``api_key`` and ``base_url``, so that others can make one by its name.
    """

    @property
    def provider(self) -> str:
        """Name of the provider, for example ``openai``."""
        ...

    @property
    def model(self) -> str:
        """Model that is asked when the request names none."""
        ...

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer one request."""
        ...

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        ...

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer piece by piece; exactly one final chunk, and closing the iterator hangs up."""
        ...

    def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        ...

    def close(self) -> None:
        """Give all connections back; calling it twice is fine."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...


@runtime_checkable
class EmbeddingKit(Protocol):
    """The power of a kit to embed as well."""

    def embed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Embed all texts of the request, in its order."""
        ...

    async def aembed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Async twin of :meth:`embed`."""
        ...


@runtime_checkable
class TokenCounter(Protocol):
    """The power to say how many tokens a text has for a model, computed without any call."""

    def count_tokens(self, text: str) -> int:
        """Number of tokens in ``text``."""
        ...
