"""The shop in four databases, each with a user who may only read, and databases to ask them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest

from racto.pipelines.sql_analyst.database import Database, QueryLimits, role_script

from .seeding import seed, seed_duckdb, seed_sqlite

# Everything that a careless reader of connection strings trips over.
PASSWORD = "p@ss/w:1?2#3%"
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The shop in one database: who may only read, and who made it."""

    dialect: str
    reader: str
    owner: str = ""
    path: Path | None = None


def _script(dialect: str, role: str, database: str) -> list[str]:
    text = role_script(dialect, role=role, database=database)
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    whole = "\n".join(lines).replace("<a long random password>", PASSWORD)
    return [part.strip() for part in whole.split(";") if part.strip()]


@pytest.fixture(scope="session")
def postgres_shop(address_of: Callable[[str], str]) -> Iterator[Shop]:
    """The shop in PostgreSQL, made by the server's owner, with a reader by our own script."""
    server = address_of("postgres")
    name, role = f"racto_shop_{os.getpid()}", f"racto_reader_{os.getpid()}"
    owner = psycopg.conninfo.make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
    with psycopg.connect(owner, autocommit=True) as link:
        seed("postgres", link)
        for statement in _script("postgres", role, name):
            link.execute(statement.encode())
        told = link.info.get_parameters()
    yield Shop(
        dialect="postgres",
        reader=_postgres_address(told, role, PASSWORD, name),
        owner=_postgres_address(told, told.get("user", "postgres"), "", name),
    )
    with psycopg.connect(owner, autocommit=True) as link:
        link.execute(f"DROP OWNED BY {role}".encode())
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        link.execute(f"DROP ROLE {role}".encode())


def _postgres_address(told: dict[str, str], user: str, password: str, name: str) -> str:
    host, port = told.get("host", "127.0.0.1"), told.get("port", "5432")
    if host.startswith("/"):
        return f"postgresql://{user}:{quote(password, safe='')}@/{name}?host={host}&port={port}"
    # The password stands there as it is, unescaped.
    return f"postgresql://{user}:{password}@{host}:{port}/{name}"


@pytest.fixture(scope="session")
def mysql_shop(address_of: Callable[[str], str]) -> Iterator[Shop]:
    """The shop in MariaDB, made by its administrator, with a reader by our own script."""
    parts = urlsplit(address_of("mariadb"))
    host, port = parts.hostname or "127.0.0.1", parts.port or 3306
    user, password = parts.username or "root", parts.password or ""
    name, role = f"racto_shop_{os.getpid()}", f"racto_reader_{os.getpid()}"
    link = pymysql.connect(
        host=host, port=port, user=user, password=password, autocommit=True, charset="utf8mb4"
    )
    cursor = link.cursor()
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    cursor.execute(f"USE {name}")
    seed("mysql", cursor)
    for statement in _script("mysql", role, name):
        cursor.execute(statement)
    yield Shop(
        dialect="mysql",
        reader=f"mysql+pymysql://{role}:{PASSWORD}@{host}:{port}/{name}",
        owner=f"mysql+pymysql://{user}:{password}@{host}:{port}/{name}",
    )
    cursor.execute(f"DROP DATABASE {name}")
    cursor.execute(f"DROP USER '{role}'@'%'")
    link.close()


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Shop:
    """The shop in a file of SQLite."""
    path = seed_sqlite(tmp_path / "shop.sqlite")
    return Shop(dialect="sqlite", reader=f"sqlite:///{path}", path=path)


@pytest.fixture
def duckdb_shop(tmp_path: Path) -> Shop:
    """The shop in a file of DuckDB."""
    path = seed_duckdb(tmp_path / "shop.duckdb")
    return Shop(dialect="duckdb", reader=f"duckdb:///{path}", path=path)


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest) -> Shop:
    """The shop in each of the four databases."""
    found: Shop = request.getfixturevalue(f"{request.param}_shop")
    return found


@pytest.fixture
def opened() -> Iterator[Callable[..., Database]]:
    """A function that opens databases and closes them after the test."""
    made: list[Database] = []

    def open_one(connection: Any, **options: Any) -> Database:
        made.append(Database(connection, **options))
        return made[-1]

    yield open_one
    for database in made:
        database.close()


@pytest.fixture
def database(shop: Shop, opened: Callable[..., Database]) -> Database:
    """Each shop, asked by the user who may only read."""
    return opened(shop.reader, limits=QueryLimits(timeout_s=10))
