"""Looks a number of an answer up in the rows, the likeliest places first, each built when needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from racto.pipelines.sql_analyst.charts.columns import only_names
from racto.pipelines.sql_analyst.libraries import polars

from .facts import (
    Fact,
    Ledger,
    aggregates,
    comparisons,
    crossings,
    groupings,
    numeric_columns,
)
from .mentions import Mention, Reading, mentions_in

if TYPE_CHECKING:
    import polars as pl


class Evidence:
    """One frame, and all that is known from it.

    Args:
        frame: The rows.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._columns = numeric_columns(frame)
        self._ledgers: dict[str, tuple[Ledger, Ledger]] = {}

    @property
    def height(self) -> int:
        """Number of rows."""
        return self._frame.height

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return self._frame.columns

    def sources(self, mentions: list[Mention]) -> list[str]:
        """Where each number is from; empty where it is from nowhere.

        Args:
            mentions: Numbers and dates of the answer.
        """
        found = self._in_cells(mentions)
        # Cheap ones first; most numbers never reach the last.
        steps: tuple[Callable[[Mention], str], ...] = (
            lambda mention: self._derived(mention, "aggregates", self._aggregates),
            lambda mention: self._derived(mention, "comparisons", self._comparisons),
            lambda mention: self._derived(mention, "crossings", self._crossings),
            lambda mention: self._derived(mention, "groupings", self._groupings),
            self._as_date,
        )
        for step in steps:
            found = [
                source or step(mention) for source, mention in zip(found, mentions, strict=True)
            ]
        return self._in_texts(mentions, found)

    def _in_cells(self, mentions: list[Mention]) -> list[str]:
        ranges = [
            (place, low, high)
            for place, mention in enumerate(mentions)
            for low, high in [*_plain_ranges(mention), *(_shares(mention))]
        ]
        found = [""] * len(mentions)
        if not ranges:
            return found
        # One search for both ends: the next float behind a range is the first that is not in it.
        points = [low for _, low, _ in ranges]
        points += [math.nextafter(high, math.inf) for _, _, high in ranges]
        # Numbers that only name would bear any whole percentage out.
        ids = {
            each.name for each in self._frame if each.dtype.is_integer() and only_names(each.name)
        }
        wanted = polars().Series(points, dtype=polars().Float64)
        still = {place for place, _, _ in ranges}
        for column in self._columns:
            places = column.sort().search_sorted(wanted, side="left").to_list()
            behind = places[len(ranges) :]
            for at, (place, _, _) in enumerate(ranges):
                if mentions[place].is_percent and column.name in ids:
                    continue
                if behind[at] > places[at] and not found[place]:
                    found[place] = f"cell of {column.name}"
                    still.discard(place)
            # Most answers quote few columns; the others need no sorting.
            if not still:
                break
        return found

    def _derived(self, mention: Mention, name: str, make: Callable[[], Iterable[Fact]]) -> str:
        if not mention.readings:
            return ""
        if name not in self._ledgers:
            facts = list(make())
            self._ledgers[name] = (
                Ledger(fact for fact in facts if not fact.is_ratio),
                Ledger(fact for fact in facts if fact.is_ratio),
            )
        plain, ratios = self._ledgers[name]
        for low, high in _plain_ranges(mention):
            if source := plain.find(low, high):
                return source
        for low, high in _shares(mention):
            if source := ratios.find(low, high):
                return source
        return ""

    def _aggregates(self) -> Iterable[Fact]:
        return aggregates(self._frame, self._columns)

    def _comparisons(self) -> Iterable[Fact]:
        return comparisons(self._columns)

    def _crossings(self) -> Iterable[Fact]:
        # More columns give more pairs than a reader could follow.
        return crossings(self._columns) if len(self._columns) <= 4 else ()

    def _groupings(self) -> Iterable[Fact]:
        return groupings(self._frame, self._columns)

    def _as_date(self, mention: Mention) -> str:
        times = [
            series for series in self._frame if series.dtype in (polars().Date, polars().Datetime)
        ]
        dates = list(mention.dates)
        # A year alone is written as a number.
        if len(mention.text) == 4 and mention.text.isdigit():
            dates = [(int(mention.text), 0, 0)]
        for year, month, day in dates:
            for series in times:
                fits = series.is_not_null()
                for wanted, part in ((year, "year"), (month, "month"), (day, "day")):
                    if wanted:
                        fits = fits & (getattr(series.dt, part)() == wanted)
                if fits.any():
                    return f"date of {series.name}"
            if mention.dates and self._in_parts(mention, (year, month, day)):
                return "year, month and day in cells"
        return ""

    def _in_parts(self, mention: Mention, parts: tuple[int, int, int]) -> bool:
        year, month, day = parts
        needed = [year, day] if mention.names_month else [year, month, day]
        numbers = [number for number in needed if number]
        alone = [
            Mention(
                text=str(number),
                start=0,
                end=0,
                readings=(Reading(value=float(number), tolerance=0.0),),
            )
            for number in numbers
        ]
        return bool(numbers) and all(self._in_cells(alone))

    def _in_texts(self, mentions: list[Mention], found: list[str]) -> list[str]:
        """Numbers that are part of a name or a text in a cell, such as "Model 500"."""
        open_ones = [mention for mention, source in zip(mentions, found, strict=True) if not source]
        if not open_ones:
            return found
        keys = {mention.text: _spellings(mention) for mention in open_ones}
        wanted = sorted({key for spellings in keys.values() for key in spellings})
        known: dict[str, str] = {}
        for series in self._texts():
            likely = series.filter(series.str.contains_any(wanted)).head(10_000)
            for text in likely.to_list():
                for key in _spelled_in(text):
                    known.setdefault(key, f"text of {series.name}")
        return (
            [
                source or next((known[key] for key in keys[mention.text] if key in known), "")
                for mention, source in zip(mentions, found, strict=True)
            ]
            if known
            else found
        )

    def _texts(self) -> Iterable[pl.Series]:
        pl = polars()
        for series in self._frame:
            if series.dtype == pl.String:
                yield series.drop_nulls().unique()
            elif series.dtype in (pl.Datetime, pl.Time):
                yield series.drop_nulls().dt.to_string("%H:%M").unique()
            elif series.dtype in (pl.Categorical, pl.Enum):
                yield series.drop_nulls().unique().cast(pl.String)


