"""Waiting until Pinecone's reads see a write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.stores.pinecone import PineconeStore
from racto.testing.pinecone import PineconeServer

LAG = 0.3


@pytest.fixture
def late() -> Iterator[PineconeServer]:
    with PineconeServer(lag=LAG) as server:
        server.create_index("chunks", dimension=2)
        yield server


def store_on(server: PineconeServer, fresh: float | None) -> PineconeStore:
    return PineconeStore(
        "chunks", api_key="test-key", control_host=server.url, wait_until_fresh=fresh
    )


def some(count: int) -> list[Chunk]:
    return [Chunk(content="x", chunk_id=f"c{i}", embedding=[1.0, float(i)]) for i in range(count)]


def test_without_waiting_reads_lag(late: PineconeServer) -> None:
    store = store_on(late, None)
    store.add(some(3))
    assert store.search([1.0, 0.0]) == []
    store.close()


async def test_writes_wait_until_they_are_seen(late: PineconeServer) -> None:
    store = store_on(late, 10.0)
    await store.aadd(some(3))
    assert len(await store.asearch([1.0, 0.0])) == 3
    await store.adelete(["c1"])
    assert len(await store.asearch([1.0, 0.0])) == 2
    await store.aclear()
    assert await store.acount() == 0
    await store.aclose()


def test_a_wait_that_is_too_short_says_that_all_is_stored(late: PineconeServer) -> None:
    store = store_on(late, 0.05)
    with pytest.raises(StoreError, match="is stored") as caught:
        store.add(some(1))
    assert caught.value.retryable
    assert late.wait_until(lambda: store.count() == 1)
    store.close()


def test_long_texts_are_waited_for_by_readers(late: PineconeServer) -> None:
    store = store_on(late, None)
    long = Chunk(content="x" * 100_000, chunk_id="a", embedding=[1.0, 0.0])
    store.add([long])
    assert late.wait_until(lambda: store.get(["a"]) == [long])
    store.close()
