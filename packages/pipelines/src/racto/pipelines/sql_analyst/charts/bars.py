"""Bars: sorted by size, or along time; the many small ones in one bar; names that can be read."""

from __future__ import annotations

from typing import Any

from .axes import along, are_similar, lie_better, logarithmic, measured, spans_hugely, stacked_rows
from .marks import Drawing, Subject, legend_of, title_of
from .palette import OTHERS, colour
from .tables import COLOR, Table, X, gathered, largest, places_of, sorted_along
from .wording import plain

_MOST_COLOURS = 8


def bars(subject: Subject) -> Drawing:
    """Bars, one a name, time or period; several measures or a colour stand side by side."""
    table = _arranged(subject)
    split = len(table.measures) > 1 and not are_similar(
        [table.frame[name] for name in table.measures]
    )
    places = places_of(table.frame[X])
    names = list(dict.fromkeys(places))
    lying = not split and _is_lying(subject, names)
    title = title_of(table.titles, subject.x, subject.color)
    # Lying bars of several measures would need a title for each axis below each plot.
    if split:
        return Drawing(
            traces=_series(table, lying=False, split=True),
            layout=_rows(subject, table, names),
            title=title,
            notes=table.notes,
        )
    layout, notes = _layout(subject, table, names, lying=lying)
    return Drawing(
        traces=_series(table, lying=lying, split=False),
        layout=layout,
        title=title,
        notes=(*table.notes, *notes),
    )


def _arranged(subject: Subject) -> Table:
    x, color = subject.axis, subject.color
    table = gathered(x, subject.measures, color)
    additive = all(column.is_additive for column in subject.measures)
    if color is not None:
        table = largest(table, COLOR, _MOST_COLOURS, additive=additive and color.is_naming)
    if x.kind in ("category", "identifier"):
        # Parts of both signs in one bar of others would cancel each other out.
        signs = all((table.frame[name].fill_null(0) >= 0).all() for name in table.measures)
        return largest(table, X, subject.spec.top, additive=additive and signs)
    return sorted_along(table, x)


def _is_lying(subject: Subject, names: list[Any]) -> bool:
    if subject.spec.orientation is not None:
        return subject.spec.orientation == "h"
    return subject.axis.kind in ("category", "identifier") and lie_better(names)


def _series(table: Table, *, lying: bool, split: bool) -> list[dict[str, Any]]:
    across, up = ("y", "x") if lying else ("x", "y")
    traces: list[dict[str, Any]] = []
    for label, frame, measure in _parts(table):
        place = len(traces)
        is_rest = table.keys == [X, COLOR] and label.startswith("Other (")
        shade = OTHERS if is_rest else colour(place)
        names = places_of(frame[X])
        single = len(table.titles) == 1 and COLOR not in table.keys
        trace = {
            "type": "bar",
            across: names,
            up: frame[measure].to_list(),
            "name": plain(label),
            "marker": {"color": _shades(names, shade) if single else shade},
            "orientation": "h" if lying else "v",
            "hovertemplate": f"%{{{across}}}: %{{{up}:,.6~g}}",
        }
        if split:
            trace |= {"yaxis": f"y{place + 1}" if place else "y", "showlegend": False}
        traces.append(trace)
    return traces


def _shades(names: list[Any], shade: str) -> Any:
    # The bar of the others is no peer of the bars beside it.
    if names and str(names[-1]).startswith("Other ("):
        return [shade] * (len(names) - 1) + [OTHERS]
    return shade


def _parts(table: Table) -> list[tuple[str, Any, str]]:
    """Label, rows and measure of each series."""
    if COLOR not in table.keys:
        return [
            (title, table.frame, name)
            for title, name in zip(table.titles, table.measures, strict=True)
        ]
    parted = table.frame.partition_by(COLOR, maintain_order=True)
    parted.sort(key=lambda frame: str(frame[COLOR][0]).startswith("Other ("))
    return [
        (
            f"{frame[COLOR][0]}" if len(table.titles) == 1 else f"{frame[COLOR][0]}, {title}",
            frame,
            name,
        )
        for frame in parted
        for title, name in zip(table.titles, table.measures, strict=True)
    ]


def _layout(
    subject: Subject, table: Table, names: list[Any], *, lying: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    x = subject.axis
    name = subject.measures[0].name if subject.measures else ""
    base = along(x, label=subject.spec.x_label, values=names)
    up = measured(name, title=subject.measure_title(table.titles))
    notes: tuple[str, ...] = ()
    if all(spans_hugely(table.frame[one]) for one in table.measures):
        up |= logarithmic()
        notes = ("logarithmic scale",)
    layout: dict[str, Any] = {"barmode": "group"} | legend_of(subject.color)
    # One series is told by the axis, and needs no legend.
    layout["showlegend"] = len(table.titles) > 1 or subject.color is not None
    if lying:
        # Plotly counts from below; the largest belongs on top.
        base["autorange"] = "reversed"
        groups = len(names) * max(1, len(_parts(table)) if subject.color else len(table.titles))
        height = max(450, min(1600, 150 + 26 * max(len(names), groups // 2)))
        return {**layout, "xaxis": up, "yaxis": base, "height": height}, notes
    # Rather oblique than one over the other.
    if len(names) > 8 or sum(len(str(value)) for value in names) > 70:
        base["tickangle"] = -35
    return {**layout, "xaxis": base, "yaxis": up}, notes


def _rows(subject: Subject, table: Table, names: list[Any]) -> dict[str, Any]:
    """Measures of unlike sizes, one plot above the other over one axis of names."""
    count = len(table.titles)
    base = along(subject.axis, label=subject.spec.x_label, values=names)
    layout: dict[str, Any] = {"showlegend": False, "height": max(450, 210 * count + 130)}
    for place, domain in enumerate(stacked_rows(count)):
        axis = measured(subject.measures[place].name, title=plain(table.titles[place]))
        layout[f"yaxis{place + 1 if place else ''}"] = axis | {"domain": list(domain)}
    layout["xaxis"] = base | {"anchor": f"y{count}" if count > 1 else "y"}
    return layout
