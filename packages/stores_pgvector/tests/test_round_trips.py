"""What a call costs on the way to the server, counted on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.stores.pgvector import PGVectorStore
from racto.stores.pgvector.writing import FEW

from .relay import Relay


def chunks(count: int, start: int = 0) -> list[Chunk]:
    return [
        Chunk(
            content=f"text {n}",
            chunk_id=f"c{n:04}",
            embedding=[1.0, n],
            metadata=ChunkMetadata(extra={"even": n % 2 == 0}),
        )
        for n in range(start, start + count)
    ]


@pytest.fixture
def store(relay: Relay) -> Iterator[PGVectorStore]:
    """A store that has its table and one connection."""
    store = PGVectorStore(relay.dsn, table="trips", batch_size=100, pool_size=1)
    store.drop()
    store.add(chunks(10))
    yield store
    store.close()


def trips(relay: Relay, call: Callable[[], Any]) -> int:
    before = relay.turns
    call()
    return relay.turns - before


def test_reading_takes_one(store: PGVectorStore, relay: Relay) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: store.search([1.0, 0.0]),
        lambda: store.search([1.0, 0.0], 3, {"even": True}),
        lambda: store.search_batch([[1.0, 0.0]] * 32),
        lambda: store.get(["c0001", "c0002", "no"]),
        store.count,
    ]
    for call in calls:
        # Also after the statement was prepared, which takes one more, once.
        costs = [trips(relay, call) for _ in range(8)]
        assert sorted(costs) in ([1] * 8, [1] * 7 + [2])


def test_deleting_takes_one(store: PGVectorStore, relay: Relay) -> None:
    assert trips(relay, lambda: store.delete(["c0001", "c0002"])) == 1
    assert trips(relay, lambda: store.delete_where({"even": True})) == 1


async def test_async_search_takes_one(store: PGVectorStore, relay: Relay) -> None:
    await store.asearch([1.0, 0.0])
    before = relay.turns
    await store.asearch([1.0, 0.0])
    assert relay.turns - before == 1
    await store.aclose()


def test_adding_few_takes_one(store: PGVectorStore, relay: Relay) -> None:
    for start in (0, 1000):
        assert trips(relay, partial(store.add, chunks(FEW, start))) == 1


def test_adding_many_takes_two_a_batch_and_one_a_call(store: PGVectorStore, relay: Relay) -> None:
    # Whether any is known; then for each of the batches "may I copy", and the rows.
    assert trips(relay, lambda: store.add(chunks(250, 1000))) == 1 + 3 * 2
    # Known ones need no leave to copy.
    assert trips(relay, lambda: store.add(chunks(250, 1000))) == 1 + 3
    assert store.count() == 260
