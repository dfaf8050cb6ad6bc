"""The border to SQLAlchemy: engines that can only read, and what stands behind an engine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from racto.core.errors import ConfigurationError, MissingExtraError

from .addresses import DatabaseAddress
from .limits import QueryLimits

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Inspector
    from sqlalchemy.ext.asyncio import AsyncEngine

# Settings in a connection string that would take a wall away.
_NOT_TAKEN = {
    "mysql": {"local_infile", "client_flag", "init_command"},
    "duckdb": {"access_mode", "enable_external_access", "lock_configuration", "read_only"},
    "sqlite": {"mode", "uri", "immutable", "vfs"},
}


def sqlalchemy() -> Any:
    """The library.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import sqlalchemy as library
    except ImportError as error:
        raise MissingExtraError(
            "sqlalchemy", install="racto-pipelines[sql]", purpose="asking a database"
        ) from error
    return library


def sqlalchemy_asyncio() -> Any:
    """Its asyncio part, which needs greenlet.

    Raises:
        MissingExtraError: If one of them is not installed.
    """
    try:
        import sqlalchemy.ext.asyncio as library
    except ImportError as error:
        raise MissingExtraError(
            "greenlet", install="sqlalchemy[asyncio]", purpose="an async driver"
        ) from error
    return library


def address_behind(given: DatabaseAddress | URL | Engine | AsyncEngine) -> DatabaseAddress:
    """The address that a URL or an engine stands for."""
    if isinstance(given, DatabaseAddress):
        return given
    url = given if isinstance(given, sqlalchemy().URL) else getattr(given, "url", None)
    if url is None:
        raise ConfigurationError(
            f"A {type(given).__name__} is no database: hand over a connection string, a "
            "sqlalchemy URL, an Engine or an AsyncEngine"
        )
    backend, _, driver = url.drivername.partition("+")
    return DatabaseAddress(
        backend=backend,
        driver=driver,
        username=url.username,
        password=str(url.password) if url.password is not None else None,
        host=url.host,
        port=url.port,
        database=url.database,
        query=dict(url.query),
    )


def is_async_engine(given: object) -> bool:
    """Whether an object is an ``AsyncEngine``."""
    return hasattr(given, "sync_engine")


# Databases that the guard knows and no extra brings a driver for.
_ELSEWHERE = {
    "mssql": "pyodbc",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
}


def require_driver(address: DatabaseAddress) -> None:
    """Let pass an address whose driver is installed.

    Raises:
        MissingExtraError: If the driver of a known database is missing.
    """
    family = address.family
    driver = address.driver or family.driver
    module = {"psycopg_async": "psycopg", "pysqlite": "sqlite3"}.get(driver, driver)
    known = driver in {family.driver, *family.async_drivers, "psycopg2"}
    if known and module and find_spec(module) is None:
        raise MissingExtraError(
            module,
            install=f"racto-pipelines[{family.extra}]" if family.extra else module,
            purpose=f"connecting to {address.backend}",
        )


def make_engine(address: DatabaseAddress, limits: QueryLimits, *, is_async: bool) -> Any:
    """Open a pool of connections that can only read, where the database has such connections.

    Returns:
        An ``Engine``, or an ``AsyncEngine`` without a pool: connections of asyncio belong to
        one event loop, and an engine that is made here may be used from several.
    """
    library = sqlalchemy()
    require_driver(address)
    url, arguments = _url_and_arguments(address, limits, is_async=is_async)
    # No hide_parameters alone: statements of a pool's log must hold no credentials either.
    options: dict[str, Any] = {"connect_args": arguments, "hide_parameters": True}
    try:
        if is_async:
            pool = library.pool.NullPool
            return sqlalchemy_asyncio().create_async_engine(url, poolclass=pool, **options)
        if address.in_memory:
            return library.create_engine(url, poolclass=library.pool.StaticPool, **options)
        return library.create_engine(url, pool_pre_ping=not address.family.embedded, **options)
    except (library.exc.NoSuchModuleError, ImportError) as error:
        own = f"racto-pipelines[{address.family.extra}]" if address.family.extra else ""
        install = own or _ELSEWHERE.get(address.backend, "")
        if not install:
            raise ConfigurationError(
                f"SQLAlchemy knows no database {address.backend!r} here; check the spelling, or "
                "install the package that brings its dialect"
            ) from error
        raise MissingExtraError(
            address.driver or (install if not own else address.backend),
            install=install,
            purpose=f"connecting to {address.backend}",
        ) from error


