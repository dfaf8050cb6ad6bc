"""Rules on columns of views, carried over to the columns that the views are made of."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from racto.pipelines.errors import ReadOnlyViolationError

from .database import AccessPolicy, DatabaseSchema
from .guard import ANY_COLUMN, OutputColumn, ReadOnlySQLGuard, TableSchema


def through_views(
    policy: AccessPolicy, schema: DatabaseSchema, known: dict[str, TableSchema]
) -> AccessPolicy:
    """A policy that holds however its columns are reached.

    The guard follows a view's column to the table that it comes from, and knows it by that name. A
    rule that names the view's own column is therefore given for the table's as well.

    Args:
        policy: As it was given.
        schema: The tables and views that it shows.
        known: The same for the guard.
    """
    if not (policy.mask_columns or policy.blocked_columns):
        return policy
    guard = ReadOnlySQLGuard(schema.dialect, schema=known)
    masked, blocked = set[str](), set[str]()
    for name in schema.view_definitions():
        for column in _outputs(guard, name, schema.dialect):
            sources = {
                f"{origin.table}.{origin.column}"
                for origin in column.origins
                if origin.column != ANY_COLUMN
            }
            if policy.masks(name, column.name):
                masked |= sources
            if policy.blocks(name, column.name):
                blocked |= sources
    return replace(
        policy,
        mask_columns=(*policy.mask_columns, *sorted(masked)),
        blocked_columns=(*policy.blocked_columns, *sorted(blocked)),
    )


def _outputs(guard: ReadOnlySQLGuard, view: str, dialect: str) -> tuple[OutputColumn, ...]:
    schema, _, name = view.rpartition(".")
    whole = exp.select("*").from_(exp.table_(name, db=schema or None, quoted=True))
    try:
        return guard.inspect(whole.sql(dialect=dialect)).outputs
    except ReadOnlyViolationError:
        # What the guard cannot read here it refuses in a statement, too.
        return ()
