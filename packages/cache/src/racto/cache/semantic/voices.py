"""The public methods that all semantic caches share, in both voices."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TypeAlias

from racto.cache.fitness import is_fit
from racto.core.errors import ConfigurationError
from racto.core.protocols.caches import SemanticHit
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse

from .questions import is_askable
from .scopes import named_scope, scope_of

Answer: TypeAlias = tuple[LLMResponse, float, str]
"""A reply that is the caller's own, the similarity, and the question that it answered."""


class QuestionCache(ABC):
    """Asks and tells a semantic cache: by request, or by a question and the name of a scope.

    The reference package's ``get`` and ``put`` compare questions alone, whatever the system text,
    the model or the tenant. Here they do so within one named scope, and requests never share it.
    """

    def nearest(self, request: ChatRequest) -> SemanticHit | None:
        """The reply to the most similar question of the same scope, or None.

        Args:
            request: What is asked; its question is compared by meaning, all else must be equal.
        """
        scope, query = scope_of(request), request.config.user_message
        if scope is None or not is_askable(query):
            return self._missed()
        return _hit(self._seek(scope, query))

    async def anearest(self, request: ChatRequest) -> SemanticHit | None:
        """Async twin of :meth:`nearest`."""
        scope, query = scope_of(request), request.config.user_message
        if scope is None or not is_askable(query):
            return self._missed()
        return _hit(await self._aseek(scope, query))

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a reply; one that is not whole, or that calls tools, is not kept.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.
        """
        seconds = seconds_of(ttl_seconds)
        scope, query = scope_of(request), request.config.user_message
        if scope is not None and is_fit(response) and is_askable(query):
            self._keep(scope, query, response, seconds)

    async def aremember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Async twin of :meth:`remember`."""
        seconds = seconds_of(ttl_seconds)
        scope, query = scope_of(request), request.config.user_message
        if scope is not None and is_fit(response) and is_askable(query):
            await self._akeep(scope, query, response, seconds)

    def get(self, query: str, *, scope: str = "") -> LLMResponse | None:
        """The reply to the most similar question that was ``put``, or None.

        Args:
            query: The question.
            scope: Name of the scope to look in: whatever must be equal beside the question, such
                as the model, the system text and the tenant.
        """
        if not is_askable(query):
            return self._missed()
        answer = self._seek(named_scope(scope), query)
        return None if answer is None else answer[0]

    async def aget(self, query: str, *, scope: str = "") -> LLMResponse | None:
        """Async twin of :meth:`get`."""
        if not is_askable(query):
            return self._missed()
        answer = await self._aseek(named_scope(scope), query)
        return None if answer is None else answer[0]

    def put(
        self,
        query: str,
        response: LLMResponse,
        *,
        scope: str = "",
        ttl_seconds: float | None = None,
    ) -> None:
        """Keep a reply for similar questions; one that is not whole, or calls tools, is not kept.

        Args:
            query: The question.
            response: What was answered.
            scope: Name of the scope in which it may be found.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.
        """
        seconds = seconds_of(ttl_seconds)
        if is_fit(response) and is_askable(query):
            self._keep(named_scope(scope), query, response, seconds)

    async def aput(
        self,
        query: str,
        response: LLMResponse,
        *,
        scope: str = "",
        ttl_seconds: float | None = None,
    ) -> None:
        """Async twin of :meth:`put`."""
        seconds = seconds_of(ttl_seconds)
        if is_fit(response) and is_askable(query):
            await self._akeep(named_scope(scope), query, response, seconds)

    @abstractmethod
    def _seek(self, scope: str, query: str) -> Answer | None: ...

    @abstractmethod
    async def _aseek(self, scope: str, query: str) -> Answer | None: ...

    @abstractmethod
    def _missed(self) -> None: ...

    @abstractmethod
    def _keep(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> None: ...

    @abstractmethod
    async def _akeep(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> None: ...


def _hit(answer: Answer | None) -> SemanticHit | None:
    if answer is None:
        return None
    return SemanticHit(response=answer[0], similarity=answer[1], query=answer[2])


def threshold_of(given: float) -> float:
    """A similarity threshold that was checked.

    Raises:
        ConfigurationError: If it is no cosine, -1 to 1.
    """
    if not -1.0 <= given <= 1.0:
        raise ConfigurationError(f"similarity_threshold must be -1 to 1, not {given}")
    return float(given)


def seconds_of(given: float | None) -> float | None:
    """A time to live that was checked; None stays None.

    Raises:
        ConfigurationError: If it is not above 0, or NaN.
    """
    if given is not None and (math.isnan(given) or given <= 0):
        raise ConfigurationError(f"ttl_seconds must be above 0, not {given}")
    return given
