"""The figures of a report, beside figures computed by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError
from racto.pipelines.list_classifier import EvaluationReport, Outcome


def outcome(index: int, expected: str, predicted: str, confidence: float | None = None) -> Outcome:
    return Outcome(
        index=index,
        expected=(expected,),
        predicted=(predicted,) if predicted else (),
        confidence=confidence,
        source="model" if confidence is not None else None,
        error=None if predicted else "RateLimitError: slow down",
    )


REPORT = EvaluationReport(
    outcomes=(
        outcome(0, "a", "a", 0.95),
        outcome(1, "a", "b", 0.85),
        outcome(2, "b", "b", 0.95),
        outcome(3, "b", "b"),
        outcome(4, "c", ""),
    )
)


def test_accuracy_and_f1() -> None:
    assert REPORT.accuracy == 3 / 5
    a, b, c = REPORT.labels
    assert (a.label, a.support, a.predicted, a.precision, a.recall) == ("a", 2, 1, 1.0, 0.5)
    assert a.f1 == pytest.approx(2 / 3)
    assert [b.precision, b.recall, b.f1] == pytest.approx([2 / 3, 1.0, 0.8])
    assert (c.support, c.predicted, c.f1) == (1, 0, 0.0)
    assert REPORT.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    assert str(REPORT).startswith("5 texts: accuracy 0.600, macro-F1 0.489, ECE 0.")
    assert str(REPORT).endswith("1 failed")


def test_confusion() -> None:
    assert REPORT.confusion == {
        ("a", "a"): 1, ("a", "b"): 1, ("b", "b"): 2, ("c", ""): 1,
    }  # fmt: skip
    names, rows = REPORT.matrix()
    assert names == ["", "a", "b", "c"]
    assert rows == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 2, 0], [1, 0, 0, 0]]


def test_calibration() -> None:
    found = REPORT.calibration
    assert (found.count, found.without, found.sources) == (3, 1, {"model": 3})
    eighth, ninth = found.bins[8], found.bins[9]
    assert (eighth.count, eighth.accuracy, eighth.confidence) == (1, 0.0, 0.85)
    assert (ninth.count, ninth.accuracy, ninth.confidence) == (2, 1.0, 0.95)
    assert found.expected_error == pytest.approx((0.85 + 2 * 0.05) / 3)
    assert found.largest_error == pytest.approx(0.85)
    assert found.brier == pytest.approx((0.05**2 * 2 + 0.85**2) / 3)


def test_the_borders_of_bins() -> None:
    report = EvaluationReport(
        outcomes=(outcome(0, "a", "a", 0.0), outcome(1, "a", "a", 0.1), outcome(2, "a", "a", 1.0))
    )
    assert [one.count for one in report.calibration.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_nothing() -> None:
    empty = EvaluationReport(outcomes=())
    assert (empty.accuracy, empty.macro_f1, empty.offered) == (0.0, 0.0, 0.0)
    assert empty.calibration.expected_error == 0.0


def test_several_labels() -> None:
    report = EvaluationReport(
        outcomes=(
            Outcome(index=0, expected=("a", "b"), predicted=("b", "a")),
            Outcome(index=1, expected=("a",), predicted=("a", "b")),
        )
    )
    assert report.accuracy == 0.5
    assert [(one.label, one.precision, one.recall) for one in report.labels] == [
        ("a", 1.0, 1.0), ("b", 0.5, 1.0),
    ]  # fmt: skip
    assert report.confusion == {("a", ""): 1}


def test_data_are_json() -> None:
    data = json.loads(json.dumps(REPORT.as_data()))
    assert data["accuracy"] == 0.6
    assert data["errors"] == {"4": "RateLimitError: slow down"}
    assert data["outcomes"][1]["predicted"] == ["b"]


def test_a_page(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    outcomes = [
        outcome(number, f"label {number}", f"label {number + 1}", 0.5) for number in range(90)
    ]
    report = EvaluationReport(outcomes=(*outcomes, outcome(90, evil, evil)))
    file = tmp_path / "plot.html"
    report.write_plot(file, title=f"mine {evil}")
    page = file.read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert '"type":"heatmap"' in page
    assert "accuracy by confidence" in page
    assert 'src="http' not in page
    with pytest.raises(ConfigurationError, match="cannot be written"):
        report.write_plot(tmp_path / "nowhere" / "plot.html")
    with pytest.raises(ConfigurationError, match="no outcome"):
        EvaluationReport(outcomes=()).write_plot(file)


def test_the_first_of_several_labels_is_what_its_confidence_speaks_of() -> None:
    report = EvaluationReport(
        outcomes=(
            Outcome(index=0, expected=("a", "b"), predicted=("a",), confidence=0.95),
            Outcome(index=1, expected=("a",), predicted=("a", "b"), confidence=0.95),
            Outcome(index=2, expected=("b",), predicted=("a", "b"), confidence=0.95),
        )
    )
    assert report.accuracy == 0.0
    assert report.calibration.bins[9].accuracy == pytest.approx(2 / 3)


def test_labels_that_begin_alike_stay_apart_on_the_page(tmp_path: Path) -> None:
    alike = [f"{'the same long beginning ' * 3}{end}" for end in "xy"]
    report = EvaluationReport(
        outcomes=(outcome(0, alike[0], alike[1]), outcome(1, alike[0], alike[0]))
    )
    file = tmp_path / "plot.html"
    report.write_plot(file)
    page = file.read_text(encoding="utf-8")
    found = re.search(r'"x":(\["the same[^\]]*\])', page)
    assert found is not None
    assert len(set(json.loads(found[1]))) == 2
