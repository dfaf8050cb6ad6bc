"""Connections to the server: one pool for threads, one for each event loop, opened at first use.

Work is a flow over one connection, so it is written once for psycopg's two clients. The first
connection of a store makes sure that the extension is there; every connection learns pgvector's
types and carries the store's settings, for which a search then needs no further round trip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    StoreClosedError,
)
from racto.core.flows import Flow, arun, run, step

from .adapters import register
from .failures import NO_EXTENSION, NOT_ALLOWED, PROVIDER, translating

T = TypeVar("T")
Work = Callable[[Any], Flow[T]]
"""Makes the flow that runs over a connection, of either kind."""

# The same number in every racto process, so that only one of them creates the extension.
_EXTENSION_LOCK = 7_226_811_001
_OLDEST = (0, 8)


def ask(
    conn: Any, query: Any, params: Any = (), *, prepare: bool | None = None
) -> Flow[list[tuple[Any, ...]]]:
    """Execute a query over a connection of either kind and return its rows.

    Args:
        conn: The connection.
        query: Its text.
        params: What is bound.
        prepare: False to let the server plan it anew each time, as a growing table needs.
    """
    execute = conn.execute
    cursor = yield from step(execute, execute, query, params, binary=True, prepare=prepare)
    rows: list[tuple[Any, ...]] = yield from step(cursor.fetchall, cursor.fetchall)
    return rows


def tell(conn: Any, query: Any, params: Any = ()) -> Flow[int]:
    """Execute a statement over a connection of either kind and return how many rows it met."""
    cursor = yield from step(conn.execute, conn.execute, query, params)
    return int(cursor.rowcount)


def transaction(conn: Any, work: Flow[T]) -> Flow[T]:
    """Run a flow over a connection as one transaction: all of it counts, or nothing."""
    yield from tell(conn, "BEGIN")
    try:
        answer = yield from work
    except BaseException:
        # A connection that is gone has taken its transaction with it.
        if not conn.closed:
            yield from tell(conn, "ROLLBACK")
        raise
    yield from tell(conn, "COMMIT")
    return answer


class Sessions:
    """The pools of one store.

    Args:
        dsn: Where the server is, as libpq reads it.
        what: The store's name in errors.
        settings: PostgreSQL's settings of every connection; no word of the user's but values.
        size: Most connections of each pool.
        connect_timeout: Most seconds to wait for the server to answer.
        pool_timeout: Most seconds to wait for a free connection.
        network_timeout: Most seconds that the server's machine may leave packets unanswered.
    """

    def __init__(
        self,
        dsn: str,
        what: str,
        *,
        settings: Mapping[str, str],
        size: int,
        connect_timeout: float,
        pool_timeout: float,
        network_timeout: float,
    ) -> None:
        self._dsn, self.what = dsn, what
        self._settings, self._size = dict(settings), size
        self._connect_timeout, self._pool_timeout = connect_timeout, pool_timeout
        self._network_timeout = network_timeout
        self._lock = threading.Lock()
        self._pool: Any = None
        # An event loop cannot use the connections of another.
        self._pools: dict[Any, Any] = {}
        self._keepers: dict[Any, Any] = {}
        self._busy = 0
        self._closed = False

    def run(self, work: Work[T], *, again: bool = False) -> T:
        """Run work over a connection of the threads' pool.

        Args:
            work: What to do.
            again: Whether to do it once more when the connection broke, as reading may.
        """
        with translating(self.what):
            try:
                return self._run(work)
            except Exception as error:
                pool = self._pool
                if pool is None or not _is_lost(error):
                    raise
                pool.drain()
                if not again:
                    raise
            return self._run(work)

    async def arun(self, work: Work[T], *, again: bool = False) -> T:
        """Async twin of :meth:`run`, over a connection of the running loop's pool."""
        import asyncio

        with translating(self.what):
            try:
                return await self._arun(work)
            except Exception as error:
                opening = self._pools.get(asyncio.get_running_loop())
                if opening is None or not _is_lost(error):
                    raise
                await (await opening).drain()
                if not again:
                    raise
            return await self._arun(work)

    def close(self) -> None:
        """Close the threads' pool; those of event loops end with their loops."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`; closes the running loop's pool too."""
        import asyncio

        self._closed = True
        loop = asyncio.get_running_loop()
        opening = self._pools.pop(loop, None)
        if opening is not None:
            await asyncio.wait([opening])
        keeper = self._keepers.pop(loop, None)
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait([keeper])
        await asyncio.to_thread(self.close)

    def _run(self, work: Work[T]) -> T:
        pool = self._opened()
        with self._explained(), pool.connection() as conn, self._counted():
            return run(work(conn))

    async def _arun(self, work: Work[T]) -> T:
        pool = await self._aopened()
        with self._explained():
            async with pool.connection() as conn:
                with self._counted():
                    return await arun(work(conn))

    def _opened(self) -> Any:
        self._check_open()
        if self._pool is None:
            with self._lock:
                if self._pool is None:
                    self._pool = self._open()
        self._check_open()
        return self._pool

    async def _aopened(self) -> Any:
        import asyncio

        self._check_open()
        loop = asyncio.get_running_loop()
        opening = self._pools.get(loop)
        if opening is None:
            # Loops that ended took their tasks along; what is left of their pools goes here.
            for old in [known for known in self._pools if known.is_closed()]:
                self._pools.pop(old, None)
                self._keepers.pop(old, None)
            opening = self._pools[loop] = loop.create_task(self._aopen())
        try:
            # Shielded: a caller that is cancelled must not take the pool from the others.
            return await asyncio.shield(opening)
        except Exception:
            self._pools.pop(loop, None)
            raise

    def _open(self) -> Any:
        import psycopg
        from psycopg_pool import ConnectionPool

        options = self._options()
        # Not by the pool: it would hide why the server refuses behind a timeout.
        with psycopg.connect(self._dsn, **options) as conn:
            run(_with_extension(conn, self.what))
        pool = ConnectionPool(
            self._dsn, kwargs=options, configure=lambda conn: run(self._dressed(conn)),
            min_size=0, max_size=self._size, timeout=self._pool_timeout,
            reconnect_timeout=self._pool_timeout, open=False, name=self.what,
        )  # fmt: skip
        pool.open()
        return pool

    async def _aopen(self) -> Any:
        import asyncio

        import psycopg
        from psycopg_pool import AsyncConnectionPool

        options = self._options()
        async with await psycopg.AsyncConnection.connect(self._dsn, **options) as conn:
            await arun(_with_extension(conn, self.what))
        pool = AsyncConnectionPool(
            self._dsn, kwargs=options, configure=lambda conn: arun(self._dressed(conn)),
            min_size=0, max_size=self._size, timeout=self._pool_timeout,
            reconnect_timeout=self._pool_timeout, open=False, name=self.what,
        )  # fmt: skip
        await pool.open()
        loop = asyncio.get_running_loop()
        self._keepers[loop] = loop.create_task(_kept(pool), name=f"{self.what}-keeper")
        return pool

    def _options(self) -> dict[str, Any]:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        try:
            given = conninfo_to_dict(self._dsn)
        except psycopg.ProgrammingError:
            # Without the parser's words: they quote the DSN, and a password with it.
            raise ConfigurationError(
                f"{self.what}: the DSN is none; write postgresql://user@host:5432/database, with "
                f"special characters in user and password percent-encoded"
            ) from None
        options: dict[str, Any] = {"autocommit": True}
        if "connect_timeout" not in given:
            options["connect_timeout"] = max(1, round(self._connect_timeout))
        if "application_name" not in given:
            options["application_name"] = "racto-stores-pgvector"
        alive = _signs_of_life(self._network_timeout)
        return options | {name: value for name, value in alive.items() if name not in given}

    def _dressed(self, conn: Any) -> Flow[None]:
        """What every connection of a pool gets: pgvector's types, and the store's settings."""
        from pgvector.psycopg import register_vector, register_vector_async

        yield from step(register_vector, register_vector_async, conn)
        register(conn.adapters)
        calls = ", ".join("set_config(%s, %s, false)" for _ in self._settings)
        values = [word for pair in self._settings.items() for word in pair]
        yield from tell(conn, f"SELECT {calls}", values)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from psycopg_pool import PoolClosed, PoolTimeout

        try:
            yield
        except PoolClosed as error:
            raise StoreClosedError(f"{self.what} was closed; make a new one") from error
        except PoolTimeout as error:
            if self._busy >= self._size:
                raise OverloadedError(
                    f"{self.what}: all {self._size} connections are in use, and none came free in "
                    f"{self._pool_timeout:g} s; raise pool_size, or ask less at once",
                    provider=PROVIDER,
                ) from error
            raise APIConnectionError(
                f"{self.what}: no connection to the server in {self._pool_timeout:g} s; is it "
                f"running?",
                provider=PROVIDER,
            ) from error

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError(f"{self.what} was closed; make a new one")


