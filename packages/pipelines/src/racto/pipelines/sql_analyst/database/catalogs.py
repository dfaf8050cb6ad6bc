"""Reflection: tables, views, keys, comments, counts and samples, as a policy shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .alchemy import inspector_of, kinds_of_object
from .catalog_duckdb import duckdb_tables
from .definitions import query_of_view
from .dialects import family_of
from .policies import AccessPolicy
from .samples import counted, sampled
from .schema.models import (
    ColumnInfo,
    DatabaseSchema,
    ForeignKeyInfo,
    IndexInfo,
    SchemaOptions,
    TableInfo,
)

if TYPE_CHECKING:
    from .sessions import Session


def reflected(session: Session, policy: AccessPolicy, options: SchemaOptions) -> DatabaseSchema:
    """Read the tables and views that a policy shows, and hide what it hides."""
    if session.address.family.name == "duckdb":
        default, everything = duckdb_tables(session, options)
    else:
        default, everything = _inspected(session, options)
    hidden = [table for table in everything if not policy.allows(table.full_name, default)]
    allowed = [table for table in everything if policy.allows(table.full_name, default)]
    shown = [_documented(policy, _within(policy, table)) for table in allowed]
    if options.include_row_counts:
        shown = [counted(session, table, options) for table in shown]
    if options.include_samples:
        # A view's columns may draw on protected ones under other names, so it gives no samples.
        guarded = bool(policy.mask_columns or policy.blocked_columns)
        shown = [
            table if table.is_view and guarded else sampled(session, table, options)
            for table in shown
        ]
    names = {table.full_name for table in shown}
    return DatabaseSchema(
        dialect=session.address.family.name,
        tables=tuple(_without_dangling(table, names) for table in shown),
        default_schema=default,
        hidden_views={table.full_name: table.definition for table in hidden if table.definition},
        hidden_columns=_blocked(policy, allowed),
        hidden_tables={table.full_name: tuple(c.name for c in table.columns) for table in hidden},
    )


def _blocked(policy: AccessPolicy, tables: list[TableInfo]) -> dict[str, tuple[str, ...]]:
    found = {
        table.full_name: tuple(
            column.name for column in table.columns if policy.blocks(table.full_name, column.name)
        )
        for table in tables
    }
    return {name: columns for name, columns in found.items() if columns}


def _within(policy: AccessPolicy, table: TableInfo) -> TableInfo:
    name = table.full_name
    kept = tuple(
        replace(column, masked=policy.masks(name, column.name))
        for column in table.columns
        if not policy.blocks(name, column.name)
    )
    names = {column.name for column in kept}
    return replace(
        table,
        columns=kept,
        primary_key=table.primary_key if names.issuperset(table.primary_key) else (),
        foreign_keys=tuple(key for key in table.foreign_keys if names.issuperset(key.columns)),
        indexes=tuple(index for index in table.indexes if names.issuperset(index.columns)),
    )


def _documented(policy: AccessPolicy, table: TableInfo) -> TableInfo:
    docs = {name.casefold(): text for name, text in policy.table_docs.items()}
    columns = {name.casefold(): told for name, told in policy.column_docs.items()}
    full, bare = table.full_name.casefold(), table.name.casefold()
    told = {n.casefold(): t for n, t in columns.get(full, columns.get(bare, {})).items()}
    return replace(
        table,
        comment=docs.get(full, docs.get(bare, table.comment)),
        columns=tuple(
            replace(column, comment=told.get(column.name.casefold(), column.comment))
            for column in table.columns
        ),
    )


def _without_dangling(table: TableInfo, names: set[str]) -> TableInfo:
    # A key that points at a hidden table would tell its name.
    kept = tuple(key for key in table.foreign_keys if key.table in names)
    return replace(table, foreign_keys=kept)


def _inspected(session: Session, options: SchemaOptions) -> tuple[str, list[TableInfo]]:
    inspector: Any = inspector_of(session.conn)
    default = inspector.default_schema_name or ""
    found: list[TableInfo] = []
    for schema in options.schemas or (None,):
        bare = schema is None or schema == default
        asked = None if bare else schema
        parts = _parts(inspector, asked, options)
        tables = inspector.get_table_names(schema=asked)
        views = _view_names(inspector, asked) if options.include_views else []
        found += [
            _table(inspector, parts, name, asked, default, is_view=name not in tables)
            for name in sorted({*tables, *views})
        ]
    return default, found


def _parts(inspector: Any, schema: str | None, options: SchemaOptions) -> dict[str, Any]:
    """Everything of one schema in a handful of round trips, whatever its number of tables."""
    kind = kinds_of_object(include_views=options.include_views)
    told: dict[str, Any] = {
        "columns": inspector.get_multi_columns(schema=schema, kind=kind),
        "keys": inspector.get_multi_pk_constraint(schema=schema, kind=kind),
        "foreign": inspector.get_multi_foreign_keys(schema=schema, kind=kind),
        "indexes": inspector.get_multi_indexes(schema=schema, kind=kind)
        if options.include_indexes
        else {},
    }
    told["comments"] = _told_comments(inspector, schema, kind)
    return told


def _told_comments(inspector: Any, schema: str | None, kind: Any) -> Mapping[Any, Any]:
    try:
        found: Mapping[Any, Any] = inspector.get_multi_table_comment(schema=schema, kind=kind)
    except NotImplementedError:
        # SQLite has no comments.
        return {}
    return found


def _view_names(inspector: Any, schema: str | None) -> list[str]:
    names = list(inspector.get_view_names(schema=schema))
    try:
        names += inspector.get_materialized_view_names(schema=schema)
    except NotImplementedError:
        return names
    return names


def _table(
    inspector: Any,
    parts: Mapping[str, Any],
    name: str,
    schema: str | None,
    default: str,
    *,
    is_view: bool,
) -> TableInfo:
    key = (schema, name)
    comment = (parts["comments"].get(key) or {}).get("text") or ""
    return TableInfo(
        name=name,
        schema=schema or "",
        columns=tuple(map(_column, parts["columns"].get(key) or ())),
        primary_key=tuple((parts["keys"].get(key) or {}).get("constrained_columns") or ()),
        foreign_keys=tuple(_foreign_keys(parts["foreign"].get(key) or (), default)),
        indexes=tuple(_indexes(parts["indexes"].get(key) or ())),
        comment=comment,
        is_view=is_view,
        definition=_definition(inspector, name, schema) if is_view else "",
    )


def _column(told: Mapping[str, Any]) -> ColumnInfo:
    try:
        type_name = str(told["type"])
    except Exception:
        # A type that SQLAlchemy cannot spell, such as an unknown extension's.
        type_name = type(told["type"]).__name__
    return ColumnInfo(
        name=str(told["name"]),
        type=type_name,
        nullable=bool(told.get("nullable", True)),
        default=str(told.get("default") or ""),
        comment=str(told.get("comment") or ""),
    )


def _foreign_keys(told: Iterable[Mapping[str, Any]], default: str) -> Iterable[ForeignKeyInfo]:
    for key in told:
        schema = key.get("referred_schema")
        target = str(key["referred_table"])
        yield ForeignKeyInfo(
            columns=tuple(key["constrained_columns"]),
            table=f"{schema}.{target}" if schema and schema != default else target,
            target_columns=tuple(key["referred_columns"]),
        )


def _indexes(told: Iterable[Mapping[str, Any]]) -> Iterable[IndexInfo]:
    for index in told:
        columns = tuple(str(name) for name in index["column_names"] if name)
        yield IndexInfo(
            name=str(index.get("name") or ""), columns=columns, unique=bool(index.get("unique"))
        )


def _definition(inspector: Any, name: str, schema: str | None) -> str:
    try:
        told = inspector.get_view_definition(name, schema=schema) or ""
    except Exception:
        # Without the right to see it the guard treats the view as a table it cannot look into.
        return ""
    return query_of_view(told, family_of(inspector.dialect.name).name)
