"""What each column of a result is: a measure, a time, a category, or a number that only names."""

# ruff: noqa: SIM905 - a block of names reads better than a list of quoted ones
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from racto.pipelines.sql_analyst.libraries import polars

from .wording import words_of

if TYPE_CHECKING:
    import polars as pl

Kind: TypeAlias = Literal["number", "time", "period", "category", "identifier", "none"]
"""What a column can do on a chart.

``number`` is measured; ``time`` is a date; ``period`` has an order and is no date, such as a year,
a month's name or a quarter; ``category`` and ``identifier`` name things; ``none`` cannot be drawn.
"""

# The largest whole number that a double tells from its neighbours.
_EXACT = 2**53
_NAMING = frozenset(
    "id ids uuid guid key pk fk code zip zipcode postcode phone iban sku isbn ean no index rank rownum"
    " position ssn".split()
)
_PERIODS = {
    "year": (1000, 2999),
    "yr": (1000, 2999),
    "fy": (1000, 2999),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (0, 53),
    "weekday": (0, 7),
    "dow": (0, 7),
    "day": (1, 31),
    "hour": (0, 23),
}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
# Sums of these say nothing, so no bar of "others" is made of them.
_NOT_ADDITIVE = frozenset(
    "avg average mean median rate ratio percent percentage pct share price min max minimum maximum"
    " std stddev variance score rating age temperature rank margin per"
    " conversion ctr cvr churn aov arpu nps roi roas".split()
)
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?)?")
_PERIOD = r"^(?:\d{4}|\d{4}[-/ ]?(?:Q[1-4]|W\d{1,2})|Q[1-4](?:[-/ ]\d{4})?)$"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column, ready to be drawn.

    Attributes:
        name: Its name in the frame.
        kind: What it can do on a chart.
        values: A Polars series: floats or integers of a number, dates and naive datetimes of a
            time, texts of all others.
        distinct: Distinct values, NULL left out; 0 where nobody asks, for numbers.
        order: The values of a period, first to last.
        zone: Name of the time zone in which the values are told.
    """

    name: str
    kind: Kind
    values: pl.Series
    distinct: int = 0
    order: tuple[str, ...] = ()
    zone: str = ""

    @property
    def is_naming(self) -> bool:
        """Whether it can stand along an axis of names."""
        return self.kind in ("category", "identifier", "period")

    @property
    def is_additive(self) -> bool:
        """Whether a sum over its values means something; told by its name."""
        return not _NOT_ADDITIVE.intersection(words_of(self.name))


def only_names(column: str) -> bool:
    """Whether a column's name says that its numbers only name, such as an id or a post code."""
    return (words_of(column) or [""])[-1] in _NAMING


def columns_of(frame: pl.DataFrame) -> list[Column]:
    """The columns of a frame, in their order."""
    return [column_of(series) for series in frame]


def column_of(series: pl.Series) -> Column:
    """What one column is, by its type, its name and its values."""
    pl = polars()
    dtype = series.dtype
    if series.null_count() == len(series):
        return Column(name=series.name, kind="none", values=series)
    if dtype.is_numeric():
        return _number(series)
    if dtype == pl.Date or dtype == pl.Datetime:
        return _time(series, zone=getattr(dtype, "time_zone", None) or "")
    if dtype == pl.Duration:
        hours = series.dt.total_microseconds() / 3.6e9
        return Column(name=series.name, kind="number", values=hours)
    if dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Time, pl.Boolean):
        # Lists, objects, bytes, and what an extension of polars may bring.
        return Column(name=series.name, kind="none", values=series)
    if dtype == pl.Boolean:
        return _category(series.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String))
    text = series.cast(pl.String)
    return _date_in_text(text) or _period_in_text(text) or _category(text)


