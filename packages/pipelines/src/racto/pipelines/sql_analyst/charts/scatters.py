"""Points of two measures, in the colours of a third column; a fair sample where there are many."""

from __future__ import annotations

from typing import Any

from .axes import along, logarithmic, measured, spans_hugely
from .columns import Column
from .marks import Drawing, Subject, legend_of, title_of
from .palette import OTHERS, SEQUENTIAL, colour
from .tables import COLOR, Table, X, places_of, sampled, table_of
from .wording import plain, readable

_MOST_COLOURS = 8


def scatters(subject: Subject) -> Drawing:
    """Points, one a row and measure."""
    x, color = subject.axis, subject.color
    table = table_of(x, subject.measures, color)
    most = max(10, subject.spec.max_points // len(subject.measures))
    # Outliers are what a scatter is looked at for.
    extremes = [name for name in (X, *table.measures) if table.frame[name].dtype.is_numeric()]
    kept = sampled(table.frame, extremes, most)
    notes = table.notes
    if kept.height < table.frame.height:
        notes = (*notes, f"{kept.height:,} of {table.frame.height:,} points, drawn by lot")
    shown = Table(frame=kept, titles=table.titles)
    is_shaded = color is not None and color.kind in ("number", "time")
    traces = _shaded(shown, color) if color and is_shaded else _coloured(shown)
    layout, scales = _axes(subject, shown)
    what = title_of(table.titles)
    return Drawing(
        traces=traces,
        layout=layout | (legend_of(color) if not is_shaded else {"showlegend": False}),
        title=f"{what} against {readable(x.name).lower()}",
        notes=(*notes, *scales),
    )


def _points(frame: Any, measure: str, name: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": places_of(frame[X]),
        "y": frame[measure].to_list(),
        "name": plain(name),
        # Where points lie on one another the cloud grows darker.
        "marker": {"size": 8, "opacity": 0.75 if frame.height < 500 else 0.45} | marker,
        "hovertemplate": "%{x}, %{y:,.6~g}",
    }


def _coloured(table: Table) -> list[dict[str, Any]]:
    if COLOR not in table.keys:
        return [
            _points(table.frame, name, title, {"color": colour(place)})
            for place, (title, name) in enumerate(zip(table.titles, table.measures, strict=True))
        ]
    parts = table.frame.partition_by(COLOR, maintain_order=True)
    parts.sort(key=lambda frame: -frame.height)
    traces = []
    for place, frame in enumerate(parts):
        rest = place >= _MOST_COLOURS
        marker = {"color": OTHERS if rest else colour(place)}
        for title, name in zip(table.titles, table.measures, strict=True):
            label = str(frame[COLOR][0])
            label = label if len(table.titles) == 1 else f"{label}, {title}"
            trace = _points(frame, name, label, marker)
            # Colours come to an end; the points stay, grey and without a line in the legend.
            traces.append(trace | {"showlegend": not rest})
    return traces


def _shaded(table: Table, color: Column) -> list[dict[str, Any]]:
    shades = table.frame[COLOR].to_physical().to_list()
    bar: dict[str, Any] = {"title": {"text": plain(readable(color.name))}}
    if color.kind == "time":
        # Days and microseconds are no numbers to show.
        bar["showticklabels"] = False
    marker = {"color": shades, "colorscale": SEQUENTIAL, "colorbar": bar}
    return [
        _points(table.frame, name, title, marker)
        for title, name in zip(table.titles, table.measures, strict=True)
    ]


def _axes(subject: Subject, table: Table) -> tuple[dict[str, Any], tuple[str, ...]]:
    x = subject.axis
    names = list(dict.fromkeys(places_of(table.frame[X]))) if x.is_naming else None
    if x.kind == "period":
        names = [plain(name) for name in x.order]
    across = along(x, label=subject.spec.x_label, values=names)
    up = measured(subject.measures[0].name, title=subject.measure_title(table.titles))
    logs = []
    if x.kind == "number" and spans_hugely(table.frame[X]):
        across |= logarithmic()
        logs.append("x")
    if all(spans_hugely(table.frame[name]) for name in table.measures):
        up |= logarithmic()
        logs.append("y")
    notes = (f"logarithmic scale of {' and '.join(logs)}",) if logs else ()
    layout = {"xaxis": across, "yaxis": up, "showlegend": len(table.titles) > 1}
    return layout, notes
