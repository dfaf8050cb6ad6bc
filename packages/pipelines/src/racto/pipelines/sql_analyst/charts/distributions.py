"""Distributions: exact histograms whatever the number of rows, boxes and violins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from racto.pipelines.sql_analyst.libraries import polars

from .axes import along, measured
from .columns import Column
from .marks import Drawing, Subject, legend_of, title_of
from .palette import colour
from .tables import (
    COLOR,
    X,
    gathered,
    largest,
    named,
    numbers_of,
    places_of,
    sampled,
    sorted_along,
    table_of,
)
from .wording import plain, readable

if TYPE_CHECKING:
    import polars as pl

_MOST_COLOURS = 8
# Seconds, what plotly calls a step of that length, and what polars does.
_STEPS: tuple[tuple[float, Any, str], ...] = (
    (60, 60_000, "1m"),
    (3600, 3_600_000, "1h"),
    (86_400, 86_400_000, "1d"),
    (7 * 86_400, 7 * 86_400_000, "1w"),
    (30 * 86_400, "M1", "1mo"),
    (365 * 86_400, "M12", "1y"),
)


def histogram(subject: Subject) -> Drawing:
    """Counts of rows in equal steps, counted here: a page gets the counts and not the rows."""
    x = subject.axis
    title = f"Distribution of {readable(x.name).lower()}"
    no_bins: dict[str, Any] = {}
    if x.is_naming:
        table = gathered(x, [])
        table = (
            sorted_along(table, x)
            if x.kind == "period"
            else largest(table, X, subject.spec.top, additive=True)
        )
        places, counts, bins = places_of(table.frame[X]), table.frame["0"].to_list(), no_bins
        notes, axis = table.notes, along(x, label=subject.spec.x_label, values=places)
    else:
        places, counts, bins = _binned(x)
        notes, axis = (), along(x, label=subject.spec.x_label)
    trace = {
        "type": "histogram",
        "x": places,
        "y": counts,
        "histfunc": "sum",
        "marker": {"color": colour(0), "line": {"color": "rgba(255,255,255,0.5)", "width": 1}},
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    } | bins
    label = subject.spec.y_label
    up = measured("", title=plain(label) if label is not None else "Rows")
    layout = {"xaxis": axis, "yaxis": up, "showlegend": False, "bargap": 0.02}
    return Drawing(traces=[trace], layout=layout, title=title, notes=notes)


def _binned(x: Column) -> tuple[list[Any], list[int], dict[str, Any]]:
    pl = polars()
    values = x.values.drop_nulls()
    if x.kind == "time":
        span = (values.max() - values.min()).total_seconds()  # type: ignore[operator,union-attr]
        step = next((s for s in _STEPS if span / s[0] <= 60), _STEPS[-1])
        starts = values.cast(pl.Datetime("us")).dt.truncate(step[2])
        counts = starts.alias("at").value_counts().sort("at")
        places = counts["at"].dt.to_string("%Y-%m-%dT%H:%M:%S").to_list()
        return places, counts["count"].to_list(), {"xbins": {"start": places[0], "size": step[1]}}
    size = _step(values)
    floats = values.cast(pl.Float64)
    bins = (floats / size).floor().alias("at").value_counts().sort("at")
    middles = ((bins["at"] + 0.5) * size).to_list()
    start = bins["at"][0] * size
    end = (bins["at"][-1] + 1) * size
    return middles, bins["count"].to_list(), {"xbins": {"start": start, "end": end, "size": size}}


def _step(values: pl.Series) -> float:
    """A round width of steps: of about Sturges' number of them, and at most 60."""
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    if low == high:
        return 1.0 if low == 0 else abs(low) / 10
    wanted = (high - low) / min(60, math.ceil(math.log2(len(values)) * 1.5) + 1)
    digit = 10.0 ** math.floor(math.log10(wanted))
    step = next(digit * factor for factor in (1, 2, 2.5, 5, 10) if digit * factor >= wanted)
    # Whole numbers have no values between two of them.
    return max(1.0, math.ceil(step)) if values.dtype.is_integer() else step


