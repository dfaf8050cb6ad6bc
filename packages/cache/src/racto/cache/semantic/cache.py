"""A semantic cache in this process: one matrix product finds the nearest question in its scope."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Literal

from racto.cache.replies import Snapshot, snapshot
from racto.core.errors import ConfigurationError
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.metrics import Metrics
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .counting import Counting
from .graphs import GRAPH_FROM, need_faiss
from .questions import EmbedFunction, QuestionVectors
from .shelf import Found, Shelf
from .vectors import Floats
from .voices import Answer, QuestionCache, seconds_of, threshold_of

# A product of so many numbers takes about 0.2 ms; an event loop is not kept waiting for longer.
_INLINE_CELLS = 1 << 19


class SemanticCache(QuestionCache):
    """Answers a question that means the same as one answered before, without a call.

    A question is embedded once a request: the vector of a miss is held for the ``remember`` that
    follows, and the very same question needs none. Similar questions are looked for within one
    scope; for requests that is all that decides a reply but the question.

    A failing embedder, or one that returns NaN, zeros or another number of values, is a miss by
    default: it is counted, and logged once a minute. Nothing of the kind is ever stored.

    Args:
        embed_fn: An embedder, or a function, sync or async, from a text to a vector; None takes
            the installed plug-in ``local``.
        similarity_threshold: Least cosine similarity of a hit, -1 to 1. ``racto-cache calibrate``
            finds it for an embedder.
        max_size: Most entries, of which the one used longest ago goes first; 0 for no limit.
        ttl_seconds: Seconds to keep an entry; None keeps it.
        max_bytes: Most bytes of all entries, vectors included; None for no limit.
        index: ``faiss`` searches scopes of 20,000 entries and more by a graph instead of all
            rows; it misses a near question now and then, and never gives a wrong similarity.
            Needs ``racto-cache[index]``.
        metrics: Counts hits, misses, evictions and errors.
        fail_open: Whether a failing embedder is a miss; False raises its error.
        clock: Tells the time in seconds; replace it to test expiry.

    Raises:
        ConfigurationError: If a number is out of its range, or ``embed_fn`` embeds nothing.
        PluginNotFoundError: If no embedder was given and none is installed.
        MissingExtraError: If the index's library is not installed.
    """

    def __init__(
        self,
        embed_fn: Embedder | EmbedFunction | None = None,
        similarity_threshold: float = 0.95,
        max_size: int = 512,
        ttl_seconds: float | None = None,
        *,
        max_bytes: int | None = None,
        index: Literal["faiss"] | None = None,
        metrics: Metrics | None = None,
        fail_open: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_size < 0 or (max_bytes is not None and max_bytes <= 0):
            raise ConfigurationError(
                f"max_size must be 0 or more and max_bytes above 0, not {max_size} and {max_bytes}"
            )
        self._threshold = threshold_of(similarity_threshold)
        self._ttl = seconds_of(ttl_seconds)
        self._vectors = QuestionVectors(embed_fn)
        self._clock, self._weighs = clock, max_bytes is not None
        self._shelf: Shelf[Snapshot] = Shelf(
            max_size=max_size, max_bytes=max_bytes, clock=clock, graph_from=_graph_from(index)
        )
        self._counting = Counting("semantic", metrics=metrics, fail_open=fail_open)

    def clear(self) -> None:
        """Drop all entries, and the counts with them."""
        self._shelf.clear()
        self._vectors.clear()
        self._counting.reset()

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        self.clear()

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far."""
        return self._counting.stats(len(self._shelf))

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        return self.stats

    @property
    def errors(self) -> int:
        """Failures of the embedder so far."""
        return self._counting.errors

    def __len__(self) -> int:
        """Entries that have not expired."""
        return len(self._shelf)

    def _seek(self, scope: str, query: str) -> Answer | None:
        found = self._shelf.same(scope, query)
        if found is None:
            try:
                row = self._vectors.embed(query)
                found = self._shelf.nearest(scope, row, self._threshold)
            # Embedders are code of strangers, and raise whatever they like.
            except Exception as error:
                self._failed(error)
                return None
            if found is None:
                self._missed_with(query, row)
                return None
        return self._answered(found)

    async def _aseek(self, scope: str, query: str) -> Answer | None:
        found = self._shelf.same(scope, query)
        if found is None:
            try:
                row = await self._vectors.aembed(query)
                # A thread costs more than a small product takes.
                if self._shelf.cells <= _INLINE_CELLS:
                    found = self._shelf.nearest(scope, row, self._threshold)
                else:
                    search = self._shelf.nearest
                    found = await asyncio.to_thread(search, scope, row, self._threshold)
            except Exception as error:
                self._failed(error)
                return None
            if found is None:
                self._missed_with(query, row)
                return None
        return self._answered(found)

    def _answered(self, found: Found[Snapshot]) -> Answer:
        self._counting.hit()
        reply, query, similarity = found
        return reply.response(cached=True), similarity, query

    def _missed_with(self, query: str, row: Floats) -> None:
        self._vectors.hold(query, row)
        self._missed()

    def _missed(self) -> None:
        self._counting.miss()

    def _failed(self, error: Exception) -> None:
        self._missed()
        self._counting.failed(error)

    def _keep(self, scope: str, query: str, response: LLMResponse, seconds: float | None) -> None:
        try:
            row = self._vectors.embed(query)
            self._store(scope, query, row, response, seconds)
        except Exception as error:
            self._counting.failed(error)

    async def _akeep(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> None:
        try:
            row = await self._vectors.aembed(query)
            self._store(scope, query, row, response, seconds)
        except Exception as error:
            self._counting.failed(error)

    def _store(
        self, scope: str, query: str, row: Floats, response: LLMResponse, seconds: float | None
    ) -> None:
        # The time of the entry goes before that of the cache, also when it is longer.
        ttl = self._ttl if seconds is None else seconds
        expires = math.inf if ttl is None else self._clock() + ttl
        reply = snapshot(response)
        # To weigh a reply takes longer than to store it.
        size = reply.size if self._weighs else 0
        gone = self._shelf.keep(scope, query, row, reply, size=size, expires=expires)
        self._vectors.release(query)
        if gone:
            self._counting.evicted(gone)


def _graph_from(index: str | None) -> int | None:
    if index is None:
        return None
    if index != "faiss":
        raise ConfigurationError(f"index must be faiss or None, not {index!r}")
    need_faiss()
    return GRAPH_FROM
