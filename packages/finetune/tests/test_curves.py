"""Loss curves are drawn from events and checkpoints, in order, and without what is no number."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError
from racto.finetune import LossCurves
from racto.finetune.figures import escaped, write_page
from racto.finetune.jobs import TuningCheckpoint, TuningEvent


def event(step: int, **data: object) -> TuningEvent:
    """The event of a step."""
    return TuningEvent(
        event_id=str(step),
        message="",
        kind="metrics",
        data={"step": step, "total_steps": 9, **data},
    )


EVENTS = [
    event(3, train_loss=0.5, valid_loss=0.7),
    event(1, train_loss=1.0, train_accuracy=0.1),
    event(2, train_loss=0.8, valid_loss=0.6, note="a text", flag=True, broken=math.nan),
    TuningEvent(event_id="m", message="Created"),
]


def test_steps_ascend_and_only_measures_are_kept() -> None:
    curves = LossCurves.from_events([*EVENTS, event(3, train_loss=0.4)])
    assert curves.series == {
        "train_accuracy": [(1, 0.1)],
        "train_loss": [(1, 1.0), (2, 0.8), (3, 0.4)],
        "valid_loss": [(2, 0.6), (3, 0.7)],
    }


def test_checkpoints_have_curves_too() -> None:
    made = [
        TuningCheckpoint(checkpoint_id="b", step=20, metrics={"full_valid_loss": 0.2}),
        TuningCheckpoint(checkpoint_id="a", step=10, metrics={"full_valid_loss": 0.3}),
        TuningCheckpoint(checkpoint_id="c"),
    ]
    assert LossCurves.from_checkpoints(made).series == {"full_valid_loss": [(10, 0.3), (20, 0.2)]}


def test_the_best_step_is_the_one_of_the_lowest_loss() -> None:
    curves = LossCurves.from_events(EVENTS)
    assert curves.best() == (2, 0.6)
    with pytest.raises(ConfigurationError, match=r"no measure 'x'; there are: train_acc"):
        curves.best("x")


def test_losses_stand_above_everything_else(tmp_path: Path) -> None:
    curves = LossCurves.from_events(EVENTS)
    figure = curves.figure(title="<b>mine</b>")
    axes = {trace.name: trace.yaxis for trace in figure.data}
    assert axes["train_loss"] == axes["valid_loss"] != axes["train_accuracy"]
    assert figure.layout.title.text == escaped("<b>mine</b>") == "&lt;b>mine&lt;/b>"
    page = tmp_path / "losses.html"
    curves.write_plot(page)
    assert "train_loss" in page.read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is there already"):
        curves.write_plot(page)
    curves.write_plot(page, overwrite=True)


def test_nothing_is_not_drawn(tmp_path: Path) -> None:
    empty = LossCurves.from_events([])
    with pytest.raises(ConfigurationError, match="no numbers to draw"):
        empty.write_plot(tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    figure = LossCurves.from_events(EVENTS).figure()
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        write_page(figure, tmp_path / "none" / "x.html")
