"""Thresholds for all labels and for each: what passes, what is kept, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core.testing import ScriptedKit
from racto.pipelines.list_classifier import ClassifierResult, ListClassifierPipeline

OPTIONS = ["A", "B", "C"]


def several(selected: list[str], confidences: Any, **settings: Any) -> ClassifierResult:
    scores = settings.pop("scores", None)
    told = {"selected": selected, "confidences": confidences, "all_scores": scores}
    one = ListClassifierPipeline(
        ScriptedKit([json.dumps(told)]),
        options=OPTIONS,
        selection_mode="multiple",
        score_all=scores is not None,
        **settings,
    )
    result = one.run("x")
    assert isinstance(result, ClassifierResult)
    return result


def test_what_is_below_is_dropped() -> None:
    result = several(["A", "B"], [0.4, 0.8], confidence_threshold=0.5)
    assert (result.selected, result.confidences) == (["B"], [0.8])
    assert not result.below_threshold


def test_exactly_at_the_threshold_passes() -> None:
    assert several(["A"], [0.5], confidence_threshold=0.5).below_threshold is False


def test_the_best_stays_when_nothing_passes() -> None:
    result = several(["A", "B"], [0.1, 0.2], confidence_threshold=0.5)
    assert (result.selected, result.below_threshold) == (["B"], True)


def test_unknown_confidences_are_not_low() -> None:
    result = several(["A", "B"], None, confidence_threshold=0.5)
    assert (result.selected, result.confidences, result.below_threshold) == (
        ["A", "B"],
        None,
        False,
    )


@pytest.mark.parametrize("confidences", [[0.9], [0.9, "?"], [0.9, 0.8, 0.7]], ids=str)
def test_lists_of_another_length_say_nothing(confidences: Any) -> None:
    assert several(["A", "B"], confidences).confidences is None


def test_thresholds_by_label_come_first() -> None:
    result = several(
        ["A", "B", "C"],
        [0.6, 0.6, 0.3],
        confidence_threshold=0.5,
        label_thresholds={"A": 0.7, "C": 0.2},
    )
    assert result.selected == ["B", "C"]


def test_with_scores_a_label_that_reaches_its_own_threshold_is_selected() -> None:
    result = several(
        ["A"],
        [0.9],
        label_thresholds={"B": 0.4, "C": 0.4},
        scores={"A": 0.9, "B": 0.45, "C": 0.1},
    )
    assert (result.selected, result.confidences) == (["A", "B"], [0.9, 0.45])


def test_single_choices_have_thresholds_too() -> None:
    kit = ScriptedKit([json.dumps({"selected": "A", "confidence": 0.6})])
    one = ListClassifierPipeline(kit, options=OPTIONS, label_thresholds={"A": 0.7})
    result = one.run("x")
    assert (result.selected, result.below_threshold) == (["A"], True)
