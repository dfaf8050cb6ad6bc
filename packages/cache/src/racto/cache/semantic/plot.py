"""A page that shows a calibration; it opens without a network. Needs plotly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError

from .reports import CalibrationReport

# Okabe and Ito's, which people see apart whatever colours they see.
_PRECISION, _RECALL, _F1, _FALSE = "#0072B2", "#009E73", "#56B4E9", "#D55E00"
_BAND = "rgba(0,114,178,0.15)"


def write_plot(report: CalibrationReport, file: str | Path, *, title: str = "") -> None:
    """Write one HTML file: the figures by threshold, and how similar the pairs of each kind are.

    Args:
        report: What to draw.
        file: Where to; a file that is there is replaced.
        title: Stands above.

    Raises:
        ConfigurationError: If the file cannot be written.
        MissingExtraError: If plotly is not installed.
    """
    graphs, subplots = _library()
    figure = subplots.make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.08,
        subplot_titles=("Figures by threshold", "Similarities of the labelled pairs"),
    )
    for trace in _curves(graphs, report):
        figure.add_trace(trace, row=1, col=1)
    for trace in _counts(graphs, report):
        figure.add_trace(trace, row=2, col=1)
    if report.recommended is not None:
        text = f"recommended: {report.recommended:g}"
        figure.add_vline(x=report.recommended, line_dash="dash", annotation_text=text)
    figure.update_layout(
        title=title.replace("&", "&amp;").replace("<", "&lt;"),
        template="plotly_white",
        barmode="overlay",
        yaxis_range=[0, 1.05],
        xaxis2_title="cosine similarity",
        yaxis2_title="pairs",
    )
    page = figure.to_html(include_plotlyjs=True, full_html=True)
    try:
        Path(file).write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def _curves(graphs: Any, report: CalibrationReport) -> list[Any]:
    cuts = [one.threshold for one in report.figures]

    def line(name: str, values: list[float | None], colour: str) -> Any:
        return graphs.Scatter(x=cuts, y=values, name=name, mode="lines", line_color=colour)

    # There and back again: the outline of the interval, filled.
    band = graphs.Scatter(
        x=[*cuts, *reversed(cuts)],
        y=[one.precision_high for one in report.figures]
        + [one.precision_low for one in reversed(report.figures)],
        fill="toself",
        fillcolor=_BAND,
        line_width=0,
        hoverinfo="skip",
        name=f"precision, {report.confidence:.0%} interval",
    )
    return [
        band,
        line("precision", [one.precision for one in report.figures], _PRECISION),
        line("recall", [one.recall for one in report.figures], _RECALL),
        line("F1", [one.f1 for one in report.figures], _F1),
        line("false-hit rate", [one.false_hit_rate for one in report.figures], _FALSE),
    ]


def _counts(graphs: Any, report: CalibrationReport) -> list[Any]:
    pairs = list(zip(report.similarities, report.labels, strict=True))
    return [
        graphs.Histogram(
            x=[similarity for similarity, same in pairs if same is wanted],
            name=name,
            marker_color=colour,
            opacity=0.6,
            xbins={"size": 0.01},
        )
        for wanted, name, colour in (
            (True, "ask the same", _RECALL),
            (False, "do not ask the same", _FALSE),
        )
    ]


def _library() -> tuple[Any, Any]:
    try:
        from plotly import graph_objects, subplots  # type: ignore[import-untyped]
    except ImportError as exc:
        raise MissingExtraError(
            "plotly", install="racto-cache[cli]", purpose="Drawing a calibration"
        ) from exc
    return graph_objects, subplots
