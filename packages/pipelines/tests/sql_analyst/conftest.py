"""A small shop in real SQLite and DuckDB files, and questions put to it in both voices."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from racto.pipelines.sql_analyst import SQLAnalystPipeline, SQLAnalystResult

STATEMENTS = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40), email VARCHAR(80),"
    " ssn VARCHAR(20))",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount DECIMAL(10, 2),"
    " ordered_on DATE)",
    "CREATE TABLE secrets (token VARCHAR(40))",
    "INSERT INTO customers VALUES (1, 'Ada', 'ada@example.org', '111-22-3333'),"
    " (2, 'Ben', 'ben@example.org', '444-55-6666')",
    "INSERT INTO orders VALUES (1, 1, 10.50, '2025-01-05'), (2, 1, 20.00, '2025-02-06'),"
    " (3, 2, 5.25, '2025-02-07')",
    "INSERT INTO secrets VALUES ('open sesame')",
)

Ask = Callable[..., SQLAnalystResult]


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop as a SQLite file."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    with closing(sqlite3.connect(path)) as link:
        for statement in STATEMENTS:
            link.execute(statement)
        link.commit()
    return path


@pytest.fixture(scope="session")
def duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop as a DuckDB file."""
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    with duckdb.connect(str(path)) as link:
        for statement in STATEMENTS:
            link.execute(statement)
    return path


@pytest.fixture(params=["sqlite", "duckdb"])
def address(request: pytest.FixtureRequest) -> str:
    """The shop's connection string, once for each database."""
    path: Path = request.getfixturevalue(f"{request.param}_file")
    return f"{request.param}:///{path.as_posix()}"


@pytest.fixture
def sqlite_address(sqlite_file: Path) -> str:
    """The connection string of the SQLite file."""
    return f"sqlite:///{sqlite_file.as_posix()}"


@pytest.fixture(params=["run", "arun"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Puts a question to a pipeline that lives as long as the question, in both voices."""
    voice: str = request.param

    def put(kit: Any, question: str = "How much?", /, *, made: Any = None, **run: Any) -> Any:
        settings = {"run_pandas": False, "chart": None, **(made or {})}

        async def awaited() -> SQLAnalystResult:
            async with SQLAnalystPipeline(kit, **settings) as pipeline:
                return await pipeline.arun(question, **run)

        if voice == "arun":
            return asyncio.run(awaited())
        with SQLAnalystPipeline(kit, **settings) as pipeline:
            return pipeline.run(question, **run)

    return put
