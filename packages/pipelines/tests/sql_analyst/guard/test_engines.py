"""The harmless corpora run for real: what the guard returns has the result of what was written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest

from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard

CORPORA = Path(__file__).parent / "corpora"
Run = Callable[[str], tuple[list[str], list[Any]]]
TYPES = {
    "sqlite": {"tags": "TEXT", "json": "TEXT", "tags1": """'["vip", "a"]'""", "tags2": "'[]'"},
    "duckdb": {"tags": "VARCHAR[]", "json": "JSON", "tags1": "['vip', 'a']", "tags2": "['b']"},
    "postgresql": {
        "tags": "TEXT[]",
        "json": "JSONB",
        "tags1": "ARRAY['vip', 'a']",
        "tags2": "ARRAY['b']",
    },
    "mariadb": {"tags": "TEXT", "json": "JSON", "tags1": """'["vip", "a"]'""", "tags2": "'[]'"},
}
# Two runs of these differ by themselves.
VARYING = ("rand", "uuid", "now", "clock", "current", "sample", "local", "julianday")


def shop(dialect: str) -> list[str]:
    """The statements that make the shop in this database."""
    quote = "`" if dialect == "mariadb" else '"'
    text = (CORPORA / "shop.sql").read_text(encoding="utf-8").replace("{q}", quote)
    for name, value in TYPES[dialect].items():
        text = text.replace("{" + name + "}", value)
    return text.splitlines()


def harmless(dialect: str) -> list[Any]:
    """The harmless statements, one parameter each."""
    text = (CORPORA / f"{dialect}.harmless.sql").read_text(encoding="utf-8")
    return [pytest.param(sql, id=str(number)) for number, sql in enumerate(text.splitlines(), 1)]


@pytest.fixture(scope="module")
def run_sqlite() -> Iterator[Run]:
    """SQLite with the shop."""
    with closing(sqlite3.connect(":memory:")) as link:
        link.create_function("REGEXP", 2, lambda pattern, text: 0)
        for statement in shop("sqlite"):
            link.execute(statement)

        def run(sql: str) -> tuple[list[str], list[Any]]:
            cursor = link.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()

        yield run


@pytest.fixture(scope="module")
def run_duckdb() -> Iterator[Run]:
    """DuckDB with the shop."""
    with duckdb.connect() as link:
        for statement in shop("duckdb"):
            link.execute(statement)

        def run(sql: str) -> tuple[list[str], list[Any]]:
            cursor = link.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()

        yield run


@pytest.fixture(scope="module")
def run_postgresql(address_of: Callable[[str], str]) -> Iterator[Run]:
    """PostgreSQL with the shop in a database of its own."""
    server = address_of("postgres")
    name = f"racto_guard_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
        with psycopg.connect(psycopg.conninfo.make_conninfo(server, dbname=name)) as link:
            for statement in shop("postgresql"):
                link.execute(statement.encode())

            def run(sql: str) -> tuple[list[str], list[Any]]:
                with link.transaction(force_rollback=True):
                    cursor = link.execute(sql.encode())
                    return [c.name for c in cursor.description or ()], cursor.fetchall()

            yield run
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def run_mariadb(address_of: Callable[[str], str]) -> Iterator[Run]:
    """MariaDB with the shop in a database of its own."""
    parts = urlsplit(address_of("mariadb"))
    name = f"racto_guard_{os.getpid()}"
    link = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or "root"),
        password=unquote(parts.password or ""),
        charset="utf8mb4",
    )
    with closing(link), link.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE {name}")
            for statement in shop("mariadb"):
                cursor.execute(statement)

            def run(sql: str) -> tuple[list[str], list[Any]]:
                cursor.execute(sql)
                return [column[0] for column in cursor.description], list(cursor.fetchall())

            yield run
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def same(dialect: str, sql: str, run: Run) -> None:
    """What was written and what the guard made of it give the same."""
    guard = ReadOnlySQLGuard(dialect)
    verdict = guard.inspect(sql)
    names, rows = run(verdict.sql)
    written_names, written_rows = run(sql)
    assert len(names) == len(written_names)
    if not any(word in sql.lower() for word in VARYING):
        assert sorted(map(repr, rows)) == sorted(map(repr, written_rows))
    if verdict.complete:
        assert len(verdict.outputs) == len(names)


@pytest.mark.parametrize("sql", harmless("sqlite"))
def test_sqlite_reads_the_same(sql: str, run_sqlite: Run) -> None:
    same("sqlite", sql, run_sqlite)


@pytest.mark.parametrize("sql", harmless("duckdb"))
def test_duckdb_reads_the_same(sql: str, run_duckdb: Run) -> None:
    same("duckdb", sql, run_duckdb)


@pytest.mark.parametrize("sql", harmless("postgresql"))
def test_postgresql_reads_the_same(sql: str, run_postgresql: Run) -> None:
    same("postgresql", sql, run_postgresql)


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mariadb_reads_the_same(dialect: str, run_mariadb: Run) -> None:
    texts = (CORPORA / f"{dialect}.harmless.sql").read_text(encoding="utf-8").splitlines()
    strange = []
    for sql in texts:
        try:
            run_mariadb(sql)
        except pymysql.Error:
            # MySQL's own syntax, or partitions that the shop does not have.
            strange.append(sql)
            with pytest.raises(pymysql.Error):
                run_mariadb(ReadOnlySQLGuard(dialect).check(sql))
        else:
            same(dialect, sql, run_mariadb)
    assert len(strange) <= len(texts) // 10, strange
