"""Results as bytes and files in six formats; text keeps every digit, every zone, every byte."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.libraries import polars

from .cells import flat, json_value
from .files import kind_of, write_whole
from .frames import as_frame
from .markdown import markdown_table
from .spreadsheets import excel_bytes

if TYPE_CHECKING:
    import polars as pl

FORMATS = ("csv", "json", "jsonl", "xlsx", "parquet", "md")
"""The kinds of file, as the ends of their names."""


def csv_text(frame: pl.DataFrame, *, guard_formulas: bool = True) -> str:
    """A frame as CSV with a header, as RFC 4180 has it, lines ended by a line feed.

    NULL is an empty field and an empty text is ``""``. Decimals keep their digits, times are ISO
    8601 with their offset, bytes are base64, lists and objects are JSON.

    Args:
        frame: Any frame.
        guard_formulas: Whether text that begins with ``=``, ``+``, ``-`` or ``@`` gets an
            apostrophe before it, or a spreadsheet would reckon it. Numbers stay as they are.
    """
    # Column by column, so that polars writes the lines.
    plain = flat(frame, guard_formulas=guard_formulas)
    if guard_formulas:
        names = flat(polars().DataFrame({"": frame.columns}), guard_formulas=True)
        plain = _renamed(plain, names.to_series().to_list())
    return plain.write_csv()


def _renamed(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    # Two names are never made one: "'=a" may be there beside "=a".
    return (
        frame
        if len(set(names)) < len(names)
        else frame.rename(dict(zip(frame.columns, names, strict=True)))
    )


def json_text(frame: pl.DataFrame, *, indent: int | None = 2) -> str:
    """A frame as a JSON array of objects, one a row; see :func:`jsonl_text` for its values."""
    rows = [json_value(row) for row in frame.iter_rows(named=True)]
    return json.dumps(rows, indent=indent, ensure_ascii=False, allow_nan=False)


def jsonl_text(frame: pl.DataFrame) -> str:
    """A frame as lines of JSON, one a row.

    Decimals are strings, because a float would change them; times are ISO 8601 with their offset,
    bytes are base64, NaN and the infinities are null.
    """
    return "".join(
        json.dumps(json_value(row), ensure_ascii=False, allow_nan=False) + "\n"
        for row in frame.iter_rows(named=True)
    )


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as the bytes of a Parquet file, all types kept."""
    # Into memory first: only whole files are written.
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


_WRITERS: dict[str, Callable[[Any], bytes]] = {
    "csv": lambda frame: csv_text(frame).encode(),
    "json": lambda frame: json_text(frame).encode(),
    "jsonl": lambda frame: jsonl_text(frame).encode(),
    "xlsx": excel_bytes,
    "parquet": parquet_bytes,
    "md": lambda frame: (markdown_table(frame) + "\n").encode(),
}


def table_bytes(table: Any, format: str) -> bytes:
    """A table as the bytes of a file.

    Args:
        table: A frame of Polars or pandas, or a list of dictionaries.
        format: One of :data:`FORMATS`.

    Raises:
        ConfigurationError: If the format is unknown, or it cannot hold the table.
        MissingExtraError: If a library that it needs is not installed.
    """
    return _WRITERS[kind_of("table", format, known=FORMATS)](as_frame(table))


def write_table(
    table: Any, path: str | Path, *, format: str | None = None, overwrite: bool = False
) -> Path:
    """Write a table into a file, which is there as a whole or not at all.

    Args:
        table: A frame of Polars or pandas, or a list of dictionaries.
        path: Where to.
        format: One of :data:`FORMATS`; None for the end of the name.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConfigurationError: If the file is there already, the format is unknown, or it cannot hold
            the table.
        MissingExtraError: If a library that it needs is not installed.
    """
    kind = kind_of(path, format, known=FORMATS)
    return write_whole(path, table_bytes(table, kind), overwrite=overwrite)


async def awrite_table(
    table: Any, path: str | Path, *, format: str | None = None, overwrite: bool = False
) -> Path:
    """Async twin of :func:`write_table`, run in a worker thread."""
    return await asyncio.to_thread(write_table, table, path, format=format, overwrite=overwrite)
