"""Past the guard, hostile statements meet the second wall: nothing written, read or left running."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest

from racto.pipelines.errors import QueryError, QueryLimitError, ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import AccessPolicy, Database, QueryLimits, read_address

from .conftest import Shop
from .hostile import ENDLESS, HOSTILE
from .seeding import CUSTOMERS

SHORT = QueryLimits(timeout_s=0.4, lock_timeout_s=0.4, memory_bytes=20_000_000)


def content(shop: Shop) -> tuple[list[Any], list[Any]]:
    """The customers, and the names of all tables and views, as the owner sees them."""
    rows = "SELECT id, name FROM customers ORDER BY id"
    if shop.dialect == "postgres":
        with psycopg.connect(shop.owner) as link:
            names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            return link.execute(rows.encode()).fetchall(), sorted(link.execute(names.encode()))
    if shop.dialect == "mysql":
        with owner(shop) as other, other.cursor() as cursor:
            cursor.execute(rows)
            found = list(cursor.fetchall())
            cursor.execute("SHOW TABLES")
            return found, sorted(cursor.fetchall())
    if shop.dialect == "sqlite":
        file = sqlite3.connect(shop.path or "")
        names = "SELECT name FROM sqlite_master ORDER BY 1"
        told = file.execute(rows).fetchall(), file.execute(names).fetchall()
        file.close()
        return told
    with duckdb.connect(str(shop.path), read_only=True) as embedded:
        names = (
            "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM"
            " duckdb_views() WHERE NOT internal ORDER BY 1"
        )
        return embedded.execute(rows).fetchall(), embedded.execute(names).fetchall()


def owner(shop: Shop) -> pymysql.Connection[Any]:
    address = read_address(shop.owner)
    return pymysql.connect(
        host=address.host, port=address.port or 3306, user=address.username,
        password=address.password or "", database=address.database, autocommit=True,
    )  # fmt: skip


def running(shop: Shop) -> list[str]:
    """Statements of the reader that the server is still working on."""
    if shop.dialect == "postgres":
        with psycopg.connect(shop.owner) as link:
            role = read_address(shop.reader).username
            query = "SELECT query FROM pg_stat_activity WHERE usename = %s AND state = 'active'"
            return [text for (text,) in link.execute(query, (role,))]
    if shop.dialect == "mysql":
        with owner(shop) as link, link.cursor() as cursor:
            role = read_address(shop.reader).username
            cursor.execute(
                "SELECT info FROM information_schema.processlist WHERE user = %s AND info IS NOT"
                " NULL AND command = 'Query'",
                (role,),
            )
            return [text for (text,) in cursor.fetchall()]
    return []


def settled(shop: Shop) -> list[str]:
    """What still runs, once the server has had a moment to hear of it."""
    until = time.monotonic() + 5
    while (left := running(shop)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def outside(folder: Path) -> Path:
    """A folder that every server may write into."""
    made = folder / "outside"
    made.mkdir()
    for place in (folder, made):
        place.chmod(0o777)
    return made


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def assert_held(shop: Shop, database: Database, folder: Path) -> None:
    """Send every hostile statement, in turns by either voice, and look what is left of it."""
    before = content(shop)
    passed = []
    for number, template in enumerate(HOSTILE[shop.dialect]):
        file = folder / f"pwned{number}"
        sql = template.replace("{table}", "customers").replace("{file}", str(file))
        try:
            if number % 2:
                rows = await database.aquery(sql, limits=SHORT)
            else:
                rows = database.query(sql, limits=SHORT)
        except (ReadOnlyViolationError, QueryError):
            assert not file.exists(), sql
        else:
            passed.append((sql, rows.frame.rows()))
    assert not [entry for entry in passed if not _harmless(*entry)]
    # DuckDB's file is open to one configuration at a time.
    database.close()
    assert content(shop) == before
    assert len(before[0]) == len(CUSTOMERS)
    assert left_in(folder) == []
    assert settled(shop) == []
    # And the connections are good for questions.
    assert database.query("SELECT count(*) AS n FROM customers").frame["n"].to_list() == [3]


def _harmless(sql: str, rows: list[Any]) -> bool:
    # What SQLite computes within its limit on one value harms nobody.
    return "printf(" in sql and len(str(rows)) < 25_000_000


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb"])
def test_the_corpus_is_large(dialect: str) -> None:
    assert len(set(HOSTILE[dialect])) == len(HOSTILE[dialect]) >= 60


async def test_the_reader_of_our_script_can_harm_nothing(
    shop: Shop, database: Database, tmp_path: Path
) -> None:
    folder = outside(tmp_path)
    await assert_held(shop, database, folder)


async def test_even_an_owner_harms_nothing_through_the_wall(
    shop: Shop, opened: Callable[..., Database], tmp_path: Path
) -> None:
    if not shop.owner:
        pytest.skip("an embedded database has no owner")
    folder = outside(tmp_path)
    await assert_held(shop, opened(shop.owner), folder)


async def test_what_never_ends_is_stopped_and_nothing_stays(shop: Shop, database: Database) -> None:
    for sql in ENDLESS[shop.dialect]:
        with pytest.raises(QueryLimitError):
            database.query(sql, limits=SHORT)
        with pytest.raises(QueryLimitError):
            await database.aquery(sql, limits=SHORT)
    assert settled(shop) == []
    assert database.query("SELECT 1 AS one").frame["one"].to_list() == [1]


async def test_a_cancelled_task_stops_its_statement(shop: Shop, database: Database) -> None:
    sql = ENDLESS[shop.dialect][-1]
    task = asyncio.create_task(database.aquery(sql))
    await asyncio.sleep(0.3)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    assert settled(shop) == []
    assert (await database.aquery("SELECT 1 AS one")).frame["one"].to_list() == [1]


async def test_the_loop_goes_on_while_a_query_runs(shop: Shop, database: Database) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    clock = asyncio.create_task(tick())
    with pytest.raises(QueryLimitError):
        await database.aquery(ENDLESS[shop.dialect][-1], limits=SHORT)
    clock.cancel()
    assert ticks > 5


def test_settings_are_as_before_when_the_session_ends(
    mysql_shop: Shop, opened: Callable[..., Database]
) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create("mysql+pymysql", **_parts(mysql_shop.reader)),
        poolclass=sqlalchemy.pool.StaticPool,
    )
    asked = "SELECT @@max_statement_time, @@sql_select_limit, @@sql_mode, @@lock_wait_timeout"
    with engine.connect() as conn:
        conn.exec_driver_sql("SET sql_mode = 'ANSI_QUOTES'")
        before = conn.exec_driver_sql(asked).one()
    database = opened(engine)
    rows = database.query('SELECT "text" AS said, @@max_statement_time AS seconds', limits=SHORT)
    # Read without ANSI_QUOTES, as the guard has read it.
    assert rows.frame.row(0) == ("text", 0.4)
    with engine.connect() as conn:
        assert conn.exec_driver_sql(asked).one() == before
    database.close()
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def _parts(text: str) -> dict[str, Any]:
    address = read_address(text)
    return {
        name: getattr(address, name)
        for name in ("username", "password", "host", "port", "database")
    }


def test_sqlite_hides_blocked_columns_and_tables_itself(
    sqlite_shop: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(sqlite_shop.reader)
    policy = AccessPolicy(allowed_tables=("customers",), blocked_columns=("customers.ssn",))
    rows = database.query("SELECT name FROM customers", policy=policy)
    assert rows.row_count == 3
    for sql in ("SELECT ssn FROM customers", "SELECT * FROM orders", "SELECT * FROM buyers"):
        with pytest.raises(ReadOnlyViolationError):
            database.query(sql, policy=policy)


def test_a_handed_in_sqlite_engine_is_left_as_it_was(
    sqlite_shop: Shop, opened: Callable[..., Database]
) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{sqlite_shop.path}")
    database = opened(engine)
    with pytest.raises(ReadOnlyViolationError):
        database.query("WITH x AS (SELECT 1) DELETE FROM customers")
    assert database.query("SELECT count(*) AS n FROM customers").frame["n"].to_list() == [3]
    database.close()
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO customers (id, name) VALUES (4, 'Ada')")
        assert conn.exec_driver_sql("PRAGMA user_version").scalar() == 0
    engine.dispose()


async def test_engines_in_memory_answer_both_voices(opened: Callable[..., Database]) -> None:
    import sqlalchemy

    static = {"poolclass": sqlalchemy.pool.StaticPool}
    for url, options in (("sqlite://", {}), ("sqlite://", static), ("duckdb:///:memory:", {})):
        engine = sqlalchemy.create_engine(url, **options)
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE TABLE t (id integer)")
            conn.exec_driver_sql("INSERT INTO t VALUES (7)")
        database = opened(engine)
        assert database.query("SELECT id FROM t").frame["id"].to_list() == [7]
        assert (await database.aquery("SELECT id FROM t")).frame["id"].to_list() == [7]
        for sql in ("DELETE FROM t", "WITH x AS (SELECT 1) DELETE FROM t"):
            with pytest.raises((ReadOnlyViolationError, QueryError)):
                await database.aquery(sql)
        if url.startswith("duckdb"):
            with pytest.raises(ReadOnlyViolationError, match="read_text"):
                database.query("SELECT * FROM read_text('/etc/passwd')")
        assert database.query("SELECT count(*) AS n FROM t").frame["n"].to_list() == [1]
        engine.dispose()
