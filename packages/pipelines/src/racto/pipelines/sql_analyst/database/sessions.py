"""Sessions on a database: opened in either voice, behind the wall, stopped and always put away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.pipelines.errors import QueryLimitError

from .addresses import DatabaseAddress
from .alchemy import (
    address_behind,
    is_async_engine,
    is_per_thread,
    make_engine,
    require_driver,
    shared_engine,
)
from .failures import translate
from .limits import QueryLimits
from .policies import AccessPolicy
from .stopping import Stopper
from .walls import Wall, wall_of

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
# Numbers in place of id(), which a later object may have again.
_numbers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_next = count(1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One connection while a wall stands around it; never leaves the call it was opened for."""

    conn: Connection
    address: DatabaseAddress
    limits: QueryLimits
    policy: AccessPolicy | None
    trusted: bool
    is_async: bool
    wall: Wall
    stopper: Stopper
    deadline: float
    kill: Callable[[int], None] | None
    notes: dict[str, Any] = field(default_factory=dict)
    cursors: list[Any] = field(default_factory=list)

    @property
    def raw(self) -> Any:
        """The driver's connection, or SQLAlchemy's blocking face of an async one."""
        return self.conn.connection.dbapi_connection

    def ask(self, sql: str) -> tuple[Any, ...] | None:
        """Run a statement of our own; return its first row, None when it has none."""
        cursor = self.raw.cursor()
        try:
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
        finally:
            cursor.close()
        return None if row is None else tuple(row)

    def start(self, cursor: Any, sql: str) -> Any:
        """Execute the query on a cursor that is closed whatever happens; returns the cursor."""
        self.cursors.append(cursor)
        # One argument: with parameters, even none, drivers read % and : in the text.
        cursor.execute(sql)
        return cursor

    def drop(self, cursor: Any) -> None:
        """Close a cursor whose statement was stopped; its error ends the connection."""
        try:
            cursor.close()
        except Exception:
            self.conn.invalidate()

    def abandon(self) -> None:
        """Close what is still open when a query did not come to its end."""
        while self.cursors:
            cursor = self.cursors.pop()
            with suppress(Exception):
                if self.conn.invalidated:
                    cursor.close()
                else:
                    self.wall.discard(self, cursor)

    def check_clock(self) -> None:
        """Raise when the query's time is over.

        Raises:
            QueryLimitError: If it is.
        """
        if self.stopper.fired or time.monotonic() > self.deadline:
            raise QueryLimitError(
                f"{self.address}: the query ran longer than {self.limits.timeout_s:g} s and was "
                "stopped; narrow it, or allow a higher timeout_s"
            )


