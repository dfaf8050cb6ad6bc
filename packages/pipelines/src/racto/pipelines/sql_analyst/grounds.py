"""The ground that a question stands on: its database, the schema that may be seen, the gate."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.retrievers import Retriever

from .database import (
    AccessPolicy,
    Database,
    DatabaseSchema,
    QueryLimits,
    SchemaOptions,
    address_of,
    aprune_schema,
    prune_schema,
    render_schema,
)
from .gate import Gate

_MOST_DATABASES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a question is asked about.

    Attributes:
        database: Where statements run.
        gate: What lets them through.
        policy: Enforced once more by the database, where it can.
        schema: The schema as the model sees it.
        limits: Bounds of the query.
    """

    database: Database
    gate: Gate
    policy: AccessPolicy
    schema: str
    limits: QueryLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where a run finds its database, as :meth:`SQLAnalystPipeline.run` takes it.

    Attributes:
        engine: A SQLAlchemy engine, or a :class:`Database`; comes before all else.
        connection_string: SQLAlchemy's form of an address.
        parts: The arguments of :func:`address_of`, when there is no string.
    """

    # Any of them may hold a password.
    engine: Any = field(default=None, repr=False)
    connection_string: Any = field(default=None, repr=False)
    parts: tuple[tuple[str, Any], ...] = field(default=(), repr=False)

    @property
    def key(self) -> Hashable:
        """Equal for connections that can share their pool."""
        if self.engine is not None:
            return ("engine", id(self.engine))
        if self.connection_string is None:
            return ("parts", self.parts)
        is_hashable = isinstance(self.connection_string, Hashable)
        return ("address", self.connection_string if is_hashable else id(self.connection_string))

    def open(self, *, ttl_s: float) -> Database:
        """Make the database; nothing is connected yet.

        Raises:
            ConfigurationError: If nothing says where it is.
        """
        # The caller opened it, and closes it.
        if isinstance(self.engine, Database):
            return self.engine
        if self.engine is not None:
            return Database(self.engine, schema_ttl_s=ttl_s)
        if self.connection_string is not None:
            return Database(self.connection_string, schema_ttl_s=ttl_s)
        parts = dict(self.parts)
        if not parts.get("database"):
            raise ConfigurationError(
                "no database is named: give engine=, connection_string=, or database= with host, "
                "port, username, password and driver"
            )
        return Database(address_of(parts.pop("driver"), **parts), schema_ttl_s=ttl_s)


class DatabaseShelf:
    """Keeps the databases of a pipeline open, so that each run need not connect anew.

    The reference makes an engine a run and closes none of them.

    Args:
        ttl_s: Seconds that schemas are kept.
    """

    def __init__(self, *, ttl_s: float) -> None:
        self._ttl = ttl_s
        self._lock = threading.Lock()
        self._open: OrderedDict[Hashable, tuple[Connection, Database]] = OrderedDict()

    def database(self, connection: Connection) -> Flow[Database]:
        """The database of a connection; the one that was not used for longest is closed."""
        evicted: list[Database] = []
        with self._lock:
            found = self._open.get(connection.key)
            if found is None:
                # Kept with its engine, or another engine might get the same id.
                found = self._open[connection.key] = connection, connection.open(ttl_s=self._ttl)
                while len(self._open) > _MOST_DATABASES:
                    owner, database = self._open.popitem(last=False)[1]
                    # One that was handed in stays open: it is its owner's to close.
                    if owner.engine is not database:
                        evicted.append(database)
            self._open.move_to_end(connection.key)
        for database in evicted:
            yield from step(database.close, database.aclose)
        return found[1]

    def forget_schemas(self) -> None:
        """Drop all schemas that are kept."""
        with self._lock:
            databases = [database for _, database in self._open.values()]
        for database in databases:
            database.forget_schemas()

    def close(self) -> Flow[None]:
        """Close all connections that were opened here; engines handed in stay open."""
        with self._lock:
            closing = [
                database
                for connection, database in self._open.values()
                if connection.engine is not database
            ]
            self._open.clear()
        for database in closing:
            yield from step(database.close, database.aclose)


class Surveyor:
    """Reads a database's schema, as far as the policy shows it, and shortens it to the question.

    Args:
        policy: What may be read.
        options: What to read beside tables, columns and keys.
        limits: Bounds of a query, but for the rows.
        token_budget: Most tokens of the schema in a prompt; None for no bound.
        max_tables: Tables to choose when the whole schema is longer than that.
        finder: Chooses the tables; by their words when None.
    """

    def __init__(
        self,
        policy: AccessPolicy,
        *,
        options: SchemaOptions,
        limits: QueryLimits,
        token_budget: int | None,
        max_tables: int,
        finder: Retriever | Embedder | None,
    ) -> None:
        self._policy = policy
        self._options = options
        self._limits = limits
        self._budget = token_budget
        self._max_tables = max_tables
        self._finder = finder
        self._surveys: OrderedDict[int, _Survey] = OrderedDict()

    def grounds(
        self, database: Database, *, question: str, schema: str | None, max_rows: int
    ) -> Flow[Grounds]:
        """What a question stands on.

        Args:
            database: Where it is asked.
            question: Chooses the tables when there are too many.
            schema: The schema as text, by the caller; the guard goes by the database's own.
            max_rows: Most rows to fetch.
        """
        found: DatabaseSchema = yield from step(
            database.describe, database.adescribe, self._policy, options=self._options
        )
        survey = self._survey(found)
        # The guard goes by the database in any case; a text of the caller is for the model.
        text = schema
        if text is None:
            text = survey.text if survey.fits else (yield from self._pruned(found, question))
        return Grounds(
            database=database,
            gate=survey.gate,
            policy=self._policy,
            schema=text,
            limits=self._limits
            if max_rows == self._limits.max_rows
            else replace(self._limits, max_rows=max_rows),
        )

    def _survey(self, schema: DatabaseSchema) -> _Survey:
        # Databases hand out the same object until it is stale; text and guard last as long.
        kept = self._surveys.get(id(schema))
        if kept is not None and kept.schema is schema:
            return kept
        # Rendered once a schema, and not once a question.
        whole = render_schema(schema)
        fits = self._budget is None or render_schema(schema, max_tokens=self._budget) == whole
        survey = _Survey(schema=schema, gate=Gate(schema, self._policy), text=whole, fits=fits)
        self._surveys[id(schema)] = survey
        while len(self._surveys) > _MOST_DATABASES:
            self._surveys.popitem(last=False)
        return survey

    def _pruned(self, schema: DatabaseSchema, question: str) -> Flow[str]:
        fewer = yield from step(
            prune_schema,
            aprune_schema,
            schema,
            question,
            max_tables=self._max_tables,
            finder=self._finder,
        )
        return render_schema(fewer, max_tokens=self._budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    schema: DatabaseSchema
    gate: Gate
    text: str
    fits: bool
