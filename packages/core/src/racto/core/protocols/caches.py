"""Response caches: exact by the complete request, semantic by the nearness of the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats


@runtime_checkable
class ExactCache(Protocol):
    """Remembers replies by everything that decides them.

    Only whole replies are kept (``finish_reason.is_complete``), and those that call tools only by
    a cache that was set to; what is returned can be changed by the caller without harm to the
    cache. The config's ``metadata`` and ``timeout`` decide no reply and are not part of the key. A
    cache that cannot be reached is a miss, not an error.
    """

    def lookup(self, request: ChatRequest) -> LLMResponse | None:
        """The remembered reply with ``cached=True``, or None."""
        ...

    async def alookup(self, request: ChatRequest) -> LLMResponse | None:
        """Async twin of :meth:`lookup`."""
        ...

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a reply; one that is not whole is not kept.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.
        """
        ...

    async def aremember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Async twin of :meth:`remember`."""
        ...

    def forget(self, request: ChatRequest) -> bool:
        """Drop one entry; whether it was there."""
        ...

    async def aforget(self, request: ChatRequest) -> bool:
        """Async twin of :meth:`forget`."""
        ...

    def clear(self) -> None:
        """Drop all entries."""
        ...

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        ...

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far; a cache on a server may block to ask for its size."""
        ...

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        ...


@runtime_checkable
class Lead(Protocol):
    """The task of fetching a reply that others wait for; :meth:`Coalescing.join` hands it out.

    Whoever gets one ends it, whatever happens: with :meth:`finish`, or with :meth:`abandon`. What
    comes after the first of them changes nothing.
    """

    def finish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Hand the reply to all who wait, each a copy of his own, and let the cache keep it.

        Args:
            response: The reply; those who wait get one that is not whole, too, and the cache
                keeps none of it.
            keep: Whether the cache may keep it; not when it came from another cache.
        """
        ...

    async def afinish(self, response: LLMResponse, *, keep: bool = True) -> None:
        """Async twin of :meth:`finish`."""
        ...

    def abandon(self, error: BaseException | None = None) -> None:
        """Let go without a reply. Never blocks, and may be called while a task is cancelled.

        Args:
            error: Why. Those who wait raise it as well when it is the request's own fault;
                otherwise one of them takes the lead.
        """
        ...


@runtime_checkable
class Coalescing(Protocol):
    """The power of an :class:`ExactCache` to make one call out of many that ask the same at once."""

    def join(self, request: ChatRequest, *, timeout: float | None = None) -> LLMResponse | Lead:
        """The remembered reply, or that of a caller who fetches it just now, or the lead.

        Args:
            request: What is asked.
            timeout: Most seconds to wait for the other; the cache may have a limit of its own.
                After that the caller gets a lead himself.

        Returns:
            A reply with ``cached=True``, or what to fetch and :meth:`Lead.finish` it with.

        Raises:
            RactoGatewayError: What the other met, when it is the request's own fault.
        """
        ...

    async def ajoin(
        self, request: ChatRequest, *, timeout: float | None = None
    ) -> LLMResponse | Lead:
        """Async twin of :meth:`join`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticHit:
    """A remembered reply to a similar question.

    Attributes:
        response: The reply, with ``cached=True``.
        similarity: Cosine similarity of the two questions, -1 to 1.
        query: The question that it answered.
    """

    response: LLMResponse
    similarity: float
    query: str


@runtime_checkable
class SimilarityCache(Protocol):
    """Remembers replies by meaning: the question may differ a little, all else must be equal.

    All else is the scope, provider, model, system text, and every field of the config but
    ``user_message``, ``metadata`` and ``timeout``.
    """

    def nearest(self, request: ChatRequest) -> SemanticHit | None:
        """The reply to the most similar question above the threshold, or None."""
        ...

    async def anearest(self, request: ChatRequest) -> SemanticHit | None:
        """Async twin of :meth:`nearest`."""
        ...

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a reply; one that is not whole, or that calls tools, is not kept.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.
        """
        ...

    async def aremember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Async twin of :meth:`remember`."""
        ...

    def clear(self) -> None:
        """Drop all entries."""
        ...

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        ...

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far; a cache on a server may block to ask for its size."""
        ...

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        ...
