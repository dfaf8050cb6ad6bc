"""Heatmaps: a number for each pair of names, or for each name and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.libraries import polars

from .axes import along
from .columns import Column
from .marks import Drawing, Subject
from .palette import DIVERGING, SEQUENTIAL
from .tables import COLOR, Table, X, gathered, largest, places_of, sorted_along
from .wording import plain, readable

if TYPE_CHECKING:
    import polars as pl

_MOST_NAMES = 40
_MOST_TEXTS = 120


def heatmap(subject: Subject) -> Drawing:
    """A heatmap: of x and y with the colour as value, or of x and several measures."""
    x, measures = subject.axis, subject.measures
    if len(measures) == 1 and measures[0].kind != "number":
        return _of_pairs(subject, x, measures[0], subject.color)
    # Without a second name the measures are the other side.
    table = _limited(gathered(x, measures), x)
    frame = table.frame
    grid = [frame[name].to_list() for name in table.measures]
    title = f"{', '.join(table.titles[:3])} by {readable(x.name).lower()}"
    return Drawing(
        traces=[_cells(places_of(frame[X]), [plain(title) for title in table.titles], grid)],
        layout=_layout(subject, x, places_of(frame[X]), None),
        title=title,
        notes=table.notes,
    )


def _of_pairs(subject: Subject, x: Column, y: Column, value: Column | None) -> Drawing:
    pl = polars()
    # The second name stands where a colour does elsewhere, so that pairs are gathered alike.
    table = gathered(x, [value] if value else [], y)
    table = _limited(table, x)
    rows = _side(table, y)
    across = table.frame[X].unique(maintain_order=True)
    down = rows.to_list()
    places = {name: at for at, name in enumerate(across.to_list())}
    lines = {name: at for at, name in enumerate(down)}
    grid: list[list[Any]] = [[None] * len(places) for _ in lines]
    for at, name, number in table.frame.select(X, COLOR, "0").iter_rows():
        # A row of names that was left out has no place in the grid.
        if name in lines:
            grid[lines[name]][places[at]] = number
    notes = table.notes
    if (hidden := table.frame[COLOR].n_unique() - len(lines)) > 0:
        notes = (*notes, f"{len(lines)} of {len(lines) + hidden:,} rows of names")
    names = places_of(across)
    heights = places_of(pl.Series(down, dtype=rows.dtype))
    what = table.titles[0]
    return Drawing(
        traces=[_cells(names, heights, grid, what)],
        layout=_layout(subject, x, names, y, heights),
        title=f"{what} by {readable(x.name).lower()} and {readable(y.name).lower()}",
        notes=notes,
    )


def _limited(table: Table, x: Column) -> Table:
    if x.kind in ("category", "identifier"):
        return largest(table, X, _MOST_NAMES)
    return sorted_along(table, x)


def _side(table: Table, y: Column) -> pl.Series:
    if y.kind == "period":
        known = set(table.frame[COLOR].to_list())
        names: pl.Series = polars().Series([name for name in y.order if name in known])
        return names
    if y.kind == "time":
        return table.frame[COLOR].unique().sort().tail(_MOST_NAMES)
    ordered = largest(table, COLOR, _MOST_NAMES)
    return ordered.frame[COLOR].unique(maintain_order=True)


def _cells(
    names: list[Any], heights: list[Any], grid: list[list[Any]], what: str = ""
) -> dict[str, Any]:
    values = [number for row in grid for number in row if number is not None]
    mixed = bool(values) and min(values) < 0 < max(values)
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": names,
        "y": heights,
        "z": grid,
        "colorscale": DIVERGING if mixed else SEQUENTIAL,
        "colorbar": {"title": {"text": plain(what)}, "exponentformat": "SI"},
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": "%{x}, %{y}: %{z:,.6~g}<extra></extra>",
    }
    if mixed:
        # Zero is the middle: one hand gains, the other loses.
        trace["zmid"] = 0
    if len(values) <= _MOST_TEXTS:
        trace["texttemplate"] = "%{z:,.4~g}"
    return trace


def _layout(
    subject: Subject,
    x: Column,
    names: list[Any],
    y: Column | None,
    heights: list[Any] | None = None,
) -> dict[str, Any]:
    across = along(x, label=subject.spec.x_label, values=names)
    label = subject.spec.y_label
    if y is None:
        down: dict[str, Any] = {"title": {"text": plain(label or "")}, "type": "category"}
    else:
        down = along(y, label=label, values=heights)
    # Read from above, as a table is.
    down["autorange"] = "reversed"
    across["showgrid"] = down["showgrid"] = False
    return {"xaxis": across, "yaxis": down, "height": max(450, 24 * len(heights or []) + 170)}
