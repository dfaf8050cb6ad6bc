"""One database that questions are put to: read-only, bounded, and the same in both voices."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from racto.core.flows import Flow, arun, run, step

from .addresses import DatabaseAddress, read_address
from .catalogs import reflected
from .columns import build_frame
from .doctor import DoctorReport, examined
from .fetching import fetched
from .limits import QueryLimits
from .plans import PlanEstimate, estimated, within
from .policies import AccessPolicy, mask_frame
from .rows import QueryRows
from .schema import DatabaseSchema, SchemaOptions
from .sessions import Sessions
from .shelf import SchemaShelf

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from .fetching import Fetched


class Database:
    """A database behind the second wall.

    Each statement runs in a read-only transaction or connection, under a statement timeout, is
    fetched up to the limits, and is always rolled back. It is no substitute for the guard, nor
    for a user of the database who may do nothing but read: see :func:`role_script`.

    Safe for threads and tasks. The async voice uses an ``AsyncEngine`` where one was handed in,
    or where the connection string names an async driver; else a worker thread.

    Args:
        connection: A connection string, whose password may hold any character; an address from
            :func:`address_of`; a SQLAlchemy ``URL``; or an ``Engine`` or ``AsyncEngine``, which
            stays open when this is closed.
        limits: Bounds of each query unless it brings its own.
        schema_ttl_s: Seconds a reflected schema is kept; 0 keeps none.
        schemas: Where schemas are kept, for several databases together; None keeps them here.

    Raises:
        ConfigurationError: If the connection string cannot be read.
        MissingExtraError: If the driver is not installed; prints the line that installs it.
    """

    def __init__(
        self,
        connection: str | DatabaseAddress | URL | Engine | AsyncEngine,
        *,
        limits: QueryLimits | None = None,
        schema_ttl_s: float = 3600.0,
        schemas: SchemaShelf | None = None,
    ) -> None:
        self.limits = limits or QueryLimits()
        given = read_address(connection) if isinstance(connection, str) else connection
        self._sessions = Sessions(given, self.limits)
        self._shelf = schemas or SchemaShelf(ttl_s=schema_ttl_s)

    def __repr__(self) -> str:
        return f"Database({str(self.address)!r})"

    @property
    def address(self) -> DatabaseAddress:
        """Where the database is; shows no password."""
        return self._sessions.address

    @property
    def dialect(self) -> str:
        """What sqlglot and the guard call it: ``postgres``, ``mysql``, ``sqlite``, ``duckdb``..."""
        return self.address.family.name

    @property
    def identity(self) -> str:
        """Equal for the same user of the same database; holds no password."""
        return self._sessions.identity

    def query(
        self,
        sql: str,
        *,
        limits: QueryLimits | None = None,
        policy: AccessPolicy | None = None,
        masked: Collection[int] = (),
    ) -> QueryRows:
        """Run one statement that the guard has passed, and fetch its rows up to the limits.

        Args:
            sql: One query; ``:name`` and ``%`` in it are text, never parameters.
            limits: Bounds of this query; None takes those of the database.
            policy: Enforced once more where the database offers it (SQLite's authorizer).
            masked: Positions of result columns to mask, from 0, as
                :meth:`AccessPolicy.masked_positions` finds them.

        Raises:
            ReadOnlyViolationError: If it is not one query, or the database refused it as a write.
            QueryLimitError: If it ran too long, or its plan costs too much.
            QueryError: If the database refused it; the message is the database's own.
            DatabaseConnectionError: If the database cannot be reached; names host and port.
        """
        return run(self._query(sql, limits, policy, masked))

    async def aquery(
        self,
        sql: str,
        *,
        limits: QueryLimits | None = None,
        policy: AccessPolicy | None = None,
        masked: Collection[int] = (),
    ) -> QueryRows:
        """Async twin of :meth:`query`; cancelling it stops the statement in the database."""
        return await arun(self._query(sql, limits, policy, masked))

    def estimate(self, sql: str) -> PlanEstimate:
        """Ask the planner what a query would cost, without running it.

        Raises:
            QueryError: If the database refuses to plan it, or has no planner that can be asked.
        """
        return run(self._estimate(sql))

    async def aestimate(self, sql: str) -> PlanEstimate:
        """Async twin of :meth:`estimate`."""
        return await arun(self._estimate(sql))

    def describe(
        self, policy: AccessPolicy | None = None, *, options: SchemaOptions | None = None
    ) -> DatabaseSchema:
        """Reflect tables and views; kept for ``schema_ttl_s`` for this very policy and options.

        Args:
            policy: Tables it does not allow and columns it blocks are left out, and samples of
                columns that it masks; None shows everything.
            options: What to reflect beside tables, columns and keys.
        """
        return run(self._describe(policy or AccessPolicy(), options or SchemaOptions()))

    async def adescribe(
        self, policy: AccessPolicy | None = None, *, options: SchemaOptions | None = None
    ) -> DatabaseSchema:
        """Async twin of :meth:`describe`."""
        return await arun(self._describe(policy or AccessPolicy(), options or SchemaOptions()))

    def forget_schemas(self) -> None:
        """Drop the schemas that were kept."""
        self._shelf.clear()

    def examine(self) -> DoctorReport:
        """Find out what the connected user could do beside reading, and how to take it away."""
        return run(self._examine())

    async def aexamine(self) -> DoctorReport:
        """Async twin of :meth:`examine`."""
        return await arun(self._examine())

    def close(self) -> None:
        """Close the connections that were opened here; an engine handed in stays open."""
        run(self._sessions.closing())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await arun(self._sessions.closing())

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Database:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _query(
        self,
        sql: str,
        limits: QueryLimits | None,
        policy: AccessPolicy | None,
        masked: Collection[int],
    ) -> Flow[QueryRows]:
        bounds = limits or self.limits
        if bounds.max_plan_cost is not None:
            within((yield from self._estimate(sql)), bounds.max_plan_cost)
        started = time.perf_counter()
        found = yield from self._sessions.opened(
            lambda session: fetched(session, sql), bounds, policy
        )
        elapsed = time.perf_counter() - started
        rows = yield from step(_rows, _arows, found, tuple(masked))
        return replace(rows, elapsed_s=elapsed)

    def _estimate(self, sql: str) -> Flow[PlanEstimate]:
        return (
            yield from self._sessions.opened(lambda session: estimated(session, sql), self.limits)
        )

    def _describe(self, policy: AccessPolicy, options: SchemaOptions) -> Flow[DatabaseSchema]:
        key = (self.identity, policy.digest, options.digest)
        kept = self._shelf.get(key)
        if kept is not None:
            return kept
        found = yield from self._sessions.opened(
            lambda session: reflected(session, policy, options), self.limits, trusted=True
        )
        self._shelf.put(key, found)
        return found

    def _examine(self) -> Flow[DoctorReport]:
        return (yield from self._sessions.opened(examined, self.limits, trusted=True))


def _rows(found: Fetched, masked: Sequence[int]) -> QueryRows:
    rows = build_frame(found)
    frame = mask_frame(rows.frame, masked)
    return replace(rows, frame=frame, masked=tuple(frame.columns[place] for place in masked))


async def _arows(found: Fetched, masked: Sequence[int]) -> QueryRows:
    import asyncio

    # A frame of many rows takes milliseconds, which belong to the loop's other tasks.
    if found.height > 2000:
        return await asyncio.to_thread(_rows, found, masked)
    return _rows(found, masked)
