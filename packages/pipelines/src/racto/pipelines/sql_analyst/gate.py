"""The gate between a model's SQL and the database: guard, policy and masks in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from racto.pipelines.errors import QueryError, ReadOnlyViolationError

from .database import AccessPolicy, DatabaseSchema
from .guard import ANY_COLUMN, ReadOnlySQLGuard, TableSchema
from .views import through_views

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A statement that may run.

    Attributes:
        sql: The text to send.
        masked: Positions of result columns, from 0, whose values must be masked.
    """

    sql: str
    masked: tuple[int, ...] = ()


class Gate:
    """Lets statements through that the guard passes and the policy allows.

    Args:
        schema: The tables that the policy shows, and what the guard must know of the others.
        policy: What may be read, and what comes back masked.
    """

    def __init__(self, schema: DatabaseSchema, policy: AccessPolicy) -> None:
        known = _known(schema)
        policy = self._policy = through_views(policy, schema, known)
        self._guard = ReadOnlySQLGuard(
            schema.dialect,
            allowed_tables=policy.allowed_tables,
            blocked_columns=policy.blocked_columns or None,
            schema=known,
        )
        self._is_open = not (policy.mask_columns or policy.blocked_columns)

    def admit(self, sql: str) -> Admission:
        """Check one statement.

        Raises:
            ReadOnlyViolationError: If it may not run; says which part and why.
        """
        verdict = self._guard.inspect(sql)
        if self._policy.mask_columns and any(o.column == ANY_COLUMN for o in verdict.origins):
            # What may be any column may be a masked one.
            raise ReadOnlyViolationError(
                "it cannot be told which columns this statement reads, and some are masked; name "
                "the columns",
                part="*",
                rule="mask",
            )
        return Admission(sql=verdict.sql, masked=self._policy.enforce(verdict))

    def hushed(self, error: QueryError, sql: str) -> QueryError:
        """A database's error without values that the policy hides.

        Databases quote the value that they could not convert, which would carry a masked one past
        its mask. Names and values that stand in the statement itself stay.

        Args:
            error: What the database said.
            sql: The statement.
        """
        if self._is_open:
            return error
        quiet = _QUOTED.sub(
            lambda found: found.group() if found.group()[1:-1] in sql else "'...'", error.message
        )
        return type(error)(quiet, retryable=error.retryable)


def _known(schema: DatabaseSchema) -> dict[str, TableSchema]:
    views = schema.view_definitions()
    known = {
        table.full_name: TableSchema(
            columns=(
                *(column.name for column in table.columns),
                # Hidden from the model, and not from the guard: a star brings them too.
                *schema.hidden_columns.get(table.full_name, ()),
            ),
            definition=views.get(table.full_name, ""),
        )
        for table in schema.tables
    }
    for name, definition in views.items():
        known.setdefault(name, TableSchema(definition=definition))
    return known
