"""What rows say in numbers: their cells, and what follows from them, reckoned only when needed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.libraries import polars

if TYPE_CHECKING:
    import polars as pl

_MOST_SHARES = 200
_MOST_PAIRS = 12
_MOST_GROUPS = 100
_MOST_CROSSED = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A number that follows from the rows.

    Attributes:
        value: The number; a share is a fraction of one.
        source: Where it is from, in words: ``sum of revenue``.
        is_ratio: Whether it may be told in per cent.
    """

    value: float
    source: str
    is_ratio: bool = False


class Ledger:
    """Facts, found by a range of values.

    Args:
        facts: The facts, in any order.
    """

    __slots__ = ("_facts", "_values")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = sorted(facts, key=lambda fact: fact.value)
        self._values = [fact.value for fact in self._facts]

    def find(self, low: float, high: float) -> str:
        """The source of a fact between two values, both included; empty when there is none."""
        at = bisect_left(self._values, low)
        if at < len(self._values) and self._values[at] <= high:
            return self._facts[at].source
        return ""


def numeric_columns(frame: pl.DataFrame) -> list[pl.Series]:
    """The columns of numbers as finite floats, without NULL; durations in seconds."""
    pl = polars()
    found = []
    for series in frame:
        dtype = series.dtype
        if dtype == pl.Duration:
            series = series.dt.total_microseconds() / 1e6
        elif not dtype.is_numeric():
            continue
        floats = series.cast(pl.Float64)
        if floats.null_count():
            floats = floats.drop_nulls()
        if dtype.is_float():
            floats = floats.filter(floats.is_finite())
        if len(floats):
            found.append(floats)
    return found


def aggregates(frame: pl.DataFrame, columns: list[pl.Series]) -> Iterator[Fact]:
    """Counts of the rows, and sum, mean, middle, extremes and spread of each column."""
    # Answers count before they say anything else.
    yield Fact(value=float(frame.height), source="number of rows")
    for series in frame:
        if series.dtype.is_nested() or series.dtype == polars().Object:
            continue
        # Nobody counts the distinct values of fractions, and it is slow.
        if not series.dtype.is_float():
            yield Fact(value=float(series.n_unique()), source=f"distinct values of {series.name}")
        if nulls := series.null_count():
            yield Fact(value=float(nulls), source=f"empty values of {series.name}")
            yield Fact(value=float(len(series) - nulls), source=f"values of {series.name}")
    for column in columns:
        yield from _of_column(column)


def _of_column(column: pl.Series) -> Iterator[Fact]:
    name = column.name
    # All are floats here, which the stubs of polars cannot know.
    low, high, total, first, last = map(
        float,
        [column.min(), column.max(), column.sum(), column[0], column[-1]],
    )
    told: list[tuple[str, Any]] = [
        ("sum", total),
        ("mean", column.mean()),
        ("median", column.median()),
        ("range", high - low),
        ("standard deviation", column.std()),
        ("lower quartile", column.quantile(0.25, "linear")),
        ("upper quartile", column.quantile(0.75, "linear")),
        ("first to last difference", last - first),
    ]
    is_share = _holds_shares(low, high)
    for what, value in told:
        if value is not None:
            yield Fact(value=float(value), source=f"{what} of {name}")
            if is_share:
                yield Fact(value=float(value), source=f"{what} of {name}", is_ratio=True)
    if first:
        yield Fact(value=last / first - 1, source=f"first to last change of {name}", is_ratio=True)
    if low:
        yield Fact(value=high / low, source=f"highest by lowest of {name}", is_ratio=True)


def _holds_shares(low: float, high: float) -> bool:
    """Whether a column may hold fractions of one, which people tell in per cent."""
    return low >= -1 and high <= 1


