"""What a chart shall show: the reference's ten types, and "auto", which lets the data decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from racto.pipelines.errors import ChartError

CHART_TYPES = (
    "bar",
    "line",
    "scatter",
    "pie",
    "histogram",
    "box",
    "area",
    "heatmap",
    "violin",
    "funnel",
)
"""The types that can be drawn."""

AUTO = "auto"


class ChartSpec(BaseModel):
    """A chart as it is asked for; whatever is left open is chosen by the data.

    Args:
        chart_type: One of :data:`CHART_TYPES`, or ``"auto"``; capitals do not matter.
        x: Column across: categories, times, or the first measure of a scatter.
        y: Column of the measure, or several of them.
        color: Column that parts the data into series; the value of a cell in a heatmap.
        title: Stands above; made from the columns when empty.
        x_label: Title of the axis across; made from the column when None.
        y_label: Title of the axis of the measure; made from the column when None.
        orientation: ``"v"`` for upright bars, ``"h"`` for lying ones; None lets labels decide.
        top: Categories that are shown; the others are summed up or left out, and a note says so.
        max_points: Marks that a chart may have; more are thinned out, and a note says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    chart_type: str = AUTO
    x: str | None = None
    y: str | list[str] | None = None
    color: str | None = None
    title: str = ""
    x_label: str | None = None
    y_label: str | None = None
    orientation: Literal["v", "h"] | None = None
    top: int = Field(default=20, ge=1)
    max_points: int = Field(default=5000, ge=10)

    @field_validator("chart_type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        lowered = value.strip().lower()
        if lowered not in (*CHART_TYPES, AUTO):
            raise ValueError(f"there is no chart {value!r}; there are {', '.join(CHART_TYPES)}")
        return lowered

    @property
    def measures(self) -> list[str]:
        """The columns that ``y`` names."""
        if self.y is None:
            return []
        return [self.y] if isinstance(self.y, str) else list(self.y)

    @classmethod
    def of(cls, chart: ChartSpec | Mapping[str, Any] | str) -> ChartSpec:
        """A spec from whatever may stand for one.

        Args:
            chart: A spec, a dictionary of its fields, or the name of a type.

        Raises:
            ChartError: If a field is unknown or wrong; the message names it.
        """
        if isinstance(chart, cls):
            return chart
        # A bare name is how people ask in a hurry.
        fields = {"chart_type": chart} if isinstance(chart, str) else chart
        if not isinstance(fields, Mapping):
            raise ChartError(
                f"a chart is a ChartSpec, a dictionary or {AUTO!r}, not {type(chart).__name__}"
            )
        try:
            return cls.model_validate(dict(fields))
        except ValidationError as error:
            # Without the input, which may be anything.
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "chart"
            raise ChartError(f"the chart's {where}: {first['msg']}") from error
