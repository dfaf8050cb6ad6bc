"""Charts drawn: rows and a spec in, a Plotly figure out, with notes on what it does not show."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racto.core.errors import MissingExtraError
from racto.core.flows import threaded
from racto.pipelines.errors import ChartError
from racto.pipelines.sql_analyst.exports.frames import as_frame
from racto.pipelines.sql_analyst.libraries import polars

from .bars import bars
from .choice import chosen
from .columns import columns_of
from .distributions import boxes, histogram
from .heatmaps import heatmap
from .lines import lines
from .marks import Drawing, Subject
from .palette import Theme, template
from .pictures import Embedding, chart_bytes, write_chart
from .plotting import figure_of
from .scatters import scatters
from .shares import funnel, pie
from .specs import AUTO, ChartSpec
from .wording import plain

_DRAWERS: dict[str, Callable[[Subject], Drawing]] = {
    "bar": bars,
    "line": lines,
    "area": lines,
    "scatter": scatters,
    "pie": pie,
    "histogram": histogram,
    "box": boxes,
    "violin": boxes,
    "heatmap": heatmap,
    "funnel": funnel,
}
_TITLE_WIDTH = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart of a result.

    Attributes:
        figure: A ``plotly.graph_objects.Figure``; None when the rows make no chart.
        spec: The chart with type and columns named; None when there is none.
        reason: Why this chart, or why none.
        notes: What was summed up, thinned out or left out; also on the figure, as its subtitle.
    """

    figure: Any
    spec: ChartSpec | None
    reason: str
    notes: tuple[str, ...] = ()

    def to_bytes(
        self,
        format: str,
        *,
        plotlyjs: Embedding = "embed",
        theme: Theme = "light",
        width: int = 960,
        height: int | None = None,
        scale: float = 2.0,
    ) -> bytes:
        """The chart as the bytes of a file; see :func:`write_chart`.

        Raises:
            ChartError: If there is no figure.
        """
        figure = self._drawn()
        return chart_bytes(
            figure,
            format,
            plotlyjs=plotlyjs,
            theme=theme,
            width=width,
            height=height,
            scale=scale,
        )

    def write(
        self,
        path: str | Path,
        *,
        format: str | None = None,
        overwrite: bool = False,
        plotlyjs: Embedding = "embed",
        theme: Theme = "light",
        width: int = 960,
        height: int | None = None,
        scale: float = 2.0,
    ) -> Path:
        """Write the chart into a file; see :func:`write_chart`.

        Raises:
            ChartError: If there is no figure.
        """
        figure = self._drawn()
        return write_chart(
            figure,
            path,
            format=format,
            overwrite=overwrite,
            plotlyjs=plotlyjs,
            theme=theme,
            width=width,
            height=height,
            scale=scale,
        )

    ato_bytes = threaded(to_bytes)
    awrite = threaded(write)

    def _drawn(self) -> Any:
        if self.figure is None:
            raise ChartError(f"there is no chart: {self.reason}")
        return self.figure


def draw(frame: Any, chart: ChartSpec | Mapping[str, Any] | str = AUTO) -> Chart:
    """Draw a result.

    Args:
        frame: The rows: a frame of Polars or pandas, or a list of dictionaries.
        chart: A spec, a dictionary of its fields, the name of a type, or ``"auto"``.

    Returns:
        The chart; without a figure when ``"auto"`` finds nothing to draw.

    Raises:
        ChartError: If the spec is wrong, or the rows cannot be drawn as it says.
        MissingExtraError: If plotly is not installed.
    """
    rows = as_frame(frame)
    columns = columns_of(rows)
    asked = ChartSpec.of(chart)
    if rows.height == 0 and asked.chart_type != AUTO:
        raise ChartError(f"there are no rows to draw as a {asked.chart_type}")
    choice = chosen(asked, columns)
    spec = choice.spec
    if spec is None:
        return Chart(figure=None, spec=None, reason=choice.reason)
    # Columns were looked at once, for the choice; each look reads all rows.
    by_name = {column.name: column for column in columns}
    subject = Subject(
        spec=spec,
        x=by_name[spec.x] if spec.x is not None else None,
        measures=[by_name[name] for name in spec.measures],
        color=by_name[spec.color] if spec.color is not None else None,
    )
    try:
        drawing = _DRAWERS[spec.chart_type](subject)
        figure = figure_of({"data": drawing.traces, "layout": _with_looks(drawing, spec)})
    except (ChartError, MissingExtraError):
        raise
    # What polars cannot reckon with, such as numbers at the edge of floats, and plotly refuses.
    except (polars().exceptions.PolarsError, ArithmeticError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ChartError(f"the rows do not make a {spec.chart_type} chart: {reason}") from error
    return Chart(figure=figure, spec=spec, reason=choice.reason, notes=drawing.notes)


def _with_looks(drawing: Drawing, spec: ChartSpec) -> dict[str, Any]:
    title: dict[str, Any] = {"text": _wrapped(spec.title or drawing.title)}
    if drawing.notes:
        sentence = "; ".join(drawing.notes)
        title["subtitle"] = {"text": _wrapped(sentence[:1].upper() + sentence[1:])}
    # Room for each line above the plot, and none for lines that are not there.
    lines = title["text"].count("<br>") + (1.2 if drawing.notes else 0)
    looks = {"template": template(), "title": title, "margin": {"t": 66 + round(22 * lines)}}
    return looks | drawing.layout


def _wrapped(text: str) -> str:
    # Cut first, so that no sign that was made plain is cut in two.
    return "<br>".join(plain(line) for line in textwrap.wrap(text, _TITLE_WIDTH)[:3])
