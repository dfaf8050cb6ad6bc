"""The table is made once by however many at once, and nobody else's table is touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from racto.core import Chunk
from racto.core.errors import ConfigurationError, DimensionMismatchError, PermissionDeniedError
from racto.stores.pgvector import PGVectorStore

Maker = Callable[..., PGVectorStore]
Admin = psycopg.Connection[Any]
CHUNK = Chunk(content="tides follow the moon", chunk_id="moon", embedding=[1.0, 0.0])


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """DSN of a database in which nothing was ever made."""
    name = f"racto_fresh_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
        yield make_conninfo(server, dbname=name)
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_many_begin_at_once_in_a_fresh_database(empty_database: str) -> None:
    stores = [
        PGVectorStore(empty_database, schema="new", text_search="simple", index="hnsw")
        for _ in range(6)
    ]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda store: store.add([CHUNK]), stores))
    assert [store.count() for store in stores] == [1] * 6
    for store in stores:
        store.close()


def test_role_that_may_not_create_the_extension(empty_database: str, server: str) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("DROP ROLE IF EXISTS racto_guest")
        conn.execute("CREATE ROLE racto_guest LOGIN")
        store = PGVectorStore(make_conninfo(empty_database, user="racto_guest"))
        with pytest.raises(ConfigurationError, match="let an administrator run CREATE EXTENSION"):
            store.count()
        with psycopg.connect(empty_database, autocommit=True) as owner:
            owner.execute("CREATE EXTENSION vector")
        # The same store, once the administrator has been there.
        assert store.count() == 0
        with pytest.raises(PermissionDeniedError, match="lacks a privilege"):
            store.add([CHUNK])
        store.close()
        conn.execute("DROP ROLE racto_guest")


def test_server_without_the_extension(address_of: Callable[[str], str]) -> None:
    dsn = address_of("postgres")
    with psycopg.connect(dsn) as conn:
        query = "SELECT FROM pg_available_extensions WHERE name = 'vector'"
        if conn.execute(query).fetchone():
            pytest.skip("this server has pgvector")
    with pytest.raises(ConfigurationError, match="install pgvector"):
        PGVectorStore(dsn).count()


def test_table_of_somebody_else_is_left_alone(make_store: Maker, admin: Admin) -> None:
    admin.execute("CREATE TABLE invoices (id text PRIMARY KEY)")
    store = make_store(table="invoices")
    for use in (store.count, store.drop, lambda: store.add([CHUNK]), lambda: store.create(2)):
        with pytest.raises(ConfigurationError, match="not one of racto"):
            use()
    assert admin.execute("SELECT count(*) FROM invoices").fetchone() == (0,)


def test_table_of_a_later_version_is_refused(make_store: Maker, admin: Admin) -> None:
    make_store(table="later").create(2)
    admin.execute("COMMENT ON TABLE later IS 'racto-stores-pgvector 99'")
    with pytest.raises(ConfigurationError, match="update the package"):
        make_store(table="later").count()


def test_dimension_is_the_tables(make_store: Maker) -> None:
    make_store(table="two").add([CHUNK])
    with pytest.raises(DimensionMismatchError):
        make_store(table="two", dimension=3).count()
    with pytest.raises(ConfigurationError, match="halfvec"):
        make_store(table="two", halfvec=True).count()
    again = make_store(table="two")
    assert again.search([1.0, 0.0])[0].chunk == CHUNK


def test_words_are_added_to_a_table_that_has_chunks(make_store: Maker) -> None:
    make_store(table="worded").add([CHUNK])
    store = make_store(table="worded", text_search="english")
    with pytest.raises(ConfigurationError, match="no words"):
        store.search_hybrid("moons", [0.0, 1.0])
    store.create(2)
    store.create(2)
    assert store.search_hybrid("moons", [0.0, 1.0])[0].scores.keys() == {"vector", "text"}


def test_schemas_are_namespaces(make_store: Maker) -> None:
    one, two = (make_store(schema=f"tenant {n}", table="chunks") for n in (1, 2))
    one.add([CHUNK])
    assert (one.count(), two.count(), two.exists()) == (1, 0, False)
    two.add([CHUNK])
    one.drop()
    assert (one.exists(), two.count()) == (False, 1)
