"""A page that shows retrievers side by side; it opens without a network. Needs plotly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError

from .report import EvaluationReport

_MEASURES = {
    "nDCG@10": "ndcg_at_10",
    "recall@100": "recall_at_100",
    "MRR@10": "mrr_at_10",
    "MAP": "mean_average_precision",
}
# Okabe and Ito's, which people see apart whatever colours they see.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")


def write_plot(reports: Sequence[EvaluationReport], file: str | Path, *, title: str = "") -> None:
    """Write one HTML file: the measures as bars, and nDCG@10 of every query, sorted.

    Args:
        reports: One a retriever.
        file: Where to; a file that is there is replaced.
        title: Stands above.

    Raises:
        ConfigurationError: If there is no report, or the file cannot be written.
        MissingExtraError: If plotly is not installed.
    """
    if not reports:
        raise ConfigurationError("there is no report to draw")
    graphs, subplots = _library()
    figure = subplots.make_subplots(
        rows=1, cols=2, subplot_titles=("Mean over all queries", "nDCG@10 of each query, sorted")
    )
    for place, report in enumerate(reports):
        for column, trace in enumerate(_traces(graphs, report, place), start=1):
            figure.add_trace(trace, row=1, col=column)
    figure.update_layout(
        title=_plain(title),
        yaxis_range=[0, 1.05],
        yaxis2_range=[0, 1.05],
        xaxis2_title="queries, each retriever's best first",
        template="plotly_white",
    )
    page = figure.to_html(include_plotlyjs=True, full_html=True)
    try:
        Path(file).write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def _traces(graphs: Any, report: EvaluationReport, place: int) -> tuple[Any, Any]:
    # One colour and one entry of the legend a retriever, though it is drawn twice.
    colour, group = _COLOURS[place % len(_COLOURS)], str(place)
    values = [getattr(report, attribute) for attribute in _MEASURES.values()]
    bars = graphs.Bar(
        name=report.retriever,
        x=list(_MEASURES),
        y=values,
        text=[f"{value:.3f}" for value in values],
        textposition="outside",
        marker_color=colour,
        legendgroup=group,
    )
    ordered = sorted(report.queries, key=lambda scores: -scores.ndcg_at_10)
    line = graphs.Scatter(
        name=report.retriever,
        y=[scores.ndcg_at_10 for scores in ordered],
        hovertext=[_plain(scores.query_id) for scores in ordered],
        mode="lines",
        line_color=colour,
        legendgroup=group,
        showlegend=False,
    )
    return bars, line


def _plain(text: str) -> str:
    """A text of a stranger's, in which plotly would otherwise obey a few tags and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _library() -> tuple[Any, Any]:
    try:
        from plotly import graph_objects, subplots  # type: ignore[import-untyped]
    except ImportError as exc:
        raise MissingExtraError(
            "plotly", install="racto-rag[eval]", purpose="Drawing an evaluation"
        ) from exc
    return graph_objects, subplots
