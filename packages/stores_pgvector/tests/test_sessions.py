"""Connections: what is said when there is none, and that one which broke is replaced."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from racto.core import Chunk
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    StoreClosedError,
)
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]
Admin = psycopg.Connection[Any]


def chunks(count: int, start: int = 0) -> list[Chunk]:
    return [
        Chunk(content=f"text {n}", chunk_id=f"c{n:04}", embedding=[1.0, n])
        for n in range(start, start + count)
    ]


def terminate_others(admin: Admin) -> int:
    query = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'racto-stores-pgvector' AND datname = current_database()"
    )
    return len(admin.execute(query).fetchall())


@contextmanager
def locked(dsn: str, store: PGVectorStore) -> Iterator[None]:
    """The store's table, held by somebody else."""
    name = re.findall(r"chunks_\d+", repr(store))[0]
    with psycopg.connect(dsn) as other:
        other.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        other.rollback()


def test_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = PGVectorStore(f"postgresql://me:secret-word@127.0.0.1:{port}/db")
    for use in (store.count, lambda: asyncio.run(store.acount())):
        with pytest.raises(APIConnectionError, match="cannot be reached") as caught:
            use()
        assert caught.value.retryable
        assert "secret-word" not in str(caught.value)
    assert "secret-word" not in repr(store)


def test_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = PGVectorStore(
            f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/db", connect_timeout=2
        )
        began = time.monotonic()
        with pytest.raises(APIConnectionError):
            store.count()
        assert time.monotonic() - began < 10


def test_dsn_that_is_none_shows_no_secret() -> None:
    store = PGVectorStore("postgresql://me:secret word@host:port:1/%zz")
    with pytest.raises(ConfigurationError, match="percent-encoded") as caught:
        store.count()
    assert "secret" not in str(caught.value)


def test_database_or_user_that_is_not_there(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        PGVectorStore(make_conninfo(dsn, dbname="nowhere")).count()
    with pytest.raises((RactoGatewayAuthError, ConfigurationError)):
        PGVectorStore(make_conninfo(dsn, user="nobody at all")).count()


def test_pool_without_a_free_connection(make_store: Maker, dsn: str) -> None:
    store = make_store(pool_size=1, pool_timeout=0.3)
    store.add(chunks(1))
    with locked(dsn, store):
        waiting = threading.Thread(target=store.count)
        waiting.start()
        time.sleep(0.2)
        with pytest.raises(OverloadedError, match="all 1 connections are in use"):
            store.count()
    waiting.join()
    assert store.count() == 1


def test_statement_that_takes_too_long(make_store: Maker, dsn: str) -> None:
    store = make_store(statement_timeout=0.2)
    store.add(chunks(1))
    with locked(dsn, store):
        with pytest.raises(RactoGatewayTimeoutError, match="statement_timeout"):
            store.search([1.0, 0.0])
        with pytest.raises(RactoGatewayTimeoutError, match="statement_timeout"):
            store.add(chunks(1))
    assert store.count() == 1


def test_readers_do_not_notice_that_idle_connections_broke(make_store: Maker, admin: Admin) -> None:
    store = make_store()
    store.add(chunks(3))
    assert terminate_others(admin) >= 1
    assert len(store.search([1.0, 0.0])) == 3


async def test_async_readers_do_not_notice_either(make_store: Maker, admin: Admin) -> None:
    store = make_store()
    await store.aadd(chunks(3))
    assert terminate_others(admin) >= 1
    assert len(await store.asearch([1.0, 0.0])) == 3
    await store.aclose()


def test_writers_are_told_and_can_go_on(make_store: Maker, admin: Admin) -> None:
    store = make_store()
    store.add(chunks(1))
    assert terminate_others(admin) >= 1
    with pytest.raises(APIConnectionError) as caught:
        store.add(chunks(2))
    assert caught.value.retryable
    store.add(chunks(2))
    assert store.count() == 2


def test_each_event_loop_has_connections_of_its_own(make_store: Maker) -> None:
    store = make_store()

    async def both() -> tuple[int, int]:
        await store.aadd(chunks(4))
        one, two = await asyncio.gather(store.acount(), store.acount())
        return one, two

    assert asyncio.run(both()) == (4, 4)
    assert asyncio.run(both()) == (4, 4)
    assert store.count() == 4


async def test_cancelled_search_gives_its_connection_back(make_store: Maker, dsn: str) -> None:
    store = make_store(pool_size=1, pool_timeout=5)
    await store.aadd(chunks(2))
    with locked(dsn, store):
        search = asyncio.create_task(store.asearch([1.0, 0.0]))
        await asyncio.sleep(0.2)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
    assert await store.acount() == 2
    await store.aclose()
    with pytest.raises(StoreClosedError):
        await store.acount()


def test_closed_in_one_voice_is_closed_in_the_other(make_store: Maker) -> None:
    store = make_store()
    asyncio.run(store.aclose())
    with pytest.raises(StoreClosedError):
        store.count()
