"""Writing: batches are whole or absent, and an error names what is stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import (
    APIConnectionError,
    InvalidEmbeddingError,
    PartialWriteError,
    StoreError,
)
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]
Admin = psycopg.Connection[Any]


def chunks(count: int, text: str = "text") -> list[Chunk]:
    return [
        Chunk(content=text, chunk_id=f"c{n:04}", embedding=[1.0, n / 100]) for n in range(count)
    ]


def slow_at(admin: Admin, table: str, chunk_id: str) -> None:
    """Let the server fall asleep when it stores a chunk."""
    admin.execute(
        f"CREATE FUNCTION nap_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$".encode()
    )
    admin.execute(
        f"CREATE TRIGGER nap BEFORE INSERT ON {table} FOR EACH ROW "
        f"WHEN (NEW.id = '{chunk_id}') EXECUTE FUNCTION nap_{table}()".encode()
    )


def kill_the_sleeper(admin: Admin) -> None:
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
        "AND application_name = 'racto-stores-pgvector'"
    )
    until = time.monotonic() + 20
    while not admin.execute(query).fetchall() and time.monotonic() < until:
        time.sleep(0.05)


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_killed_in_mid_batch(make_store: Maker, admin: Admin, known: bool) -> None:
    table = f"killed_{'known' if known else 'new'}"
    store = make_store(table=table, batch_size=100)
    store.create(2)
    if known:
        store.add(chunks(250, "old"))
    slow_at(admin, table, "c0150")
    killer = threading.Thread(target=kill_the_sleeper, args=(admin,))
    killer.start()
    with pytest.raises(PartialWriteError, match="100 of 250 chunks are stored") as caught:
        store.add(chunks(250, "new"))
    killer.join()
    error = caught.value
    assert error.stored == tuple(f"c{n:04}" for n in range(100))
    assert sorted(error.failed) == [f"c{n:04}" for n in range(100, 250)]
    assert error.retryable
    news = [c for page in store.scan() for c in page if c.content == "new"]
    assert [c.chunk_id for c in news] == list(error.stored)
    assert store.count() == (250 if known else 100)
    admin.execute(f"DROP TRIGGER nap ON {table}".encode())
    store.add(chunks(250, "new"))
    assert {c.content for page in store.scan() for c in page} == {"new"}


def test_killed_in_the_first_batch(make_store: Maker, admin: Admin) -> None:
    store = make_store(table="killed_first")
    store.create(2)
    slow_at(admin, "killed_first", "c0003")
    killer = threading.Thread(target=kill_the_sleeper, args=(admin,))
    killer.start()
    with pytest.raises(APIConnectionError):
        store.add(chunks(5))
    killer.join()
    assert store.count() == 0


def test_writers_of_the_same_chunks(make_store: Maker) -> None:
    store = make_store(pool_size=8, batch_size=20)
    store.create(2)
    forward = chunks(100)
    with ThreadPoolExecutor(8) as threads:
        orders = [forward, forward[::-1]] * 4
        for done in [threads.submit(store.add, order) for order in orders]:
            done.result()
        deletions = [threads.submit(store.delete, [c.chunk_id for c in order]) for order in orders]
        additions = [threads.submit(store.add, order) for order in orders]
        for done in [*deletions, *additions]:
            done.result()
    store.add(forward)
    assert store.count() == 100


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 1e39, "one", None],
    ids=["nan", "inf", "1e39", "str", "None"],
)
def test_vector_that_is_none(make_store: Maker, value: Any) -> None:
    store = make_store()
    bad = Chunk(content="", chunk_id="bad", embedding=[1.0, value])
    with pytest.raises(InvalidEmbeddingError, match="'bad'"):
        store.add([*chunks(2), bad])
    assert store.count() == 0
    assert not store.exists()


def test_halfvec_takes_no_greater_value_than_it_can(make_store: Maker) -> None:
    with pytest.raises(InvalidEmbeddingError, match="65504"):
        make_store(halfvec=True).add([Chunk(content="", embedding=[1.0, 70_000.0])])


def test_metadata_that_cannot_be_kept_stores_nothing(make_store: Maker) -> None:
    store = make_store()
    bad = Chunk(
        content="", chunk_id="bad", embedding=[1, 0], metadata=ChunkMetadata(extra={"a": {1, 2}})
    )
    with pytest.raises(StoreError, match=r"'bad'.*metadata\.extra\.a is a set"):
        store.add([*chunks(2), bad])
    assert store.count() == 0


def test_table_that_was_dropped_is_made_again(make_store: Maker, admin: Admin) -> None:
    store = make_store(table="dropped")
    store.add(chunks(2))
    admin.execute("DROP TABLE dropped")
    assert store.search([1.0, 0.0]) == []
    store.add(chunks(3))
    assert store.count() == 3


def test_batches_end_at_their_bytes_too(make_store: Maker) -> None:
    store = make_store(batch_size=1000)
    large = [Chunk(content="ä" * 5_000_000, chunk_id=f"c{n}", embedding=[1.0, n]) for n in range(5)]
    store.add(large)
    assert [len(c.content) for page in store.scan(2) for c in page] == [5_000_000] * 5
