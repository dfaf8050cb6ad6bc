"""What comes from a database or a user, as text in a prompt: marked as data, escaped and limited."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 50
"""Rows of a result that a model gets to see."""

_CELL = 200
_ROWS_CHARACTERS = 12_000
_OVERSIZE = 60
# Beside the control characters: those that reorder text or take no place, so that what a person
# reads in a log is what the model was told.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")  # fmt: skip
_PLAIN = (bool, int, float)


def quoted(label: str, text: str, *, limit: int) -> str:
    """A text as data between tags which it cannot close itself.

    Args:
        label: Name of the tags.
        text: What anybody may have written.
        limit: Most characters of it.
    """
    shown = visible(_clipped(text.strip(), limit))
    # Whatever looks like our own tag, however it is spaced or written, is not one.
    shown = re.sub(rf"<(?=\s*/?\s*{label}\b)", "&lt;", shown, flags=re.IGNORECASE)
    return f"<{label}>\n{shown}\n</{label}>"


def visible(text: str) -> str:
    """A text whose control characters and invisible signs are written out as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: ascii(found.group())[1:-1], text.replace("\r\n", "\n"))


def rows_excerpt(frame: pl.DataFrame, *, truncated: bool = False) -> str:
    """A result's first rows as data between ``<rows>`` tags: a line of names, then one a row.

    Values are JSON, so that no value can end its line or the block. Long values are clipped, wide
    results show fewer rows.

    Args:
        frame: The rows, shape (rows, columns).
        truncated: Whether the database had more rows than were fetched.
    """
    lines = [f"columns: {_line(frame.columns)}"]
    size = 0
    shown = 0
    for row in frame.head(MOST_ROWS).rows():
        line = _line(row)
        size += len(line)
        if shown and size > _ROWS_CHARACTERS:
            break
        lines.append(line[:_ROWS_CHARACTERS])
        shown += 1
    total = f"at least {frame.height}" if truncated else str(frame.height)
    head = f"{total} rows in all, the first {shown} are shown" if frame.height > shown else (
        f"{total} rows, all shown" if not truncated else f"{total} rows, {shown} shown"
    )  # fmt: skip
    return f"{head}:\n<rows>\n" + "\n".join(lines) + "\n</rows>"


def value_excerpt(value: Any, *, limit: int = 4000) -> str:
    """The outcome of analysis code as data between ``<analysis>`` tags.

    Args:
        value: A frame, a number, a text, or anything that code may return.
        limit: Most characters of it.
    """
    if hasattr(value, "columns") and hasattr(value, "rows"):
        return rows_excerpt(value).replace("rows>", "analysis>")
    return f"<analysis>\n{_plain(value)[:limit]}\n</analysis>"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return _cell(value, limit=4000)
    try:
        told = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        told = _cell(str(value), limit=4000)
    return visible(told).replace("<", "\\u003c")


def _line(values: Sequence[Any]) -> str:
    return "[" + ", ".join(map(_cell, values)) + "]"


def _cell(value: Any, limit: int = _CELL) -> str:
    if value is None:
        return "null"
    kind = type(value)
    if kind in _PLAIN:
        return repr(value).lower() if kind is bool else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return f'"{len(value)} bytes"'
    text = json.dumps(_clipped(str(value), limit), ensure_ascii=False)
    if text.isascii() and text.isprintable() and "<" not in text:
        return text
    return visible(text).replace("<", "\\u003c")


def _clipped(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: max(0, limit - _OVERSIZE)]}... ({len(text)} characters in all)"
