"""Servers that are away, refuse, or die: told with host and port, and never with the password."""

from __future__ import annotations

import asyncio
import socket
import threading
import traceback
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest
import sqlalchemy

from racto.pipelines.errors import QueryError, QueryLimitError, ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import (
    Database,
    DatabaseConnectionError,
    QueryLimits,
    read_address,
)

from .conftest import PASSWORD, Shop
from .hostile import ENDLESS

SERVED = ("postgres", "mysql")


@pytest.fixture(params=SERVED)
def served(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue(f"{request.param}_shop")
    return found


def told(error: BaseException) -> str:
    """Everything a log would show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error)


async def assert_both(database: Database, kind: type[Exception], *parts: str) -> None:
    with pytest.raises(kind) as first:
        database.query("SELECT 1 AS one")
    with pytest.raises(kind) as second:
        await database.aquery("SELECT 1 AS one")
    for caught in (first, second):
        message = str(caught.value)
        assert all(part in message for part in parts), message
        assert PASSWORD not in told(caught.value)
        assert "hunter22" not in told(caught.value)


@pytest.mark.parametrize(
    "scheme", ["postgresql", "mysql", "mysql+aiomysql", "postgresql+psycopg_async"]
)
async def test_a_refused_connection_names_host_and_port(
    scheme: str, opened: Callable[..., Database]
) -> None:
    if "+" in scheme:
        pytest.importorskip("greenlet")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = opened(f"{scheme}://ann:hunter22@127.0.0.1:{port}/shop")
    await assert_both(database, DatabaseConnectionError, "127.0.0.1", str(port))


async def test_a_wrong_password_is_not_repeated(
    served: Shop, opened: Callable[..., Database]
) -> None:
    address = read_address(served.reader)
    if served.dialect == "postgres" and not _asks_for_passwords(address):
        pytest.skip("this PostgreSQL lets everybody in")
    url = sqlalchemy.URL.create(
        served.reader.split("://")[0], address.username, "hunter22", address.host, address.port,
        address.database,
    )  # fmt: skip
    await assert_both(opened(url), DatabaseConnectionError, str(address.host), str(address.port))


def _asks_for_passwords(address: Any) -> bool:
    try:
        psycopg.connect(
            host=address.host, port=address.port, user=address.username, password="wrong",
            dbname=address.database,
        ).close()  # fmt: skip
    except psycopg.OperationalError:
        return True
    return False


@pytest.mark.parametrize("backend", ["sqlite", "duckdb"])
async def test_a_missing_file_is_not_made(
    backend: str, tmp_path: Any, opened: Callable[..., Database]
) -> None:
    path = tmp_path / "none.db"
    await assert_both(opened(f"{backend}:///{path}"), DatabaseConnectionError, "none.db")
    assert not path.exists()


async def test_a_silent_server_is_given_up(opened: Callable[..., Database]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        limits = QueryLimits(connect_timeout_s=1)
        # An async driver of SQLAlchemy needs greenlet; without it there is one to test.
        native = ["mysql+aiomysql"] if find_spec("greenlet") else []
        for scheme in ("postgresql", *native):
            database = opened(f"{scheme}://ann:hunter22@127.0.0.1:{port}/shop", limits=limits)
            with pytest.raises(DatabaseConnectionError, match=str(port)):
                await database.aquery("SELECT 1 AS one")


def kill_all(shop: Shop) -> int:
    """End every connection of the reader; returns how many there were."""
    role = read_address(shop.reader).username
    if shop.dialect == "postgres":
        with psycopg.connect(shop.owner, autocommit=True) as link:
            rows = link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,)
            ).fetchall()
            return len(rows)
    address = read_address(shop.owner)
    other = pymysql.connect(
        host=address.host, port=address.port, user=address.username,
        password=address.password or "",
    )  # fmt: skip
    cursor = other.cursor()
    cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (role,))
    numbers = [number for (number,) in cursor.fetchall()]
    for number in numbers:
        cursor.execute(f"KILL {number}")
    other.close()
    return len(numbers)


async def test_a_server_that_dies_in_a_query_is_told_and_the_next_one_connects_anew(
    served: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(served.reader, limits=QueryLimits(timeout_s=20))
    sql = ENDLESS[served.dialect][-1]
    task = asyncio.create_task(database.aquery(sql))
    for _ in range(100):
        await asyncio.sleep(0.05)
        if await asyncio.to_thread(kill_all, served):
            break
    with pytest.raises(QueryError):
        await asyncio.wait_for(task, 10)
    assert (await database.aquery("SELECT 1 AS one")).frame["one"].to_list() == [1]
    assert database.query("SELECT 1 AS one").frame["one"].to_list() == [1]


async def test_an_idle_connection_that_died_is_replaced(
    served: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(served.reader)
    database.query("SELECT 1 AS one")
    assert kill_all(served) >= 1
    assert database.query("SELECT 2 AS two").frame["two"].to_list() == [2]


def test_errors_of_the_database_reach_the_model_without_secrets(
    shop: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(shop.reader)
    with pytest.raises(QueryError, match="nowhere"):
        database.query("SELECT nowhere FROM customers")
    assert PASSWORD not in repr(database)
    assert PASSWORD not in str(vars(database))
    with pytest.raises(QueryError) as caught:
        database.query(f'SELECT no_column AS "{PASSWORD[:6]}" FROM nowhere')
    assert PASSWORD not in told(caught.value)


async def test_many_at_once_in_threads_and_tasks(database: Database) -> None:
    found: list[int] = []

    def ask(number: int) -> None:
        found.append(database.query(f"SELECT {number} AS n").frame["n"][0])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    rows = await asyncio.gather(*(database.aquery(f"SELECT {n} AS n") for n in range(12)))
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(12))
    assert [each.frame["n"][0] for each in rows] == list(range(12))


@pytest.mark.parametrize("name", ["postgres", "mysql", "sqlite"])
async def test_async_engines_and_drivers_do_the_same(
    name: str, request: pytest.FixtureRequest, opened: Callable[..., Database]
) -> None:
    pytest.importorskip("greenlet")
    from sqlalchemy.ext.asyncio import create_async_engine

    shop: Shop = request.getfixturevalue(f"{name}_shop")
    address = read_address(shop.reader)
    driver = {"postgres": "postgresql+psycopg", "mysql": "mysql+aiomysql"}.get(
        name, "sqlite+aiosqlite"
    )
    url = sqlalchemy.URL.create(
        driver, address.username, address.password, address.host, address.port, address.database,
        dict(address.query),
    )  # fmt: skip
    engine = create_async_engine(url)
    database = opened(engine, limits=QueryLimits(timeout_s=0.4))
    rows = await database.aquery("SELECT * FROM customers ORDER BY id")
    assert rows.frame["name"].to_list()[1] == "李小龍"
    assert rows.frame.equals(opened(shop.reader).query("SELECT * FROM customers ORDER BY id").frame)
    few = QueryLimits(max_rows=2)
    cut = await database.aquery("SELECT a.id FROM orders a, orders b LIMIT 9999", limits=few)
    assert cut.truncated_by == "rows"
    with pytest.raises(QueryLimitError):
        await database.aquery(ENDLESS[name][-1])
    task = asyncio.create_task(database.aquery(ENDLESS[name][-1], limits=QueryLimits(timeout_s=9)))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    with pytest.raises((QueryError, ReadOnlyViolationError)):
        await database.aquery("WITH gone AS (SELECT 1) DELETE FROM customers")
    schema = await database.adescribe()
    assert len(schema.tables) == 5
    assert (await database.aquery("SELECT count(*) AS n FROM customers")).frame["n"][0] == 3
    await database.aclose()
    await engine.dispose()


def test_an_async_engine_has_no_blocking_voice(opened: Callable[..., Database]) -> None:
    pytest.importorskip("greenlet")
    from sqlalchemy.ext.asyncio import create_async_engine

    database = opened(create_async_engine("sqlite+aiosqlite://"))
    with pytest.raises(ValueError, match="async voice alone"):
        database.query("SELECT 1")
