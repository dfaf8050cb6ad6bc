"""Response caches in a dictionary: one by the whole request, one by the nearness of questions."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from racto.core.flows import threaded
from racto.core.protocols.caches import SemanticHit
from racto.core.protocols.embedders import Embedder
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .embedders import HashEmbedder


def request_key(request: ChatRequest, *, without: frozenset[str] = frozenset()) -> str:
    """A hash of everything in a request that decides the reply.

    Args:
        request: The request.
        without: Config fields to leave out.
    """
    config = request.config
    # Tools and models have no JSON of their own; labels and time limits change no reply.
    apart = {"tools", "response_model", "metadata", "timeout", "attachments", *without}
    facts: list[Any] = [
        request.provider,
        request.model,
        request.system,
        request.scope,
        config.model_dump(mode="json", exclude=apart),
        [repr(schema) for schema in config.tools.schemas] if config.tools else None,
        config.response_model.model_json_schema() if config.response_model else None,
        [(file.mime_type, file.name, file.base64_data) for file in config.attachments or ()],
    ]
    text = json.dumps(facts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _copy(response: LLMResponse, *, cached: bool = False) -> LLMResponse:
    # Through JSON, so that nothing is shared and ``raw`` stays behind.
    twin = LLMResponse.model_validate_json(response.model_dump_json())
    twin.cached = cached
    return twin


class DictCache:
    """An exact cache without limit.

    Args:
        ttl_seconds: Seconds to keep an entry; None keeps it for ever.
        clock: Tells the time in seconds; replace it to test expiry.
    """

    def __init__(
        self, ttl_seconds: float | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl = ttl_seconds
        self._clock = clock
        self._entries: dict[str, tuple[LLMResponse, float]] = {}
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    def lookup(self, request: ChatRequest) -> LLMResponse | None:
        """A copy of the remembered reply with ``cached=True``, or None."""
        key = request_key(request)
        with self._lock:
            found, end = self._entries.get(key, (None, 0.0))
            # Expired entries go when they are met; a fake needs no sweeper.
            if found is None or end <= self._clock():
                self._entries.pop(key, None)
                self._misses += 1
                return None
            self._hits += 1
        return _copy(found, cached=True)

    alookup = threaded(lookup)

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a copy of a whole reply.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None for the cache's own setting.
        """
        if not response.finish_reason.is_complete:
            return
        seconds = self._ttl if ttl_seconds is None else ttl_seconds
        end = math.inf if seconds is None else self._clock() + seconds
        entry = (_copy(response), end)
        with self._lock:
            self._entries[request_key(request)] = entry

    aremember = threaded(remember)

    def forget(self, request: ChatRequest) -> bool:
        """Drop one entry; whether it was there."""
        with self._lock:
            return self._entries.pop(request_key(request), None) is not None

    aforget = threaded(forget)

    def clear(self) -> None:
        """Drop all entries."""
        with self._lock:
            self._entries.clear()

    aclear = threaded(clear)

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far."""
        with self._lock:
            return CacheStats(hits=self._hits, misses=self._misses, size=len(self._entries))

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        return self.stats


class NearCache:
    """A semantic cache that compares a question with each remembered one of the same setting.

    Args:
        embedder: Embeds the questions; by their words when None.
        threshold: Least cosine similarity of a hit.
        clock: Tells the time in seconds; replace it to test expiry.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        threshold: float = 0.9,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedder: Embedder = embedder or HashEmbedder(256)
        self._threshold = threshold
        self._clock = clock
        self._entries: dict[str, dict[str, tuple[Any, LLMResponse, float]]] = {}
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    def nearest(self, request: ChatRequest) -> SemanticHit | None:
        """The reply to the most similar question above the threshold, or None."""
        # Embedded before the lock is taken: a real embedder takes its time.
        asked = self._embedder.embed([request.config.user_message])[0]
        best: tuple[float, str, LLMResponse] | None = None
        with self._lock:
            entries, now = self._entries.get(_setting(request), {}), self._clock()
            for query in [query for query, (_, _, end) in entries.items() if end <= now]:
                del entries[query]
            for query, (vector, response, _) in entries.items():
                similarity = _cosine(asked, vector)
                if similarity >= self._threshold and (best is None or similarity > best[0]):
                    best = similarity, query, response
            self._hits += best is not None
            self._misses += best is None
        if best is None:
            return None
        return SemanticHit(response=_copy(best[2], cached=True), similarity=best[0], query=best[1])

    anearest = threaded(nearest)

    def remember(
        self, request: ChatRequest, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        """Keep a copy of a whole reply in words.

        Args:
            request: What was asked.
            response: What was answered.
            ttl_seconds: Seconds to keep it; None keeps it for ever.
        """
        if not response.finish_reason.is_complete or response.tool_calls:
            return
        query = request.config.user_message
        end = math.inf if ttl_seconds is None else self._clock() + ttl_seconds
        entry = (self._embedder.embed([query])[0], _copy(response), end)
        with self._lock:
            self._entries.setdefault(_setting(request), {})[query] = entry

    aremember = threaded(remember)

    def clear(self) -> None:
        """Drop all entries."""
        with self._lock:
            self._entries.clear()

    aclear = threaded(clear)

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far."""
        with self._lock:
            size = sum(map(len, self._entries.values()))
            return CacheStats(hits=self._hits, misses=self._misses, size=size)

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        return self.stats


def _setting(request: ChatRequest) -> str:
    return request_key(request, without=frozenset({"user_message"}))


def _cosine(one: Any, two: Any) -> float:
    product = sum(float(a) * float(b) for a, b in zip(one, two, strict=True))
    length = math.hypot(*one) * math.hypot(*two)
    return product / length if length else 0.0
