"""Row counts and sample values: cheap ones, and none of what a policy masks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .columns import text_of
from .kinds import kind_of
from .schema.models import ColumnInfo, SchemaOptions, TableInfo

if TYPE_CHECKING:
    from .sessions import Session

# Rows that samples are taken from; more would read whole tables.
_LOOKED_AT = 500
_LONGEST = 60
_ESTIMATES = {
    "postgres": "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('{name}')",
    "mysql": "SELECT table_rows FROM information_schema.tables WHERE table_name = '{bare}'"
    " AND table_schema = {schema}",
    "duckdb": "SELECT estimated_size FROM duckdb_tables() WHERE table_name = '{bare}'"
    " AND schema_name = {schema}",
}
_CURRENT = {"mysql": "database()", "duckdb": "current_schema()"}


def counted(session: Session, table: TableInfo, options: SchemaOptions) -> TableInfo:
    """A table with its number of rows: estimated by the database, else counted up to a limit."""
    estimate = None if table.is_view else _estimate(session, table)
    if estimate is not None and estimate > options.count_limit:
        return replace(table, row_count=estimate)
    limit = options.count_limit
    # Counting stops at the limit, so that no table is read whole for its number of rows.
    rows = f"SELECT 1 AS one FROM {_quoted(session, table)} {_first(session, limit + 1)}"  # noqa: S608 - quoted
    found = session.ask(f"SELECT count(*) FROM ({rows}) AS counted")  # noqa: S608 - quoted
    number = int(found[0]) if found else 0
    return replace(table, row_count=min(number, limit), row_count_is_exact=number <= limit)


def sampled(session: Session, table: TableInfo, options: SchemaOptions) -> TableInfo:
    """A table with a few distinct values a column; masked columns stay without."""
    wanted = [column for column in table.columns if _may_be_shown(column)]
    if not wanted or options.sample_limit <= 0:
        return table
    names = ", ".join(_quote(session, column.name) for column in wanted)
    cursor = session.raw.cursor()
    source, some = _quoted(session, table), _first(session, _LOOKED_AT)
    cursor.execute(f"SELECT {names} FROM {source} {some}")  # noqa: S608 - quoted
    rows = cursor.fetchall()
    cursor.close()
    values = {
        column.name: _distinct([row[place] for row in rows], options.sample_limit)
        for place, column in enumerate(wanted)
    }
    return replace(
        table,
        columns=tuple(
            replace(column, samples=values.get(column.name, ())) for column in table.columns
        ),
    )


def _may_be_shown(column: ColumnInfo) -> bool:
    return not column.masked and kind_of(column.type) not in ("binary", "array", "json")


def _distinct(values: list[Any], most: int) -> tuple[str, ...]:
    texts = (text_of(value) for value in values if value is not None)
    cut = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..." for text in texts)
    return tuple(dict.fromkeys(cut))[:most]


def _estimate(session: Session, table: TableInfo) -> int | None:
    dialect = session.address.family.name
    query = _ESTIMATES.get(dialect)
    if query is None:
        return None
    schema = f"'{_text(table.schema)}'" if table.schema else _CURRENT.get(dialect, "''")
    found = session.ask(
        query.format(name=_text(_quoted(session, table)), bare=_text(table.name), schema=schema)
    )
    # PostgreSQL tells -1 for a table that was never analysed.
    return int(found[0]) if found and found[0] is not None and int(found[0]) >= 0 else None


def _quoted(session: Session, table: TableInfo) -> str:
    parts = [table.schema, table.name] if table.schema else [table.name]
    return ".".join(_quote(session, part) for part in parts)


def _quote(session: Session, name: str) -> str:
    quoted: str = session.conn.dialect.identifier_preparer.quote_identifier(name)
    # SQLAlchemy doubles % for drivers that read parameters; ours gets the text as it is.
    return quoted.replace("%%", "%")


def _first(session: Session, number: int) -> str:
    if session.address.family.name == "tsql":
        return f"ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT {number} ROWS ONLY"
    return f"LIMIT {number}"


def _text(value: str) -> str:
    return (
        value.replace("\\", "\\\\").replace("'", "''")
        if "\\" in value
        else value.replace("'", "''")
    )