async def _kept(pool: Any) -> None:
    """Close a pool when its loop ends, which cancels all tasks.

    A worker of the pool that is connecting just then would outlive its cancellation, and the loop
    would wait for it for ever.
    """
    import asyncio

    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await pool.close()


def _signs_of_life(seconds: float) -> dict[str, int]:
    """libpq's options for which a connection to a machine that went silent breaks in time.

    The server's own timeout cannot be told to a client whom no packet reaches.
    """
    return {
        "tcp_user_timeout": round(seconds * 1000),
        "keepalives_idle": max(1, round(seconds / 3)),
        "keepalives_interval": max(1, round(seconds / 6)),
        # Counts where the system knows no tcp_user_timeout.
        "keepalives_count": 3,
    }


def _is_lost(error: Exception) -> bool:
    """Whether an error says that the connection is gone, and not just that a query failed."""
    import psycopg

    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return not error.sqlstate or error.sqlstate[:3] == "57P" or error.sqlstate[:2] == "08"


def _with_extension(conn: Any, what: str) -> Flow[None]:
    """Make sure of pgvector before its types are asked for, as a fresh database needs."""
    import psycopg

    found = yield from ask(conn, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    if not found:
        known = yield from ask(conn, "SELECT FROM pg_available_extensions WHERE name = 'vector'")
        if not known:
            raise ConfigurationError(f"{what}: {NO_EXTENSION}", provider=PROVIDER)
        try:
            yield from transaction(conn, _create_extension(conn))
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(f"{what}: {NOT_ALLOWED}", provider=PROVIDER) from error
        found = yield from ask(conn, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    version = tuple(int(part) for part in found[0][0].split(".")[:2])
    if version < _OLDEST:
        raise ConfigurationError(
            f"{what}: this database has pgvector {found[0][0]}; let an administrator install 0.8 "
            f"or later and run ALTER EXTENSION vector UPDATE",
            provider=PROVIDER,
        )


def _create_extension(conn: Any) -> Flow[None]:
    # IF NOT EXISTS alone lets the second of two creators fail on a unique index.
    yield from tell(conn, "SELECT pg_advisory_xact_lock(%s)", [_EXTENSION_LOCK])
    yield from tell(conn, "CREATE EXTENSION IF NOT EXISTS vector")
