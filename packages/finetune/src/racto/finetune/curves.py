"""Loss curves: what the events of a job, or its checkpoints, tell of the training, as a figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from racto.core.errors import ConfigurationError

from .figures import escaped, plotly_modules, write_page
from .jobs import TuningCheckpoint, TuningEvent

Points: TypeAlias = Sequence[tuple[int, float]]

# Okabe and Ito's, which people see apart whatever colours they see.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# Numbers of an event that are no measure of the model.
_COUNTERS = frozenset({"step", "total_steps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCurves:
    """How losses and accuracies went, by training step.

    Attributes:
        series: Points (step, value) by the name of the measure, such as ``train_loss``; steps
            ascend, and each comes once.
    """

    series: Mapping[str, Points]

    @classmethod
    def from_events(cls, events: Iterable[TuningEvent]) -> LossCurves:
        """The curves that events tell.

        Args:
            events: Events of one job, in any order; those without numbers are passed over.
        """
        return cls(series=_series((event.step, event.data) for event in events))

    @classmethod
    def from_checkpoints(cls, checkpoints: Iterable[TuningCheckpoint]) -> LossCurves:
        """The curves that checkpoints tell: few points, with the full validation loss.

        Args:
            checkpoints: Checkpoints of one job, in any order.
        """
        return cls(series=_series((one.step, one.metrics) for one in checkpoints))

    def best(self, measure: str = "valid_loss") -> tuple[int, float]:
        """The step with the lowest value of a measure, and the value.

        Args:
            measure: Name of a series.

        Raises:
            ConfigurationError: If there is no such series.
        """
        points = self.series.get(measure)
        if not points:
            known = ", ".join(self.series) or "none"
            raise ConfigurationError(f"there is no measure {measure!r}; there are: {known}")
        return min(points, key=lambda point: (point[1], point[0]))

    def figure(self, *, title: str = "") -> Any:
        """The curves as a figure of plotly's: losses above, everything else below.

        Args:
            title: Stands above.

        Raises:
            ConfigurationError: If there is nothing to draw.
            MissingExtraError: If plotly is not installed.
        """
        if not self.series:
            raise ConfigurationError(
                "there are no numbers to draw: the job has not begun to train, or its provider "
                "tells none"
            )
        graphs, subplots = plotly_modules()
        losses = [name for name in self.series if "loss" in name]
        others = [name for name in self.series if "loss" not in name]
        # Losses and accuracies have scales of their own, and a job may tell only one kind.
        panels = [names for names in (losses, others) if names]
        figure = subplots.make_subplots(
            rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.08
        )
        for row, names in enumerate(panels, start=1):
            for number, name in enumerate(names):
                colour = _COLOURS[number % len(_COLOURS)]
                figure.add_trace(_line(graphs, name, self.series[name], colour), row=row, col=1)
            figure.update_yaxes(title_text="loss" if names is losses else "value", row=row, col=1)
        figure.update_xaxes(title_text="training step", row=len(panels), col=1)
        figure.update_layout(title=escaped(title), template="plotly_white")
        return figure

    def write_plot(self, path: str | Path, *, title: str = "", overwrite: bool = False) -> None:
        """Write the curves as one HTML file, which opens without a network.

        Args:
            path: Where to.
            title: Stands above.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If there is nothing to draw, or the file is there already.
            MissingExtraError: If plotly is not installed.
        """
        write_page(self.figure(title=title), path, overwrite=overwrite)


def _line(graphs: Any, name: str, points: Points, colour: str) -> Any:
    steps, values = zip(*points, strict=True)
    # A line needs two points; a lone one would not be seen.
    mode = "lines" if len(points) > 50 else "lines+markers"
    return graphs.Scatter(x=steps, y=values, name=name, mode=mode, line_color=colour)


def _series(told: Iterable[tuple[int | None, Mapping[str, Any]]]) -> dict[str, Points]:
    found: dict[str, dict[int, float]] = {}
    for step, data in told:
        if step is None:
            continue
        for name, value in _numbers(data):
            # A step that is told twice, as after a pause, counts as it was told last.
            found.setdefault(name, {})[step] = value
    return {name: sorted(points.items()) for name, points in sorted(found.items())}


def _numbers(data: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in data.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # A loss that has run away is NaN, which no axis can show.
        if is_number and name not in _COUNTERS and math.isfinite(value):
            yield name, float(value)