def boxes(subject: Subject) -> Drawing:
    """Boxes or violins, one a name and measure."""
    kind = subject.spec.chart_type
    x, color = subject.x, subject.color
    frame, notes = _grouped(subject)
    traces = []
    place = 0
    titles = tuple(readable(column.name) for column in subject.measures)
    parts = frame.partition_by(COLOR, maintain_order=True) if color else [frame]
    for part in parts[:_MOST_COLOURS]:
        for at, title in enumerate(titles):
            name = str(part[COLOR][0]) if color else title
            traces.append(_box(kind, part, str(at), plain(name), place, subject.spec.max_points))
            place += 1
    if len(parts) > _MOST_COLOURS:
        notes = (*notes, f"{_MOST_COLOURS} of {len(parts):,} colours")
    if kind == "violin" and frame.height > subject.spec.max_points:
        notes = (*notes, f"{subject.spec.max_points:,} of {frame.height:,} rows, drawn by lot")
    layout: dict[str, Any] = {f"{kind}mode": "group"} | legend_of(color)
    up = measured(subject.measures[0].name, title=subject.measure_title(titles))
    names = list(dict.fromkeys(places_of(frame[X]))) if x else None
    axis = along(x, label=subject.spec.x_label, values=names) if x else {"showticklabels": not x}
    many = len(titles) > 1 or color is not None
    layout |= {"yaxis": up, "xaxis": axis, "showlegend": bool(x) and many}
    title = f"Distribution of {title_of(titles, x, color).lower()}"
    return Drawing(traces=traces, layout=layout, title=title, notes=notes)


def _grouped(subject: Subject) -> tuple[pl.DataFrame, tuple[str, ...]]:
    pl = polars()
    x, color = subject.x, subject.color
    if x is None:
        columns = [numbers_of(c).alias(str(at)) for at, c in enumerate(subject.measures)]
        columns += [named(color).alias(COLOR)] if color else []
        return pl.DataFrame(columns), ()
    table = table_of(x, subject.measures, color)
    if x.kind not in ("category", "identifier"):
        return sorted_along(table, x).frame, table.notes
    sizes = table.frame[X].value_counts(sort=True)
    kept = sizes[X].head(subject.spec.top).to_list()
    frame = table.frame.filter(pl.col(X).is_in(kept))
    # Boxes in the order of their middles can be compared at a glance.
    order = frame.group_by(X).agg(pl.col("0").median()).sort("0", descending=True)[X].to_list()
    places = {value: at for at, value in enumerate(order)}
    rank = frame[X].replace_strict(places, return_dtype=pl.Int64)
    frame = frame.with_columns(rank.alias("rank")).sort("rank", maintain_order=True).drop("rank")
    hidden = len(sizes) - len(kept)
    return frame, (f"the {len(kept)} most frequent of {len(sizes):,}",) if hidden else ()


def _box(
    kind: str, frame: pl.DataFrame, measure: str, name: str, place: int, most: int
) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": kind,
        "name": name,
        "marker": {"color": colour(place)},
        "line": {"color": colour(place)},
    }
    if kind == "box" and frame.height > most:
        return trace | _quartiles(frame, measure)
    kept = sampled(frame, [measure], most) if kind == "violin" else frame
    trace["y"] = kept[measure].to_list()
    if X in frame.columns:
        trace["x"] = places_of(kept[X])
    if kind == "violin":
        trace |= {"box": {"visible": True}, "meanline": {"visible": True}, "points": False}
    return trace


def _quartiles(frame: pl.DataFrame, measure: str) -> dict[str, Any]:
    """A box from its five numbers, so that a page need not hold the rows."""
    pl = polars()
    value = pl.col(measure)
    low, high = value.quantile(0.25, "linear"), value.quantile(0.75, "linear")
    reach = (high - low) * 1.5
    numbers = [
        low.alias("q1"),
        value.median().alias("median"),
        high.alias("q3"),
        # Whiskers end at the last value within reach, as plotly's own do.
        value.filter(value >= low - reach).min().alias("lowerfence"),
        value.filter(value <= high + reach).max().alias("upperfence"),
    ]
    if X not in frame.columns:
        made = frame.select(numbers)
        return {name: made[name].to_list() for name in made.columns}
    made = frame.group_by(X, maintain_order=True).agg(numbers)
    boxes = {name: made[name].to_list() for name in made.columns if name != X}
    return boxes | {"x": places_of(made[X])}
