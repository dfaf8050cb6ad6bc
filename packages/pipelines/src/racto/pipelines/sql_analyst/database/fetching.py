"""Rows out of a cursor, in growing batches, up to the limits, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .kinds import type_names

if TYPE_CHECKING:
    from .sessions import Session

_FIRST_BATCH = 64
_LARGEST_BATCH = 5_000
_BATCH_BYTES = 4 * 1024 * 1024
_SIZED = (str, bytes, bytearray, memoryview)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What came out of a cursor, not yet a frame.

    Args:
        names: Names of the columns, as the database gave them.
        types: The database's own name of each column's type; "" where it tells none.
        columns: The values, a list a column.
        height: Number of rows.
        truncated_by: ``"rows"``, ``"bytes"`` or "".
        byte_count: Bytes fetched.
        dialect: What sqlglot calls the database.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    columns: tuple[list[Any], ...]
    height: int
    truncated_by: str
    byte_count: int
    dialect: str


def fetched(session: Session, sql: str) -> Fetched:
    """Run one query in a session and fetch its rows up to the session's limits."""
    wanted = session.wall.admit(session, sql)
    session.check_clock()
    cursor = session.wall.execute(session, wanted)
    described = tuple(cursor.description or ())
    columns: tuple[list[Any], ...] = tuple([] for _ in described)
    truncated_by, spent = _drain(session, cursor, columns)
    found = Fetched(
        names=tuple(str(entry[0]) for entry in described),
        types=type_names(session, cursor, described),
        columns=columns,
        height=len(columns[0]) if columns else 0,
        truncated_by=truncated_by,
        byte_count=spent,
        dialect=session.address.family.name,
    )
    session.cursors.clear()
    if truncated_by:
        session.wall.discard(session, cursor)
    else:
        cursor.close()
    return found


def _drain(session: Session, cursor: Any, columns: tuple[list[Any], ...]) -> tuple[str, int]:
    limits = session.limits
    # One row more than wanted tells whether there are more.
    left = limits.max_rows + 1 if limits.max_rows else None
    size, spent, height = _FIRST_BATCH, 0, 0
    while left is None or left > 0:
        asked = size if left is None else min(size, left)
        rows = cursor.fetchmany(asked)
        if not rows:
            return "", spent
        keep = rows
        if left is not None:
            left -= len(rows)
            keep = rows[:-1] if left == 0 else rows
        batch_bytes = _take(columns, keep)
        height += len(keep)
        spent += batch_bytes
        if limits.max_bytes and spent > limits.max_bytes:
            spent = _cut(columns, limits.max_bytes)
            return "bytes", spent
        if len(rows) < asked and not session.wall.streams:
            return "", spent
        # Few rows when they are wide: a batch is held whole before it is counted.
        size = max(
            1, min(_LARGEST_BATCH, size * 8, _BATCH_BYTES * len(rows) // max(1, batch_bytes))
        )
        session.check_clock()
    return "rows", spent


def _take(columns: tuple[list[Any], ...], rows: Sequence[Sequence[Any]]) -> int:
    """Append rows to the columns; return their bytes."""
    spent = 0
    for column, values in zip(columns, zip(*rows, strict=True), strict=False):
        column.extend(values)
        spent += _bytes_of(values)
    return spent


def _bytes_of(values: Sequence[Any]) -> int:
    kinds = set(map(type, values))
    if not kinds & {*_SIZED, list, dict, tuple, set}:
        return 8 * len(values)
    return sum(_size(value) for value in values)


def _size(value: Any) -> int:
    if isinstance(value, _SIZED):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(key) + _size(each) for key, each in value.items())
    if isinstance(value, list | tuple | set):
        return sum(map(_size, value))
    return 8


def _cut(columns: tuple[list[Any], ...], most: int) -> int:
    """Drop rows from the end until the rest fits; keep one row whatever its size."""
    height = len(columns[0]) if columns else 0
    spent = 0
    for place in range(height):
        row = sum(_size(column[place]) for column in columns)
        if place and spent + row > most:
            for column in columns:
                del column[place:]
            break
        spent += row
    return spent
