"""From rows to a figure; a chart that cannot be drawn takes nothing else away."""

from __future__ import annotations

from typing import Any

from racto.core.errors import MissingExtraError
from racto.core.flows import Flow
from racto.pipelines.errors import ChartError

from .charts import Chart, ChartSpec, draw
from .database import QueryRows
from .drafts import Draft
from .tracing import Observer
from .voices import offload


def check_chart(chart: Any) -> Any:
    """Read the argument ``chart``, so that a wrong one is refused before anything is paid for.

    Returns:
        A :class:`ChartSpec`, or None for no chart.

    Raises:
        ChartError: If it is no chart, or a field of it is wrong. Its columns are known only with
            the rows.
    """
    return None if chart is None or chart is False else ChartSpec.of(chart)


class Draughtsman:
    """Draws the rows of a run.

    Args:
        observer: Gets a span for the step.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def chart(self, draft: Draft, rows: QueryRows) -> Flow[None]:
        """Put the figure into the draft, or the reason why there is none."""
        spec = draft.inquiry.chart
        if spec is None:
            return
        draft.begin("chart")
        try:
            drawn: Chart = yield from self._observer.within(
                "chart", offload(draw, rows.frame, spec)
            )
        except (ChartError, MissingExtraError) as error:
            draft.fields["chart_error"] = str(error)
            draft.fail(error)
            draft.step = None
            return
        if drawn.spec is not None:
            draft.fields["chart_spec"] = drawn.spec.model_dump(exclude_none=True)
            draft.fields["plotly_figure"] = drawn.figure
        draft.end(drawn.reason)
