"""Lines and areas along time: one a series, the largest first, thinned without losing a spike."""

from __future__ import annotations

from typing import Any

from .axes import along, are_similar, logarithmic, measured, spans_hugely, stacked_rows
from .columns import Column
from .marks import Drawing, Subject, legend_of, title_of
from .palette import colour
from .tables import COLOR, Table, X, gathered, largest, places_of, sorted_along, thinned
from .wording import plain

_MOST_SERIES = 8
# Beyond four, colours alone are hard to tell apart.
_DASHES = ("solid", "solid", "solid", "solid", "dash", "dash", "dot", "dot")
_FEW_POINTS = 40


def lines(subject: Subject) -> Drawing:
    """Lines, or areas, along time, a period or a number."""
    x = subject.axis
    table = gathered(x, subject.measures, subject.color)
    if subject.color is not None:
        table = largest(table, COLOR, _MOST_SERIES)
    table = sorted_along(table, x)
    series = [table.frame[name] for name in table.measures]
    # A measure of thousands would press one of tens flat.
    split = subject.color is None and len(series) > 1 and not are_similar(series)
    traces, thin = _traces(subject, table, split=split)
    layout, notes = _layout(subject, table, split=split)
    if thin:
        notes = (*notes, f"{table.frame.height:,} points thinned to their highs and lows")
    return Drawing(
        traces=traces,
        layout=layout,
        title=title_of(table.titles, x, subject.color),
        notes=(*table.notes, *notes),
    )


def _parts(table: Table) -> list[tuple[str, Any, str]]:
    if COLOR not in table.keys:
        return [
            (title, table.frame, name)
            for title, name in zip(table.titles, table.measures, strict=True)
        ]
    parted = table.frame.partition_by(COLOR, maintain_order=True)
    # The legend in the order of the lines' sizes, as an eye meets them.
    parted.sort(key=lambda frame: -(frame["0"].abs().sum() or 0))
    many = len(table.titles) > 1
    return [
        (f"{frame[COLOR][0]}, {title}" if many else str(frame[COLOR][0]), frame, name)
        for frame in parted
        for title, name in zip(table.titles, table.measures, strict=True)
    ]


def _traces(subject: Subject, table: Table, *, split: bool) -> tuple[list[dict[str, Any]], bool]:
    parts = _parts(table)
    # The limit is for the page, so all lines share it.
    most = max(4, subject.spec.max_points // max(1, len(parts)))
    stacks = _can_stack(subject, table, parts)
    traces: list[dict[str, Any]] = []
    thin = False
    for place, (label, frame, measure) in enumerate(parts):
        kept = thinned(frame, measure, most)
        thin = thin or kept.height < frame.height
        trace: dict[str, Any] = {
            "type": "scatter",
            "x": places_of(kept[X]),
            "y": kept[measure].to_list(),
            "name": plain(label),
            "mode": "lines+markers" if kept.height <= _FEW_POINTS else "lines",
            "line": {"color": colour(place), "width": 2.5, "dash": _DASHES[place % len(_DASHES)]},
            "hovertemplate": "%{x}: %{y:,.6~g}",
        }
        if subject.spec.chart_type == "area":
            trace |= {"stackgroup": "all"} if stacks else {"fill": "tozeroy"}
        if split:
            trace |= {"yaxis": f"y{place + 1}" if place else "y", "showlegend": False}
        traces.append(trace)
    return traces, thin


def _can_stack(subject: Subject, table: Table, parts: list[Any]) -> bool:
    """Whether areas may lie on one another: sums that mean something, all of one sign."""
    if len(parts) < 2 or not all(column.is_additive for column in subject.measures):
        return False
    return all((table.frame[name].fill_null(0) >= 0).all() for name in table.measures)


def _layout(
    subject: Subject, table: Table, *, split: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    x = subject.axis
    names = list(x.order) if x.kind == "period" else None
    # Names without an order of their own keep that of the rows.
    if x.kind in ("category", "identifier"):
        names = places_of(table.frame[X])
    elif names is not None:
        names = [plain(name) for name in names]
    base = along(x, label=subject.spec.x_label, values=names)
    layout: dict[str, Any] = legend_of(subject.color)
    layout["showlegend"] = not split and (len(table.titles) > 1 or subject.color is not None)
    if split:
        return _rows(subject.measures, table, base) | layout, ()
    up = measured(subject.measures[0].name, title=subject.measure_title(table.titles))
    notes: tuple[str, ...] = ()
    is_line = subject.spec.chart_type == "line"
    if is_line and all(spans_hugely(table.frame[name]) for name in table.measures):
        up |= logarithmic()
        notes = ("logarithmic scale",)
    return {**layout, "xaxis": base, "yaxis": up}, notes


def _rows(measures: list[Column], table: Table, base: dict[str, Any]) -> dict[str, Any]:
    """Measures of unlike sizes, one plot above the other over one axis."""
    count = len(measures)
    layout: dict[str, Any] = {"xaxis": base | {"anchor": f"y{count}"}}
    for place, domain in enumerate(stacked_rows(count)):
        axis = measured(measures[place].name, title=plain(table.titles[place]))
        layout[f"yaxis{place + 1 if place else ''}"] = axis | {"domain": list(domain)}
    return layout | {"height": max(450, 210 * count + 130)}
