"""Shares of a whole: a pie of a few slices, and a funnel of stages."""

from __future__ import annotations

from racto.pipelines.errors import ChartError

from .marks import Drawing, Subject, title_of
from .palette import OTHERS, colour
from .tables import X, gathered, largest, places_of, sorted_along
from .wording import listed, plain, readable

_MOST_SLICES = 8


def pie(subject: Subject) -> Drawing:
    """A pie, its slices sorted, the small ones in one.

    Raises:
        ChartError: If a slice is negative, or all are nothing.
    """
    _one_measure(subject)
    table = gathered(subject.axis, subject.measures[:1])
    values = table.frame["0"].fill_null(0)
    if (values < 0).any() or not values.sum():
        raise ChartError(
            f"a pie shows shares of a whole, and {table.titles[0]!r} is negative somewhere or "
            "zero everywhere; a bar chart can show it"
        )
    # More slices than that nobody tells apart.
    table = largest(table, X, min(subject.spec.top, _MOST_SLICES), additive=True)
    names = places_of(table.frame[X])
    rest = [str(name).startswith("Other (") for name in names]
    trace = {
        "type": "pie",
        "labels": names,
        "values": table.frame["0"].to_list(),
        "sort": False,
        "direction": "clockwise",
        "texttemplate": "%{percent:.1%}",
        "textposition": "inside",
        "insidetextorientation": "horizontal",
        "insidetextfont": {"color": "#ffffff"},
        "marker": {
            "colors": [OTHERS if other else colour(at) for at, other in enumerate(rest)],
            "line": {"color": "rgba(255,255,255,0.6)", "width": 1},
        },
        "hovertemplate": "%{label}: %{value:,.6~g} (%{percent})<extra></extra>",
    }
    title = title_of(table.titles, subject.x)
    layout = {
        "showlegend": True,
        "legend": {"title": {"text": plain(readable(subject.axis.name))}},
        # A share that does not fit into its slice is read off the legend.
        "uniformtext": {"minsize": 11, "mode": "hide"},
    }
    return Drawing(traces=[trace], layout=layout, title=title, notes=table.notes)


def funnel(subject: Subject) -> Drawing:
    """A funnel, its stages in the order of the rows."""
    _one_measure(subject)
    x = subject.axis
    table = sorted_along(gathered(x, subject.measures[:1]), x)
    frame, notes = table.frame, table.notes
    # Later stages are the smaller ones; the first say how it begins.
    if frame.height > subject.spec.top:
        notes = (*notes, f"the first {subject.spec.top} of {frame.height:,} stages")
        frame = frame.head(subject.spec.top)
    trace = {
        "type": "funnel",
        "y": places_of(frame[X]),
        "x": frame["0"].to_list(),
        "textinfo": "value+percent initial",
        "texttemplate": "%{value:,.6~g} (%{percentInitial:.0%})",
        "textposition": "auto",
        "insidetextfont": {"color": "#ffffff"},
        "marker": {"color": colour(0)},
        "connector": {"fillcolor": "rgba(128,128,128,0.18)", "line": {"width": 0}},
        "hovertemplate": "%{y}: %{x:,.6~g}<extra></extra>",
    }
    label = subject.spec.x_label
    title = plain(label) if label is not None else plain(readable(x.name))
    stages = {"title": {"text": title}, "type": "category"}
    layout = {"yaxis": stages, "showlegend": False, "height": max(450, 46 * frame.height + 150)}
    return Drawing(
        traces=[trace], layout=layout, title=title_of(table.titles, subject.x), notes=notes
    )


def _one_measure(subject: Subject) -> None:
    if len(subject.measures) > 1:
        names = listed([repr(column.name) for column in subject.measures])
        raise ChartError(f"a {subject.spec.chart_type} shows one measure, not {names}")