def shared_engine(conn: Connection) -> Engine:
    """An engine for another thread over the in-memory database of a connection of this one.

    DuckDB opens a second connection to it; SQLite cannot, and gets a private copy.
    """
    import sqlite3

    library = sqlalchemy()
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "duckdb":
        twin = type(driver)(driver.duplicate())
        pool = library.pool.StaticPool
        return library.create_engine("duckdb://", creator=lambda: twin, poolclass=pool)  # type: ignore[no-any-return]
    content = driver.serialize()

    def connect() -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        copy.deserialize(content)
        return copy

    made: Engine = library.create_engine(
        "sqlite://", creator=connect, poolclass=library.pool.StaticPool
    )
    return made


def inspector_of(conn: Connection) -> Inspector:
    """SQLAlchemy's inspector of a connection's database."""
    found: Inspector = sqlalchemy().inspect(conn)
    return found


def kinds_of_object(*, include_views: bool) -> Any:
    """What reflection looks for: tables, and views of either kind where they are wanted."""
    kinds = sqlalchemy().engine.reflection.ObjectKind
    return kinds.ANY if include_views else kinds.TABLE


def is_per_thread(engine: Engine) -> bool:
    """Whether each thread has a connection of its own, and with it an in-memory database."""
    pools = sqlalchemy().pool
    return isinstance(engine.pool, pools.SingletonThreadPool)


def _url_and_arguments(
    address: DatabaseAddress, limits: QueryLimits, *, is_async: bool
) -> tuple[URL, dict[str, Any]]:
    family = address.family
    refused = _NOT_TAKEN.get(family.name, set())
    query = {name: value for name, value in address.query.items() if name not in refused}
    database, arguments = address.database, dict[str, Any]()
    seconds = max(1, round(limits.connect_timeout_s))
    if family.name == "postgres" and "psycopg" in _driver(address, is_async=is_async):
        arguments = {"connect_timeout": seconds, "application_name": "racto-sql"}
    elif family.name == "mysql":
        arguments = {"connect_timeout": seconds, "charset": "utf8mb4"}
        # Without it a hostile server may ask for any file of this machine.
        arguments["local_infile"] = False
    elif family.name == "sqlite" and not address.in_memory:
        database, query = (
            _read_only_file(address.database or ""),
            {**query, "mode": "ro", "uri": "true"},
        )
    elif family.name == "duckdb":
        arguments = _duckdb_arguments(address, limits)
    driver = _driver(address, is_async=is_async)
    url: URL = sqlalchemy().URL.create(
        f"{address.backend}+{driver}" if driver and family.name != "duckdb" else address.backend,
        username=address.username,
        password=address.password,
        host=address.host,
        port=address.port,
        database=database,
        query=query,
    )
    return url, arguments


def _driver(address: DatabaseAddress, *, is_async: bool) -> str:
    family = address.family
    if is_async or address.driver not in family.async_drivers:
        # psycopg2 sends statements in a way that allows a second one behind the first.
        return "psycopg" if address.driver == "psycopg2" else address.driver or family.driver
    return family.driver


def _read_only_file(path: str) -> str:
    if path.startswith("file:"):
        return path.partition("?")[0]
    return f"file:{quote(str(Path(path).absolute()))}"


def _duckdb_arguments(address: DatabaseAddress, limits: QueryLimits) -> dict[str, Any]:
    # Not read-only in memory: there DuckDB refuses to open what is not there yet.
    config = {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "2",
    }
    if limits.memory_bytes:
        config["memory_limit"] = f"{limits.memory_bytes}B"
    return {"read_only": not address.in_memory, "config": config}
