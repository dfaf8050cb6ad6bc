"""A schema as text for a prompt: one line a column, inside a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable

from .models import ColumnInfo, DatabaseSchema, TableInfo


def estimate_tokens(text: str) -> int:
    """Tokens of a text, from its bytes: about four of them make one token of schema text."""
    return (len(text.encode()) + 3) // 4


def render_schema(
    schema: DatabaseSchema,
    *,
    max_tokens: int | None = None,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> str:
    """Write a schema as text for a prompt.

    When it is too long, detail goes in this order: samples, indexes, comments of columns,
    columns that are neither keys nor among the first; what is left is cut by whole tables, and a last line says how many
    are missing.

    Args:
        schema: The tables, for example pruned to the question.
        max_tokens: Most tokens of the text; None for no bound.
        count_tokens: How to count them.

    Returns:
        One paragraph a table.
    """
    tables = schema.tables
    if not tables:
        return "(no tables)"
    for detail in (4, 3, 2, 1, 0):
        paragraphs = [_paragraph(table, detail) for table in tables]
        text = "\n\n".join(paragraphs)
        if max_tokens is None or count_tokens(text) <= max_tokens:
            return text
    return _cut(paragraphs, max_tokens or 0, count_tokens)


def _cut(paragraphs: list[str], budget: int, count_tokens: Callable[[str], int]) -> str:
    kept: list[str] = []
    spent = 12
    for paragraph in paragraphs:
        spent += count_tokens(paragraph) + 1
        # One table at least, since a prompt without any cannot be answered.
        if kept and spent > budget:
            break
        kept.append(paragraph)
    left = len(paragraphs) - len(kept)
    more = [f"({left} more tables are not shown)"] if left else []
    return "\n\n".join(kept + more)


def _paragraph(table: TableInfo, detail: int) -> str:
    lines = [_head(table)]
    keys = {*table.primary_key, *(c for key in table.foreign_keys for c in key.columns)}
    first = {column.name for column in table.columns[:4]}
    pointed = {c: key for key in table.foreign_keys if len(key.columns) == 1 for c in key.columns}
    for column in table.columns:
        if detail == 0 and column.name not in keys and column.name not in first:
            continue
        marks = ["primary key"] if table.primary_key == (column.name,) else []
        if column.name in pointed:
            key = pointed[column.name]
            marks.append(f"references {key.table}({', '.join(key.target_columns)})")
        lines.append(_column_line(column, marks, detail))
    if len(table.primary_key) > 1:
        lines.append(f"  primary key ({', '.join(table.primary_key)})")
    for key in table.foreign_keys:
        if len(key.columns) > 1:
            target = f"{key.table}({', '.join(key.target_columns)})"
            lines.append(f"  ({', '.join(key.columns)}) references {target}")
    if detail >= 3:
        for index in table.indexes:
            kind = "unique index" if index.unique else "index"
            lines.append(f"  {kind} ({', '.join(index.columns)})")
    return "\n".join(lines)


def _head(table: TableInfo) -> str:
    text = f"{'VIEW' if table.is_view else 'TABLE'} {table.full_name}"
    if table.row_count is not None:
        sign = "" if table.row_count_is_exact else "about "
        text += f" [{sign}{table.row_count} rows]"
    return f"{text} -- {_line(table.comment)}" if table.comment else text


def _column_line(column: ColumnInfo, marks: list[str], detail: int) -> str:
    parts = [f"  {column.name} {column.type}", *marks]
    if not column.nullable and "primary key" not in marks:
        parts.append("not null")
    if column.masked:
        parts.append("masked: may be selected, and not filtered, sorted or grouped by")
    text = ", ".join(parts)
    if column.samples and detail >= 4:
        text += f" (e.g. {', '.join(map(_sample, column.samples))})"
    if column.comment and detail >= 2:
        text += f" -- {_line(column.comment)}"
    return text


def _sample(value: str) -> str:
    # What stands in the data must not be able to end a line and start an instruction.
    return repr(_line(value))


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
