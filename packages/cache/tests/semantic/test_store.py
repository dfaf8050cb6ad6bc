"""StoreSemanticCache: filters, expiry, stores of all powers, and stores that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from racto.cache import StoreSemanticCache
from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import StoreError
from racto.core.testing import DictStore
from racto.core.testing.contracts.requests import reply_of


def embed(text: str) -> list[float]:
    """The direction that "x y" names."""
    return [*map(float, text.split()[:2]), 1.0]


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


class PlainStore:
    """Has no power beyond the protocol; finds by a score that is no cosine, without vectors."""

    def __init__(self) -> None:
        self.inner = DictStore()
        self.deletes = 0

    def add(self, chunks: Sequence[Chunk]) -> None:
        self.inner.add(chunks)

    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        found = self.inner.search(embedding, top_k, filters)
        # The best is not first, and no score is a cosine.
        return [
            replace(one, chunk=replace(one.chunk, embedding=None), score=-7.0)
            for one in reversed(found)
        ]

    def delete(self, chunk_ids: Sequence[str]) -> None:
        self.inner.delete(chunk_ids)

    def clear(self) -> None:
        self.inner.clear()

    def count(self) -> int:
        return self.inner.count()

    def close(self) -> None:
        self.inner.close()

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        self.add(chunks)

    async def asearch(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return self.search(embedding, top_k, filters)

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        self.delete(chunk_ids)

    async def aclear(self) -> None:
        self.clear()

    async def acount(self) -> int:
        return self.count()

    async def aclose(self) -> None:
        self.close()


class FailingStore(PlainStore):
    """Refuses everything."""

    def add(self, chunks: Sequence[Chunk]) -> None:
        raise StoreError("full")

    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        raise StoreError("gone")

    def clear(self) -> None:
        raise StoreError("gone")


def cache_of(store: Any, **settings: Any) -> StoreSemanticCache:
    return StoreSemanticCache(store, embed, **{"similarity_threshold": 0.99, **settings})


@pytest.mark.parametrize("make", [DictStore, PlainStore])
def test_nearest_whatever_the_store_scores(make: Any) -> None:
    cache = cache_of(make())
    for number in range(10):
        cache.put(f"10 {number}", reply_of(str(number)))
    for number in range(10):
        found = cache.get(f"10 {number} asked")
        assert found is not None
        assert (found.content, found.cached) == (str(number), True)
    assert asyncio.run(cache.aget("10 -9")) is None


def test_two_caches_in_one_collection() -> None:
    store = DictStore()
    one, two = cache_of(store, name="one"), cache_of(store, name="two")
    one.put("1 0", reply_of("one"))
    assert two.get("1 0") is None
    two.put("1 0", reply_of("two"))
    two.clear()
    found = one.get("1 0")
    assert found is not None
    assert found.content == "one"


def test_outlives_its_process() -> None:
    store = PlainStore()
    cache_of(store).put("1 0", reply_of("kept"), scope="s")
    found = cache_of(store).get("1 0.01", scope="s")
    assert found is not None
    assert found.content == "kept"


def test_what_has_ended_is_not_found_and_is_removed() -> None:
    store, clock = DictStore(), Clock()
    cache = cache_of(store, ttl_seconds=60, clock=clock)
    cache.put("1 0", reply_of())
    cache.put("0 1", reply_of(), ttl_seconds=1e9)
    clock.now += 60
    assert cache.get("1 0") is None
    assert cache.get("0 1") is not None
    for number in range(98):
        cache.put(f"5 {number}", reply_of())
    assert cache.stats.size == 99


def test_same_question_replaces() -> None:
    cache = cache_of(DictStore())
    cache.put("1 0", reply_of("old"))
    cache.put("1 0", reply_of("new"))
    found = cache.get("1 0")
    assert found is not None
    assert (found.content, cache.stats.size) == ("new", 1)


def test_failing_store_is_a_miss() -> None:
    cache = cache_of(FailingStore())
    cache.put("1 0", reply_of())
    assert cache.get("1 0") is None
    assert asyncio.run(cache.aget("1 0")) is None
    assert (cache.errors, cache.stats.misses) == (3, 2)
    # A cache that was not cleared must not look so.
    with pytest.raises(StoreError):
        cache.clear()
    with pytest.raises(StoreError, match="gone"):
        cache_of(FailingStore(), fail_open=False).get("1 0")


@pytest.mark.parametrize("field", ["racto_reply", "racto_vector"])
@pytest.mark.parametrize("value", ["", "AAAA", "no base 64!", None, 7])
def test_damaged_entry_is_a_miss(field: str, value: Any) -> None:
    store = DictStore()
    cache = cache_of(store)
    cache.put("1 0", reply_of())
    (chunk,) = (result.chunk for result in store.search([1.0, 0.0, 1.0], 1))
    extra = {**chunk.metadata.extra, field: value}
    store.add([replace(chunk, metadata=replace(chunk.metadata, extra=extra))])
    assert cache.get("1 0") is None
    assert (cache.errors, cache.stats.hits) == (1, 0)
