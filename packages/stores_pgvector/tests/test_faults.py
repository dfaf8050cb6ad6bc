"""Connections that break in the middle of something: nothing wrong is returned, nothing is lost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import APIConnectionError, PartialWriteError
from racto.stores.pgvector import PGVectorStore

from .relay import Relay


def chunks(count: int) -> list[Chunk]:
    return [
        Chunk(content="x" * 1000, chunk_id=f"c{n:04}", embedding=[1.0, n]) for n in range(count)
    ]


@pytest.fixture
def store(relay: Relay) -> Iterator[PGVectorStore]:
    store = PGVectorStore(relay.dsn, table="broken", batch_size=100, pool_timeout=2)
    store.drop()
    store.create(2)
    yield store
    relay.is_down = False
    relay.sever()
    store.exists()
    store.drop()
    store.close()


def test_broken_in_mid_search(store: PGVectorStore, relay: Relay) -> None:
    store.add(chunks(60))
    relay.answer_bytes = 20_000
    assert len(store.search([1.0, 0.0], 60)) == 60
    relay.answer_bytes = 20_000
    assert len(asyncio.run(searched(store))) == 60


async def searched(store: PGVectorStore) -> list[object]:
    return [*await store.asearch([1.0, 0.0], 60)]


def test_broken_in_mid_search_and_gone_after(store: PGVectorStore, relay: Relay) -> None:
    store.add(chunks(60))
    relay.is_down, relay.answer_bytes = True, 20_000
    with pytest.raises(APIConnectionError) as caught:
        store.search([1.0, 0.0], 60)
    assert caught.value.retryable
    relay.is_down = False
    assert len(store.search([1.0, 0.0], 60)) == 60


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_broken_in_mid_batch(store: PGVectorStore, relay: Relay, known: bool) -> None:
    news = chunks(300)
    if known:
        old = [Chunk(content="old", chunk_id=c.chunk_id, embedding=c.embedding) for c in news]
        store.add(old)
    # A batch is about 120 kB: in the middle of the third.
    relay.question_bytes = 290_000
    with pytest.raises(PartialWriteError) as caught:
        store.add(news)
    assert caught.value.stored == tuple(c.chunk_id for c in news[:200])
    assert sorted(caught.value.failed) == [c.chunk_id for c in news[200:]]
    there = {c.chunk_id for page in store.scan() for c in page if c.content != "old"}
    assert there == set(caught.value.stored)
    store.add(news)
    assert store.count() == 300
    assert {c.content for page in store.scan() for c in page} == {"x" * 1000}


def test_broken_in_the_only_batch_stores_nothing(store: PGVectorStore, relay: Relay) -> None:
    relay.question_bytes = 10_000
    with pytest.raises(APIConnectionError):
        store.add(chunks(30))
    assert store.count() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a socket lose packets")
def test_network_that_swallows_everything(relay: Relay) -> None:
    store = PGVectorStore(relay.dsn, table="broken", network_timeout=1.0)
    store.drop()
    store.add(chunks(3))
    relay.swallow()
    # No answer and no refusal: only the client's own machine can tell that the other is gone.
    assert len(store.search([1.0, 0.0], 3)) == 3
    relay.swallow()
    with pytest.raises(APIConnectionError) as caught:
        store.add(chunks(4))
    assert caught.value.retryable
    asyncio.run(swallowed(store, relay))


async def swallowed(store: PGVectorStore, relay: Relay) -> None:
    assert await store.acount() == 3
    relay.swallow()
    assert len(await store.asearch([1.0, 0.0], 3)) == 3
    await store.adrop()
    await store.aclose()


def test_values_are_values(store: PGVectorStore) -> None:
    hostile = "'); DROP TABLE broken; --"
    chunk = Chunk(
        content=hostile,
        chunk_id=hostile,
        embedding=[1.0, 0.0],
        metadata=ChunkMetadata(source=hostile, extra={hostile: hostile, "%s": "%(a)s {} \\"}),
    )
    store.add([chunk, *chunks(1)])
    assert store.get([hostile]) == [chunk]
    for wanted in ({hostile: hostile}, {"source": hostile}, {"%s": "%(a)s {} \\"}):
        assert [r.chunk for r in store.search([1.0, 0.0], 5, wanted)] == [chunk]
    assert store.delete_where({hostile: {"$in": [hostile]}}) == 1
    assert store.count() == 1