class Sessions:
    """Opens sessions on one database; safe for threads and tasks.

    Args:
        given: An address, or a SQLAlchemy URL or engine.
        limits: For the connections that are opened here.
    """

    def __init__(
        self, given: DatabaseAddress | URL | Engine | AsyncEngine, limits: QueryLimits
    ) -> None:
        import threading

        self.address = address_behind(given)
        self._given: Any = given if hasattr(given, "dialect") else None
        self._limits = limits
        self._lock = threading.Lock()
        self._engine: Any = None
        self._async_engine: Any = None
        self._threads: Any = None
        # An engine may see more than its address says, and memory is shared with nobody.
        own = self._given is not None or self.address.in_memory
        self._alone = f"#{_number_of(self._given or self)}" if own else ""
        self._wall = wall_of(self.address.family.name)
        if self._given is None:
            require_driver(self.address)

    @property
    def identity(self) -> str:
        """Equal for the same database; an engine, and what is in memory, equals itself alone."""
        return f"{self.address.identity}{self._alone}"

    def opened(
        self,
        work: Callable[[Session], T],
        limits: QueryLimits,
        policy: AccessPolicy | None = None,
        *,
        trusted: bool = False,
    ) -> Flow[T]:
        """Run ``work`` in a session, and put the session away whatever happens.

        Args:
            work: Uses the session with plain calls, in both voices.
            limits: Bounds of the session.
            policy: For walls that enforce it in the database.
            trusted: Whether only statements of our own will run, such as those of reflection.

        Raises:
            QueryError: If the driver raised; see :mod:`.failures`.
        """

        def visit(conn: Connection, stopper: Stopper, is_async: bool) -> T:
            session = Session(
                conn=conn, address=self.address, limits=limits, policy=policy, trusted=trusted,
                is_async=is_async, wall=self._wall, stopper=stopper,
                deadline=time.monotonic() + limits.timeout_s, kill=_killer(conn),
            )  # fmt: skip
            return self._visit(session, work)

        return step(self._blocking, self._awaiting, visit, limits)

    def closing(self) -> Flow[None]:
        """Close the pools and threads that were opened here."""
        return step(self._close, self._aclose)

    def _visit(self, session: Session, work: Callable[[Session], T]) -> T:
        stopper = session.stopper
        stopper.arm(session.wall.interrupter(session))
        try:
            session.wall.rise(session)
            found = work(session)
        except RactoGatewayError:
            self._put_away(session)
            raise
        except Exception as error:
            late = stopper.fired or time.monotonic() > session.deadline
            told = self._translated(error)
            self._put_away(session)
            if late:
                session.check_clock()
            raise told from error
        except BaseException:
            # What was sent goes on in the database until somebody stops it there.
            stopper.fire()
            # Cancelled half-way through the protocol: nobody can use this connection again.
            session.conn.invalidate()
            session.abandon()
            stopper.disarm()
            raise
        self._put_away(session)
        return found

    def _put_away(self, session: Session) -> None:
        session.stopper.disarm()
        session.abandon()
        if session.conn.invalidated:
            return
        try:
            session.wall.fall(session)
        except Exception:
            # A connection that cannot be rolled back must not go back to its pool.
            with suppress(Exception):
                session.conn.invalidate()

    def _translated(self, error: Exception, *, connecting: bool = False) -> Exception:
        return translate(
            error, where=str(self.address), password=self.address.password, connecting=connecting
        )

    def _blocking(self, visit: Callable[[Connection, Stopper, bool], T], limits: QueryLimits) -> T:
        stopper = Stopper()
        with stopper.clock(limits.timeout_s + self._wall.grace_s):
            return self._enter(self._blocking_engine(), visit, stopper)

    def _enter(
        self, engine: Engine, visit: Callable[[Connection, Stopper, bool], T], stopper: Stopper
    ) -> T:
        try:
            conn = engine.connect()
        except Exception as error:
            raise self._translated(error, connecting=True) from error
        with conn:
            return visit(conn, stopper, False)

    async def _awaiting(
        self, visit: Callable[[Connection, Stopper, bool], T], limits: QueryLimits
    ) -> T:
        engine = self._native_engine()
        if engine is not None:
            return await self._native(engine, visit, limits)
        return await self._threaded(visit, limits)

    async def _native(
        self,
        engine: AsyncEngine,
        visit: Callable[[Connection, Stopper, bool], T],
        limits: QueryLimits,
    ) -> T:
        import asyncio

        stopper = Stopper()
        try:
            conn = await asyncio.wait_for(_connected(engine), limits.connect_timeout_s)
        except TimeoutError as error:
            raise self._translated(
                TimeoutError(f"no connection within {limits.connect_timeout_s:g} s"),
                connecting=True,
            ) from error
        except Exception as error:
            raise self._translated(error, connecting=True) from error
        try:
            async with asyncio.timeout(limits.timeout_s + self._wall.grace_s):
                found: T = await conn.run_sync(visit, stopper, True)
                return found
        except TimeoutError as error:
            raise QueryLimitError(
                f"{self.address}: the query ran longer than {limits.timeout_s:g} s and was stopped"
            ) from error
        finally:
            await asyncio.shield(conn.close())

    async def _threaded(
        self, visit: Callable[[Connection, Stopper, bool], T], limits: QueryLimits
    ) -> T:
        import asyncio
        from contextvars import copy_context

        engine, is_ours = self._worker_engine()
        stopper = Stopper()

        def inside() -> T:
            try:
                with stopper.clock(limits.timeout_s + self._wall.grace_s):
                    return self._enter(engine, visit, stopper)
            finally:
                if is_ours:
                    engine.dispose()

        future = asyncio.get_running_loop().run_in_executor(
            self._pool(), copy_context().run, inside
        )
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            # Repeated, for the statement may not have been sent when the first one came.
            while not future.done():
                await asyncio.to_thread(stopper.fire)
                await asyncio.wait([future], timeout=0.1)
            with suppress(Exception):
                future.result()
            raise

    def _blocking_engine(self) -> Engine:
        if self._given is not None:
            if is_async_engine(self._given):
                raise ConfigurationError(
                    "An AsyncEngine answers the async voice alone (arun, aquery); hand over an "
                    "Engine or a connection string for the blocking one"
                )
            engine: Engine = self._given
            return engine
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(self.address, self._limits, is_async=False)
            made: Engine = self._engine
            return made

    def _worker_engine(self) -> tuple[Engine, bool]:
        """The engine for a worker thread, and whether it was made for this one call."""
        engine = self._blocking_engine()
        family = self.address.family
        # A connection of sqlite3 stays in its thread, and with it what it holds in memory.
        bound = family.name == "sqlite" and self.address.in_memory
        if self._given is None or not (bound or (family.embedded and is_per_thread(engine))):
            return engine, False
        with engine.connect() as conn:
            return shared_engine(conn), True

    def _native_engine(self) -> AsyncEngine | None:
        if self._given is not None:
            return self._given if is_async_engine(self._given) else None
        if self.address.driver not in self.address.family.async_drivers:
            return None
        with self._lock:
            if self._async_engine is None:
                self._async_engine = make_engine(self.address, self._limits, is_async=True)
            made: AsyncEngine = self._async_engine
            return made

    def _pool(self) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            if self._threads is None:
                # Its own threads: slow queries must not hold up the loop's other blocking calls.
                self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="racto-sql")
            return self._threads

    def _close(self) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
            async_engine, self._async_engine = self._async_engine, None
            threads, self._threads = self._threads, None
        if engine is not None:
            engine.dispose()
        if async_engine is not None:
            # It has no pool, so there is nothing to wait for.
            async_engine.sync_engine.dispose()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    async def _aclose(self) -> None:
        self._close()


def _number_of(owner: object) -> int:
    key = getattr(owner, "sync_engine", owner)
    return _numbers.setdefault(key, next(_next))


async def _connected(engine: AsyncEngine) -> Any:
    return await engine.connect().start()


def _killer(conn: Connection) -> Callable[[int], None] | None:
    """What stops a statement of MySQL by its connection's number, over a second connection."""
    if conn.dialect.name not in ("mysql", "mariadb"):
        return None
    engine = conn.engine

    def kill(number: int) -> None:
        try:
            with engine.connect() as other:
                other.exec_driver_sql(f"KILL QUERY {int(number)}")
        except Exception as error:
            # The statement may have ended by itself; if not, the server's own limit ends it.
            _log.info("a query could not be killed: %s", type(error).__name__)

    return kill
