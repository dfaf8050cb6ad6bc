"""A semantic cache in any vector store: replies lie beside the questions' vectors."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from racto.cache.replies import packed, unpacked
from racto.core.documents import Chunk, ChunkMetadata, RetrievalResult
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.stores import FilterDelete, VectorStore
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats
from racto.core.vectors import Vector

from .counting import Counting
from .questions import EmbedFunction, QuestionVectors
from .scopes import question_id
from .vectors import SLACK, Floats
from .voices import Answer, QuestionCache, seconds_of, threshold_of

_NEVER = 1e15
_SWEEP_EVERY = 100
# A store that finds approximately, or ranks by another metric, may put the nearest second.
_LOOKED_AT = 4


class StoreSemanticCache(QuestionCache):
    """Answers similar questions out of a vector store, which outlives the process and is shared.

    Each question is a chunk: its text, its vector, and the packed reply in ``metadata.extra``. The
    scope is a filter of the search. The similarity is computed here, whatever the store's metric.

    Give the cache a collection of its own: ``clear`` empties all of it where the store cannot
    delete by filter, and the size counts what lies there. Without ``ttl_seconds`` nothing is ever
    removed; what has expired is removed now and then where the store can delete by filter.

    Args:
        store: Any vector store, best one that compares by cosine.
        embed_fn: As for :class:`~racto.cache.SemanticCache`.
        similarity_threshold: Least cosine similarity of a hit, -1 to 1.
        ttl_seconds: Seconds to keep an entry; None keeps it.
        name: Tells caches in one collection apart.
        metrics: Counts hits, misses and errors.
        fail_open: Whether a failing store or embedder is a miss, counted, and logged once a
            minute; False raises its error.
        clock: Tells the time of day in seconds, which all who share the store must agree on.

    Raises:
        ConfigurationError: If a number is out of its range, or ``embed_fn`` embeds nothing.
        PluginNotFoundError: If no embedder was given and none is installed.
    """

    def __init__(
        self,
        store: VectorStore,
        embed_fn: Embedder | EmbedFunction | None = None,
        *,
        similarity_threshold: float = 0.95,
        ttl_seconds: float | None = None,
        name: str = "semantic",
        metrics: Metrics | None = None,
        fail_open: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._threshold = threshold_of(similarity_threshold)
        self._ttl = seconds_of(ttl_seconds)
        self._vectors = QuestionVectors(embed_fn)
        self._name = name
        self._clock = clock
        self._counting = Counting("semantic_store", metrics=metrics, fail_open=fail_open)
        self._kept = 0

    def clear(self) -> None:
        """Drop all entries, and the counts with them.

        Raises:
            StoreError: If the store fails; a cache that was not cleared must not look so.
        """
        run(self._clear())

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(self._clear())

    def _clear(self) -> Flow[None]:
        store = self._store
        # Other caches may lie in the same collection.
        if isinstance(store, FilterDelete):
            own = {"racto_cache": self._name}
            yield from step(store.delete_where, store.adelete_where, own)
        else:
            yield from step(store.clear, store.aclear)
        self._vectors.clear()
        self._counting.reset()

    @property
    def stats(self) -> CacheStats:
        """Hits, misses and size so far; asks the store for its size."""
        return self._counting.stats(self._store.count())

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        return self._counting.stats(await self._store.acount())

    @property
    def errors(self) -> int:
        """Failures of the store and of the embedder so far."""
        return self._counting.errors

    def _seek(self, scope: str, query: str) -> Answer | None:
        return run(self._found(scope, query))

    async def _aseek(self, scope: str, query: str) -> Answer | None:
        return await arun(self._found(scope, query))

    def _keep(self, scope: str, query: str, response: LLMResponse, seconds: float | None) -> None:
        run(self._kept_flow(scope, query, response, seconds))

    async def _akeep(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> None:
        await arun(self._kept_flow(scope, query, response, seconds))

    def _missed(self) -> None:
        self._counting.miss()

    def _found(self, scope: str, query: str) -> Flow[Answer | None]:
        try:
            row = yield from step(self._vectors.embed, self._vectors.aembed, query)
            search, asearch = self._store.search, self._store.asearch
            wanted = self._filter(scope)
            results = yield from step(search, asearch, cast("Vector", row), _LOOKED_AT, wanted)
        except Exception as error:
            self._missed()
            self._counting.failed(error)
            return None
        hit = self._best(row, results)
        if hit is None:
            self._vectors.hold(query, row)
            self._missed()
        else:
            self._counting.hit()
        return hit

    def _filter(self, scope: str) -> dict[str, Any]:
        return {
            "racto_cache": self._name,
            "racto_scope": scope,
            "racto_expires": {"$gt": self._clock()},
        }

    def _best(self, row: Floats, results: list[RetrievalResult]) -> Answer | None:
        # Some stores return no vectors, and their scores need be no cosines.
        nearest: tuple[float, Chunk] | None = None
        for result in results:
            stored = _vector(result.chunk.metadata.extra.get("racto_vector"))
            if stored is None or stored.shape != row.shape:
                self._counting.failed(ValueError("an entry's vector is damaged"))
                continue
            similarity = min(1.0, float(np.dot(stored, row)))
            if nearest is None or similarity > nearest[0]:
                nearest = similarity, result.chunk
        if nearest is None or nearest[0] < self._threshold - SLACK:
            return None
        try:
            reply = unpacked(_bytes(nearest[1].metadata.extra["racto_reply"]))
        except Exception as error:
            self._counting.failed(error)
            return None
        reply.cached = True
        return reply, nearest[0], nearest[1].content

    def _kept_flow(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> Flow[None]:
        try:
            row = yield from step(self._vectors.embed, self._vectors.aembed, query)
            chunk = self._chunk(scope, query, row, response, seconds)
            yield from step(self._store.add, self._store.aadd, [chunk])
            self._vectors.release(query)
            self._kept += 1
            # Expired entries are never found; they only take room.
            if self._kept % _SWEEP_EVERY == 0:
                yield from self._sweep()
        except Exception as error:
            self._counting.failed(error)

    def _chunk(
        self, scope: str, query: str, row: Floats, response: LLMResponse, seconds: float | None
    ) -> Chunk:
        ttl = self._ttl if seconds is None else seconds
        expires = _NEVER if ttl is None else min(_NEVER, self._clock() + ttl)
        facts: Mapping[str, Any] = {
            "racto_cache": self._name,
            "racto_scope": scope,
            "racto_expires": expires,
            "racto_reply": base64.b64encode(packed(response)).decode(),
            "racto_vector": base64.b64encode(row.astype("<f4").tobytes()).decode(),
        }
        name = question_id(f"{self._name}\n{scope}\n{query}")
        return Chunk(
            content=query,
            # Some engines take no ids but UUIDs without a table of their own.
            chunk_id=f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}",
            embedding=cast("Vector", row),
            metadata=ChunkMetadata(source="racto-cache", extra=facts),
        )

    def _sweep(self) -> Flow[None]:
        store = self._store
        if isinstance(store, FilterDelete):
            old = {"racto_cache": self._name, "racto_expires": {"$lte": self._clock()}}
            yield from step(store.delete_where, store.adelete_where, old)


def _bytes(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)


def _vector(text: Any) -> Floats | None:
    try:
        row = np.frombuffer(_bytes(text), dtype="<f4")
    except (TypeError, ValueError, binascii.Error):
        return None
    return row.astype(np.float32, copy=False)
