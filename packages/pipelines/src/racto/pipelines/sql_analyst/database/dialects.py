"""The databases that are known: their drivers, extras, and the name sqlglot gives each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class DialectFamily:
    """One kind of database.

    Args:
        name: What sqlglot and ``ReadOnlySQLGuard`` call it.
        backends: What SQLAlchemy calls it.
        driver: The driver that is used when a connection string names none.
        async_drivers: Drivers that speak through an ``AsyncEngine``.
        module: What to import to see whether the driver is there.
        extra: The extra of racto-pipelines that brings the driver; "" where there is none.
        port: The usual port.
        embedded: Whether it is a library that opens a file, without a server.
    """

    name: str
    backends: tuple[str, ...]
    driver: str = ""
    async_drivers: tuple[str, ...] = ()
    module: str = ""
    extra: str = ""
    port: int = 0
    embedded: bool = False


FAMILIES = (
    DialectFamily(
        name="postgres",
        backends=("postgresql", "postgres"),
        driver="psycopg",
        async_drivers=("psycopg_async", "asyncpg"),
        module="psycopg",
        extra="postgres",
        port=5432,
    ),
    DialectFamily(
        name="mysql",
        backends=("mysql", "mariadb"),
        driver="pymysql",
        async_drivers=("aiomysql", "asyncmy"),
        module="pymysql",
        extra="mysql",
        port=3306,
    ),
    DialectFamily(
        name="sqlite",
        backends=("sqlite",),
        driver="pysqlite",
        async_drivers=("aiosqlite",),
        module="sqlite3",
        extra="sqlite",
        embedded=True,
    ),
    DialectFamily(
        name="duckdb",
        backends=("duckdb",),
        driver="duckdb_engine",
        module="duckdb_engine",
        extra="duckdb",
        embedded=True,
    ),
    DialectFamily(name="tsql", backends=("mssql",), async_drivers=("aioodbc",), port=1433),
    DialectFamily(name="snowflake", backends=("snowflake",)),
    DialectFamily(name="bigquery", backends=("bigquery",)),
)
"""Every family with a name of its own; others go by SQLAlchemy's name, without a second wall."""


def family_of(backend: str) -> DialectFamily:
    """The family of one of SQLAlchemy's backends, such as ``postgresql`` or ``mariadb``."""
    for family in FAMILIES:
        if backend in family.backends:
            return family
    return DialectFamily(name=backend, backends=(backend,))