def comparisons(columns: list[pl.Series]) -> Iterator[Fact]:
    """Shares of the whole, steps from row to row, and sums of the largest, of short results.

    Of long ones so many would follow that any number would seem to.
    """
    for column in columns:
        # A share of 10,000 rows would bear any small percentage out.
        if not 2 <= len(column) <= _MOST_SHARES:
            continue
        values, name = column.to_list(), column.name
        total = float(column.sum())
        if total:
            for value in values:
                yield Fact(value=value / total, source=f"share of {name}", is_ratio=True)
            yield from _of_largest(values, total, name)
        is_short = len(values) <= _MOST_PAIRS
        is_share = _holds_shares(min(values), max(values))
        for before, after in permutations(values, 2) if is_short else pairwise(values):
            yield Fact(value=after - before, source=f"difference of {name}")
            # The distance of two shares is told in percentage points.
            if is_share:
                yield Fact(value=after - before, source=f"difference of {name}", is_ratio=True)
            if before:
                yield Fact(value=after / before - 1, source=f"change of {name}", is_ratio=True)
                yield Fact(value=after / before, source=f"ratio of {name}", is_ratio=True)


def _of_largest(values: list[float], total: float, name: str) -> Iterator[Fact]:
    is_share = _holds_shares(min(values), max(values))
    # Both the largest, and the first as the rows come, are called the top by one or the other.
    for order in (sorted(values, reverse=True), values):
        running = order[0]
        for count, value in enumerate(order[1:10], 2):
            running += value
            source = f"sum of {count} of {name}"
            yield Fact(value=running, source=source)
            if is_share:
                yield Fact(value=running, source=source, is_ratio=True)
            yield Fact(value=running / total, source=f"share of the {source}", is_ratio=True)
            yield Fact(value=running / count, source=f"mean of {count} of {name}")


def crossings(columns: list[pl.Series]) -> Iterator[Fact]:
    """Differences, sums and ratios of two columns, row by row, and of their sums."""
    for one in columns:
        for other in columns:
            if one is other:
                continue
            name = f"{one.name} and {other.name}"
            pairs = [(float(one.sum()), float(other.sum()))]
            if len(one) == len(other) <= _MOST_CROSSED:
                pairs += list(zip(one.to_list(), other.to_list(), strict=True))
            for left, right in pairs:
                is_share = _holds_shares(min(left, right), max(left, right))
                yield Fact(value=left - right, source=f"difference of {name}")
                if is_share:
                    yield Fact(value=left - right, source=f"difference of {name}", is_ratio=True)
                if right:
                    yield Fact(value=left / right, source=f"ratio of {name}", is_ratio=True)
                    yield Fact(
                        value=left / right - 1, source=f"difference of {name}", is_ratio=True
                    )


def groupings(frame: pl.DataFrame, columns: list[pl.Series]) -> Iterator[Fact]:
    """Counts, sums and means of the rows of each name, where names repeat."""
    pl = polars()
    for series in frame:
        if series.dtype not in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
            continue
        # One group is the whole, and a group a row is a cell.
        if not 1 < series.n_unique() <= min(_MOST_GROUPS, frame.height - 1):
            continue
        # Short names of our own: any name may be that of a column already.
        whole = [column for column in columns if len(column) == frame.height]
        values = [column.alias(str(at)) for at, column in enumerate(whole)]
        groups = pl.DataFrame([series.alias("key"), *values]).group_by("key")
        made = groups.agg(
            pl.len().alias("rows"),
            pl.all().sum().name.prefix("s"),
            pl.all().mean().name.prefix("m"),
        )
        for count in made["rows"].to_list():
            yield Fact(value=float(count), source=f"rows of one {series.name}")
            share = count / frame.height
            yield Fact(value=share, source=f"share of rows of one {series.name}", is_ratio=True)
        for at, column in enumerate(whole):
            where = f"{column.name} of one {series.name}"
            yield from _of_groups(made[f"s{at}"].to_list(), made[f"m{at}"].to_list(), where)


def _of_groups(sums: list[float], means: list[float], where: str) -> Iterator[Fact]:
    total = sum(sums)
    for number, mean in zip(sums, means, strict=True):
        yield Fact(value=number, source=f"sum of {where}")
        yield Fact(value=mean, source=f"mean of {where}")
        if total:
            yield Fact(value=number / total, source=f"share of {where}", is_ratio=True)
