"""Which chart fits a result: by the kinds of its columns, without asking a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.pipelines.sql_analyst.exports.frames import as_frame

from .columns import Column, columns_of
from .completion import completed
from .specs import AUTO, ChartSpec

_MOST_SERIES = 8
_MOST_MEASURES = 4
_BOX_GROUP = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartChoice:
    """A chart that was chosen, or why there is none.

    Attributes:
        spec: The chart, with type and columns named; None for no chart.
        reason: Why this chart, or why none.
    """

    spec: ChartSpec | None
    reason: str


def choose(frame: Any, chart: ChartSpec | Mapping[str, Any] | str = AUTO) -> ChartChoice:
    """The chart that fits a result; a type or columns that the spec names are kept.

    Dates make a line, a category and a number bars, two numbers a scatter. A year, a month or an
    id is never taken for a measure.

    Args:
        frame: The rows: a frame of Polars or pandas, or a list of dictionaries.
        chart: What is asked for.

    Raises:
        ChartError: If the spec is wrong, or names a column that is not there.
    """
    spec = ChartSpec.of(chart)
    return chosen(spec, columns_of(as_frame(frame)))


def chosen(spec: ChartSpec, columns: list[Column]) -> ChartChoice:
    """The chart that fits these columns; see :func:`choose`.

    Args:
        spec: What is asked for.
        columns: All columns of the result.

    Raises:
        ChartError: If the spec names a column that is not there, or that cannot do what it should.
    """
    if spec.chart_type != AUTO or spec.x is not None or spec.y is not None:
        return ChartChoice(spec=completed(spec, columns), reason="as it was asked for")
    choice = automatic(columns)
    if choice.spec is None:
        return choice
    found = choice.spec.model_dump(include={"chart_type", "x", "y", "color"}, exclude_none=True)
    # What was asked for without naming columns, such as a title, stays.
    return ChartChoice(spec=spec.model_copy(update=found), reason=choice.reason)


def automatic(columns: list[Column]) -> ChartChoice:
    """The chart for these columns.

    Args:
        columns: All columns of the result.
    """
    rows = len(columns[0].values) if columns else 0
    if rows < 2:
        return _none("no rows" if rows == 0 else "one row is said better than drawn")
    measures = [column for column in columns if column.kind == "number"]
    times = [c for c in columns if c.kind in ("time", "period") and c.distinct > 1]
    times.sort(key=lambda column: column.kind != "time")
    names = [c for c in columns if c.kind == "category" and c.distinct > 0]
    keys = [column for column in columns if column.kind == "identifier"]
    if measures and times:
        return _by_year(times, measures, names) or _over_time(times[0], measures, names)
    if measures and (names or keys):
        return _by_name(names or keys[:1], measures, rows)
    if measures:
        return _only_measures(measures, rows)
    return _only_names(times, names, rows)


def _by_year(
    times: list[Column], measures: list[Column], names: list[Column]
) -> ChartChoice | None:
    """A line a year along its months, where both stand in columns of their own."""
    if len(times) < 2 or times[0].kind != "period" or any(c.distinct > 1 for c in names):
        return None
    coarse, *_, fine = sorted(times, key=lambda column: column.distinct)
    # One part alone would add up what the other tells apart.
    if fine.distinct == len(fine.values) or coarse.distinct > _MOST_SERIES:
        return None
    return ChartChoice(
        spec=_spec("line", x=fine, y=measures[:1], color=coarse.name),
        reason=f"{fine.name} has an order, and each {coarse.name} is a line along it",
    )


def _over_time(time: Column, measures: list[Column], names: list[Column]) -> ChartChoice:
    series = [c for c in names if c.distinct > 1 and c.distinct < len(c.values)]
    series.sort(key=lambda column: column.distinct)
    # One name a row parts nothing: each line would be a single point.
    color = series[0].name if series else None
    shown = measures[:1] if color else measures[:_MOST_MEASURES]
    return ChartChoice(
        spec=_spec("line", x=time, y=shown, color=color),
        reason=f"{time.name} has an order, and the rest is measured along it",
    )


def _by_name(names: list[Column], measures: list[Column], rows: int) -> ChartChoice:
    # The finest name goes along the axis, the coarser one into the colours.
    ordered = sorted(names[:3], key=lambda column: -column.distinct)
    axis = ordered[0]
    color = next((c for c in reversed(ordered[1:]) if 1 < c.distinct < rows), None)
    if axis.distinct < 2:
        return _only_measures(measures, rows)
    if color is not None and axis.distinct < rows:
        return _crossed(axis, color, measures[0])
    if axis.distinct == rows or len(names) == 1:
        color = None
    if axis.distinct * _BOX_GROUP <= rows and axis.distinct <= _MOST_SERIES * 2:
        return ChartChoice(
            spec=_spec("box", x=axis, y=measures[:1]),
            reason=f"many rows for each {axis.name} are a distribution",
        )
    return ChartChoice(
        spec=_spec("bar", x=axis, y=measures[:_MOST_MEASURES]),
        reason=f"each {axis.name} has a number",
    )


def _crossed(axis: Column, color: Column, measure: Column) -> ChartChoice:
    reason = f"each pair of {axis.name} and {color.name} has a number"
    if color.distinct > _MOST_SERIES:
        return ChartChoice(
            spec=_spec("heatmap", x=color, y=[axis], color=measure.name), reason=reason
        )
    return ChartChoice(spec=_spec("bar", x=axis, y=[measure], color=color.name), reason=reason)


def _only_measures(measures: list[Column], rows: int) -> ChartChoice:
    if len(measures) == 1:
        if rows < 5:
            return _none("a few numbers without names are said better than drawn")
        return ChartChoice(
            spec=_spec("histogram", x=measures[0], y=[]), reason="one number, many times"
        )
    return ChartChoice(
        spec=_spec("scatter", x=measures[0], y=measures[1:2]), reason="two numbers a row"
    )


def _only_names(times: list[Column], names: list[Column], rows: int) -> ChartChoice:
    for column in [*names, *times]:
        # How often each comes is all that names alone can tell.
        if column.distinct > 1 and column.distinct * 2 <= rows:
            kind = "histogram" if column.kind == "time" else "bar"
            return ChartChoice(
                spec=_spec(kind, x=column, y=[]), reason=f"how often each {column.name} comes"
            )
    return _none("nothing in the rows is measured; names and numbers that only name make no chart")


def _none(reason: str) -> ChartChoice:
    return ChartChoice(spec=None, reason=reason)


def _spec(kind: str, *, x: Column | None, y: list[Column], color: str | None = None) -> ChartSpec:
    measures = [column.name for column in y]
    return ChartSpec(
        chart_type=kind,
        x=x.name if x else None,
        y=measures[0] if len(measures) == 1 else measures or None,
        color=color,
    )
