"""A drawing before it is a figure: traces, layout, and notes on what is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from racto.pipelines.errors import ChartError

from .columns import Column
from .specs import ChartSpec
from .wording import listed, plain, readable


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is drawn: a completed spec and its columns.

    Attributes:
        spec: The spec, all columns named.
        x: The column along the axis; None for distributions of a whole column.
        measures: The columns of numbers.
        color: The column that parts the rows.
    """

    spec: ChartSpec
    x: Column | None
    measures: list[Column]
    color: Column | None

    @property
    def axis(self) -> Column:
        """The column along the axis, where the chart cannot be without one."""
        if self.x is None:
            raise ChartError(f"a {self.spec.chart_type} chart needs a column for x")
        return self.x

    def measure_title(self, titles: tuple[str, ...]) -> str:
        """The title of the axis of measures: the user's, the one measure's, or a word for many."""
        if self.spec.y_label is not None:
            return plain(self.spec.y_label)
        return plain(titles[0]) if len(titles) == 1 else "Value"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """Traces and layout, as plotly's JSON has them.

    Attributes:
        traces: One a series.
        layout: Axes and legend; looks come from the template.
        title: What is shown, in the data's own words; the user's title takes its place.
        notes: What was summed up, thinned out or left out.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any]
    title: str
    notes: tuple[str, ...] = field(default=())


def title_of(measures: tuple[str, ...], *others: Column | None) -> str:
    """A title such as "Revenue by region and year"."""
    # The first word alone keeps its capital, as in a sentence.
    by = [readable(column.name).lower() for column in others if column is not None]
    what = listed([name if place == 0 else name.lower() for place, name in enumerate(measures)])
    return f"{what} by {' and '.join(by)}" if by else what


def legend_of(column: Column | None) -> dict[str, Any]:
    """The legend's title: the name of the column that parts the rows."""
    if column is None:
        return {}
    return {"legend": {"title": {"text": plain(readable(column.name))}}, "showlegend": True}
