"""A page with the confusion and the calibration of a report; it opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError
from racto.pipelines.sql_analyst.charts.plotting import graphs as plotly_graphs
from racto.pipelines.sql_analyst.exports.files import write_whole

from .report import EvaluationReport

# Of many labels the squares are no longer told apart; those with the most mistakes are shown.
_MOST_LABELS = 80
_LABEL_LETTERS = 40
_SECOND = {"xaxis": "x2", "yaxis": "y2"}


def write_plot(report: EvaluationReport, file: str | Path, *, title: str = "") -> None:
    """Write one HTML file.

    Args:
        report: What to draw.
        file: Where to; a file that is there is replaced.
        title: Stands above.

    Raises:
        ConfigurationError: If there is no outcome, or the file cannot be written.
        MissingExtraError: If plotly is not installed.
    """
    if not report.outcomes:
        raise ConfigurationError("there is no outcome to draw")
    graphs = plotly_graphs()
    figure = graphs.Figure([_confusion(graphs, report), *_calibration(graphs, report)])
    figure.update_layout(
        title=_plain(f"{title} - {report}" if title else str(report)),
        template="plotly_white",
        height=900,
        # Two drawings side by side, each with axes of its own.
        xaxis={"domain": [0.0, 0.58], "title": "predicted"},
        yaxis={"autorange": "reversed", "title": "expected"},
        xaxis2={"domain": [0.68, 1.0], "title": "confidence", "range": [0, 1]},
        yaxis2={"anchor": "x2", "title": "accuracy", "range": [0, 1.05]},
        legend={"orientation": "h"},
    )
    page = figure.to_html(include_plotlyjs=True, full_html=True)
    write_whole(file, page.encode(), overwrite=True)


def _confusion(graphs: Any, report: EvaluationReport) -> Any:
    # Rows and columns have the same names, so that what is right lies on the diagonal.
    names, rows = report.matrix()
    shown = list(range(len(names)))
    if len(names) > _MOST_LABELS:
        wrong = [sum(rows[i]) + sum(row[i] for row in rows) - 2 * rows[i][i] for i in shown]
        shown = sorted(sorted(shown, key=lambda i: -wrong[i])[:_MOST_LABELS])
    labels = _labels([names[i] for i in shown])
    return graphs.Heatmap(
        x=labels,
        y=labels,
        z=[[rows[row][column] for column in shown] for row in shown],
        colorscale="Blues",
        showscale=False,
        hovertemplate="expected %{y}<br>predicted %{x}<br>%{z} texts<extra></extra>",
    )


def _labels(names: list[str]) -> list[str]:
    """Names that fit beside an axis, none of which looks like another."""
    cut = [name[:_LABEL_LETTERS] or "(none)" for name in names]
    # Plotly draws two labels that read alike in one place.
    return [
        _plain(label if cut.count(label) == 1 else f"{label}… ({number})")
        for number, label in enumerate(cut, start=1)
    ]


def _calibration(graphs: Any, report: EvaluationReport) -> list[Any]:
    calibration = report.calibration
    filled = [one for one in calibration.bins if one.count]
    sources = ", ".join(sorted(calibration.sources)) or "none"
    bars = graphs.Bar(
        name=f"accuracy by confidence (source: {sources})",
        x=[(one.lower + one.upper) / 2 for one in filled],
        y=[one.accuracy for one in filled],
        width=[0.09] * len(filled),
        customdata=[[one.count, one.confidence] for one in filled],
        marker_color="#0072B2",
        **_SECOND,
        hovertemplate="%{customdata[0]} texts at %{customdata[1]:.2f}: %{y:.2f} right<extra></extra>",
    )
    line = graphs.Scatter(
        name="perfect",
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "color": "#666"},
        **_SECOND,
    )
    return [bars, line]


def _plain(text: str) -> str:
    """A label as text, in which plotly would otherwise obey a few tags and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
