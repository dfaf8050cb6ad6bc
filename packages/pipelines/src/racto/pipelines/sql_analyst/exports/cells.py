"""Values of any type as text, numbers and JSON, so that a file says what the database said."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from racto.pipelines.sql_analyst.libraries import polars

if TYPE_CHECKING:
    import polars as pl

# Blanks before the sign do not stop every program, and full-width signs count with some.
_RISKY_TEXT = (
    r"^[\s\x{a0}\x{3000}\x{feff}\x{200b}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|^[\t\r\n]"
)
_RISKY = re.compile(re.sub(r"\\x\{(\w+)\}", lambda found: chr(int(found[1], 16)), _RISKY_TEXT))


def json_value(value: Any) -> Any:
    """A value as JSON has it.

    A Decimal is a string, because a float would change it; so are times, with their offset, and
    bytes, as base64. NaN and the infinities are null.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set) or hasattr(value, "to_list"):
        return [json_value(one) for one in value]
    return text_of(value)


def text_of(value: Any) -> str:
    """A value as text that reads back without loss: ISO times, base64, JSON of nested values."""
    if value is None:
        return ""
    # Before numbers, because a flag is an int to Python.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Mapping | list | tuple | set) or hasattr(value, "to_list"):
        return json.dumps(json_value(value), ensure_ascii=False)
    return str(value)


def duration_text(value: timedelta) -> str:
    """A duration as ISO 8601 writes it: ``P1DT2H3M4.5S``."""
    # In whole numbers: total_seconds would lose the last digits of long ones.
    micros = round(value / timedelta(microseconds=1))
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    exact = f"{seconds}.{micros:06d}".rstrip("0") if micros else str(seconds)
    return f"{sign}P{days}DT{hours}H{minutes}M{exact}S"


def is_risky(text: str) -> bool:
    """Whether a spreadsheet might reckon a text instead of showing it."""
    return _RISKY.search(text) is not None


def flat(frame: pl.DataFrame, *, guard_formulas: bool) -> pl.DataFrame:
    """A frame whose columns are numbers, flags, or text that reads back; for CSV.

    Args:
        frame: Any frame.
        guard_formulas: Whether text that begins like a formula gets an apostrophe before it.
    """
    return frame.select([_flat(series, guard_formulas=guard_formulas) for series in frame])


def _flat(series: pl.Series, *, guard_formulas: bool) -> pl.Series:
    library = polars()
    dtype = series.dtype
    if dtype.is_numeric() or dtype == library.Boolean or dtype == library.Null:
        return series
    if dtype == library.Date:
        return series.dt.to_string("%Y-%m-%d")
    if dtype in (library.String, library.Categorical, library.Enum):
        text = series.cast(library.String)
    else:
        # No column operation writes these without loss.
        values = [None if value is None else text_of(value) for value in series.to_list()]
        text = library.Series(series.name, values, dtype=library.String)
    if not guard_formulas or dtype.is_temporal():
        return text
    risky = text.str.contains(_RISKY_TEXT)
    if not risky.any():
        return text
    marked = library.select(library.when(risky).then("'" + text).otherwise(text).alias(series.name))
    return cast("pl.Series", marked.to_series())