def _number(series: pl.Series) -> Column:
    pl = polars()
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    if series.dtype.is_float():
        # Neither is a place on an axis, and JSON has no word for them.
        series = series.set(~series.is_finite(), None)
    last = (words_of(series.name) or [""])[-1]
    if last in _PERIODS and _lies_within(series, *_PERIODS[last]):
        if "per" in words_of(series.name):
            return Column(name=series.name, kind="number", values=series)
        return _period(series.cast(pl.Int64))
    if series.dtype.is_integer() and only_names(series.name):
        return _category(series.cast(pl.String), kind="identifier")
    if series.dtype.is_integer() and not _lies_within(series, -_EXACT, _EXACT):
        # A page counts in doubles, and its JSON refuses what 64 bits do not hold.
        series = series.cast(pl.Float64)
    return Column(name=series.name, kind="number", values=series)


def _lies_within(series: pl.Series, low: int, high: int) -> bool:
    # Databases tell EXTRACT(YEAR ...) as a fraction or a Decimal.
    if not series.dtype.is_integer() and ((series % 1) != 0).any():
        return False
    least, most = series.min(), series.max()
    return least is not None and bool(low <= least and most <= high)  # type: ignore[operator]


def _period(series: pl.Series) -> Column:
    order = tuple(str(value) for value in series.drop_nulls().unique().sort().to_list())
    text = series.cast(polars().String)
    return Column(name=series.name, kind="period", values=text, distinct=len(order), order=order)


def _time(series: pl.Series, *, zone: str = "") -> Column:
    # A page knows no zones and would move the times to its own; the wall clock stays.
    values = series.dt.replace_time_zone(None) if zone else series
    distinct = values.drop_nulls().n_unique()
    return Column(name=series.name, kind="time", values=values, distinct=distinct, zone=zone)


def _category(series: pl.Series, *, kind: Kind = "category") -> Column:
    known = series.drop_nulls()
    if only_names(series.name) and known.n_unique() == len(known):
        kind = "identifier"
    return Column(name=series.name, kind=kind, values=series, distinct=known.n_unique())


def _date_in_text(text: pl.Series) -> Column | None:
    """SQLite keeps dates as text; months come so from every database."""
    pl = polars()
    known = text.drop_nulls()
    if not _DATE.fullmatch(known[0]):
        return None
    if not known.str.contains(f"^{_DATE.pattern}$").all():
        return None
    long = text.str.replace(r"^(\d{4}-\d{2})$", "$1-01").str.replace(" ", "T", literal=True)
    if (long.str.len_chars() > 10).any():
        full = pl.when(long.str.len_chars() == 10).then(long + "T00:00").otherwise(long)
        long = pl.select(full.alias(text.name)).to_series()
        values = long.str.to_datetime(strict=False, time_unit="us")
    else:
        values = long.str.to_date(strict=False)
    # "2024-13" looks like a month and is none.
    return _time(values) if values.null_count() == text.null_count() else None


def _period_in_text(text: pl.Series) -> Column | None:
    known = text.drop_nulls()
    values = known.unique()
    last = (words_of(text.name) or [""])[-1]
    digits = values.str.contains(r"^\d{1,2}$").all()
    if len(values) <= 1000 and (
        values.str.contains(_PERIOD).all() or (digits and last in _PERIODS)
    ):
        order = tuple(values.sort().to_list())
        return Column(name=text.name, kind="period", values=text, distinct=len(order), order=order)
    return _named_period(text, values.to_list()) if len(values) <= 12 else None


def _named_period(text: pl.Series, values: list[str]) -> Column | None:
    for calendar in (_DAYS, _MONTHS):
        places: dict[str, int] = {}
        for value in values:
            low = value.strip().lower().rstrip(".")
            found = [at for at, name in enumerate(calendar) if low in (name, name[:3])]
            if not found:
                break
            places[value] = found[0]
        # One "May" or "Sun" alone may well be a name.
        if len(places) == len(values) > 1:
            order: Any = tuple(sorted(places, key=places.__getitem__))
            return Column(
                name=text.name, kind="period", values=text, distinct=len(order), order=order
            )
    return None