def spelled_numbers(text: str) -> frozenset[str]:
    """The spellings of all numbers and dates in a text, for those that a question names."""
    return frozenset(_spelled_in(text))


def spellings(mention: Mention) -> frozenset[str]:
    """The spellings under which a number or date may stand in another text."""
    return frozenset(_spellings(mention))


def _spelled_in(text: str) -> set[str]:
    spelled = {key for mention in mentions_in(text) for key in _spellings(mention)}
    # Inside a name the digits are no number, and are still what a name is quoted by.
    digits, run = set(), ""
    for sign in [*text, " "]:
        if sign.isdigit():
            run += sign
        elif run:
            digits.add(run)
            run = ""
    return spelled | digits


def _spellings(mention: Mention) -> set[str]:
    if mention.is_clock:
        return {mention.text.zfill(5)[:5]}
    if mention.dates:
        return {
            "-".join(
                part for part in (year and f"{year:04}", f"{month:02}", day and f"{day:02}") if part
            )
            for year, month, day in mention.dates
        }
    spelled = {mention.text.strip("+-\u2212 ")}
    for reading in mention.readings:
        value = reading.value
        spelled.add(f"{value:.0f}" if value.is_integer() else f"{value:.10g}")
    return spelled


def _plain_ranges(mention: Mention) -> list[tuple[float, float]]:
    """The ranges in which a fact bears the number out as it is written."""
    ranges = []
    for reading in mention.readings:
        low, high = reading.value - reading.tolerance, reading.value + reading.tolerance
        ranges.append((-high, -low))
        if not mention.is_signed:
            # "A loss of 500" is told without its sign.
            ranges.append((low, high))
    return ranges


def _shares(mention: Mention) -> list[tuple[float, float]]:
    """The ranges in which a fraction of one bears it out."""
    if mention.is_percent:
        return [(low / 100, high / 100) for low, high in _plain_ranges(mention)]
    if mention.is_ratio or any(not _is_whole(reading) for reading in mention.readings):
        return _plain_ranges(mention)
    return []


def _is_whole(reading: Reading) -> bool:
    return math.isclose(reading.value, round(reading.value)) and reading.tolerance >= 0.4
