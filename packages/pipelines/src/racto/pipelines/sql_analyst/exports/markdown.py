"""Tables in Markdown: numbers to the right, and no cell that breaks its row."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.charts.columns import column_of
from racto.pipelines.sql_analyst.libraries import polars

from .cells import text_of

if TYPE_CHECKING:
    import polars as pl

_MARKS = str.maketrans(
    {
        "|": "\\|",
        "\\": "\\\\",
        "`": "\\`",
        "*": "\\*",
        "_": "\\_",
        "~": "\\~",
        "[": "\\[",
        "]": "\\]",
        "$": "\\$",
        "<": "&lt;",
        ">": "&gt;",
        "&": "&amp;",
    }
)


def markdown_table(
    frame: pl.DataFrame, *, max_rows: int | None = None, max_width: int | None = None
) -> str:
    """A frame as a table in Markdown, without a line end behind it.

    Args:
        frame: Any frame.
        max_rows: Rows that are written; a line below says how many there are more. None for all.
        max_width: Letters of a cell; longer ones are cut. None for all.
    """
    if not frame.width:
        return ""
    shown = _without_parts(frame if max_rows is None else frame.head(max_rows))
    header = [_cell(name, max_width) or "&nbsp;" for name in frame.columns]
    # Digits of equal worth stand below each other.
    rules = ["---:" if series.dtype.is_numeric() else "---" for series in frame]
    lines = [_line(header), _line(rules)]
    lines += [_line([_cell(value, max_width) for value in row]) for row in shown.iter_rows()]
    if (hidden := frame.height - shown.height) > 0:
        lines += ["", f"*{hidden:,} more rows*" if hidden > 1 else "*1 more row*"]
    return "\n".join(lines)


def _without_parts(frame: pl.DataFrame) -> pl.DataFrame:
    # Years and ids are names: "2,024" is no year.
    names = [
        series.name
        for series in frame
        if series.dtype.is_integer() and column_of(series).kind in ("period", "identifier")
    ]
    return frame.with_columns(polars().col(names).cast(polars().String)) if names else frame


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any, max_width: int | None) -> str:
    if isinstance(value, float):
        # Fifteen digits are all that a float can tell, without the noise behind them.
        return f"{value:,.15g}" if math.isfinite(value) else ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}" if isinstance(value, int) else f"{value:,f}"
    # A line break would end the row.
    text = " ".join(text_of(value).split())
    if max_width is not None and len(text) > max_width:
        text = f"{text[: max_width - 1]}…"
    return text.translate(_MARKS)
