"""DuckDB's own catalogue: SQLAlchemy's reflection for it asks for tables that DuckDB lacks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from .definitions import query_of_view
from .schema.models import ColumnInfo, ForeignKeyInfo, IndexInfo, SchemaOptions, TableInfo

if TYPE_CHECKING:
    from .sessions import Session

_COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, comment
    FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
    ORDER BY schema_name, table_name, column_index
"""
_TABLES = """
    SELECT schema_name, table_name, comment, '' AS definition, false AS is_view
    FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT schema_name, view_name, comment, sql, true
    FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
    ORDER BY 1, 2
"""
_CONSTRAINTS = """
    SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table,
        referenced_column_names
    FROM duckdb_constraints() WHERE database_name = current_database()
    AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
"""
_INDEXES = """
    SELECT schema_name, table_name, index_name, is_unique, expressions
    FROM duckdb_indexes() WHERE database_name = current_database()
"""


def duckdb_tables(session: Session, options: SchemaOptions) -> tuple[str, list[TableInfo]]:
    """The default schema's name, and the tables and views of the schemas that are wanted."""
    default = str((session.ask("SELECT current_schema()") or ("main",))[0])
    wanted = set(options.schemas or (default,))
    columns: dict[tuple[str, str], list[ColumnInfo]] = defaultdict(list)
    for schema, table, name, type_name, nullable, preset, comment in _rows(session, _COLUMNS):
        columns[schema, table].append(
            ColumnInfo(
                name=name,
                type=type_name,
                nullable=bool(nullable),
                default=str(preset or ""),
                comment=str(comment or ""),
            )
        )
    keys, foreign = _constraints(session)
    indexes = _indexes(session) if options.include_indexes else {}
    found = []
    for schema, table, comment, definition, is_view in _rows(session, _TABLES):
        if schema not in wanted or (is_view and not options.include_views):
            continue
        place = (schema, table)
        found.append(
            TableInfo(
                name=table,
                schema="" if schema == default else schema,
                columns=tuple(columns[place]),
                primary_key=keys.get(place, ()),
                foreign_keys=tuple(foreign.get(place, ())),
                indexes=tuple(indexes.get(place, ())),
                comment=str(comment or ""),
                is_view=bool(is_view),
                definition=query_of_view(definition or "", "duckdb") if is_view else "",
            )
        )
    return default, found


def _rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = session.raw.execute(sql).fetchall()
    return rows


def _constraints(
    session: Session,
) -> tuple[dict[tuple[str, str], tuple[str, ...]], dict[tuple[str, str], list[ForeignKeyInfo]]]:
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    foreign: dict[tuple[str, str], list[ForeignKeyInfo]] = defaultdict(list)
    for schema, table, kind, names, target, target_names in _rows(session, _CONSTRAINTS):
        if kind == "PRIMARY KEY":
            keys[schema, table] = tuple(names)
        else:
            foreign[schema, table].append(
                ForeignKeyInfo(
                    columns=tuple(names), table=target, target_columns=tuple(target_names)
                )
            )
    return keys, foreign


def _indexes(session: Session) -> dict[tuple[str, str], list[IndexInfo]]:
    found: dict[tuple[str, str], list[IndexInfo]] = defaultdict(list)
    for schema, table, name, unique, expressions in _rows(session, _INDEXES):
        # Told as the text of a list: [a, b].
        columns = [part.strip().strip("\"'") for part in str(expressions).strip("[]").split(",")]
        found[schema, table].append(
            IndexInfo(name=name, columns=tuple(filter(None, columns)), unique=bool(unique))
        )
    return found
