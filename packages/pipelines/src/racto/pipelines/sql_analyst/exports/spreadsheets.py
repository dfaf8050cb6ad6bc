"""Excel files: real numbers, dates and flags; text is only ever text, never a formula."""

from __future__ import annotations

import io
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from racto.core.errors import ConfigurationError, MissingExtraError

from .cells import text_of

if TYPE_CHECKING:
    import polars as pl

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_LONGEST_TEXT = 32_767
# Excel's own numbers hold fifteen digits.
_MOST_DIGITS = 15
_LARGEST_EXACT = 1_000_000_000_000_000
_FIRST_DAY = date(1900, 3, 1)
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "time": "hh:mm:ss"}


def excel_bytes(frame: pl.DataFrame, *, sheet_name: str = "Results") -> bytes:
    """A frame as the bytes of an ``.xlsx`` file.

    Numbers of more than fifteen digits are text, because Excel would round them; times with a zone
    are text with their offset, because Excel knows no zones.

    Args:
        frame: Any frame.
        sheet_name: Name of the sheet; signs that Excel refuses are replaced.

    Raises:
        ConfigurationError: If a sheet cannot hold so many rows or columns.
        MissingExtraError: If xlsxwriter is not installed.
    """
    if frame.height >= _MOST_ROWS or frame.width > _MOST_COLUMNS:
        raise ConfigurationError(
            f"a sheet of Excel holds {_MOST_ROWS - 1:,} rows and {_MOST_COLUMNS:,} columns, and the "
            f"result has {frame.height:,} and {frame.width:,}; write Parquet or CSV"
        )
    held = io.BytesIO()
    # The three options are how xlsxwriter makes formulas and links of plain text.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = _library().Workbook(held, options)
    sheet = book.add_worksheet(_sheet_name(sheet_name))
    _fill(book, sheet, frame)
    book.close()
    return held.getvalue()


def _fill(book: Any, sheet: Any, frame: pl.DataFrame) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {name: book.add_format({"num_format": form}) for name, form in _FORMATS.items()}
    for place, series in enumerate(frame):
        sheet.write_string(0, place, series.name[:_LONGEST_TEXT], bold)
        widest = len(series.name)
        for row, value in enumerate(series.to_list(), 1):
            widest = max(widest, _write(sheet, row, place, value, formats))
        sheet.set_column(place, place, min(60, widest + 2))
    sheet.freeze_panes(1, 0)
    if frame.height and frame.width:
        sheet.autofilter(0, 0, frame.height, frame.width - 1)


def _write(sheet: Any, row: int, place: int, value: Any, formats: dict[str, Any]) -> int:
    """Write one cell and return how wide it is, in letters."""
    if value is None:
        return 0
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
        return 5
    if isinstance(value, int | float | Decimal) and _is_exact(value):
        sheet.write_number(row, place, float(value))
        return len(f"{value}"[:20])
    if (form := _time_format(value)) is not None:
        sheet.write_datetime(row, place, value, formats[form])
        return len(_FORMATS[form])
    text = text_of(value)
    sheet.write_string(row, place, text[:_LONGEST_TEXT])
    return len(text[:60])


def _is_exact(value: float | Decimal) -> bool:
    if isinstance(value, int):
        return abs(value) < _LARGEST_EXACT
    if isinstance(value, float):
        # Neither infinity nor NaN is a number to Excel.
        return math.isfinite(value)
    return bool(value.is_finite()) and len(value.normalize().as_tuple().digits) <= _MOST_DIGITS


def _time_format(value: Any) -> str | None:
    if isinstance(value, datetime):
        return "datetime" if value.tzinfo is None and value.date() >= _FIRST_DAY else None
    if isinstance(value, date):
        # Excel counts a day in 1900 that never was, and none before.
        return "date" if value >= _FIRST_DAY else None
    if isinstance(value, timedelta):
        return None
    return "time" if isinstance(value, time) and value.tzinfo is None else None


def _sheet_name(name: str) -> str:
    kept = "".join("_" if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("'")
    # A name that Excel keeps for itself.
    return kept if kept.strip() and kept.lower() != "history" else "Results"


def _library() -> Any:
    try:
        import xlsxwriter  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "xlsxwriter", install="racto-pipelines[excel]", purpose="Writing Excel files"
        ) from error
    return xlsxwriter
