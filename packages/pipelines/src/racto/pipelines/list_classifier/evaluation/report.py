"""EvaluationReport: the figures of a classifier on texts whose labels are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any

from .calibration import CalibrationReport, calibrated
from .outcomes import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelScores:
    """How well one label is told from the others; each share is from 0.0 to 1.0.

    Attributes:
        label: The label.
        support: Texts that have it.
        predicted: Texts that got it.
        precision: Share of those that got it which have it; 0.0 when none got it.
        recall: Share of those that have it which got it; 0.0 when none has it.
        f1: Harmonic mean of the two.
    """

    label: str
    support: int
    predicted: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationReport:
    """What an evaluation found.

    Attributes:
        outcomes: One a text, in the order in which they were given.
        resumed: How many of them a checkpoint held already.
    """

    outcomes: tuple[Outcome, ...]
    resumed: int = 0

    @property
    def accuracy(self) -> float:
        """Share of texts that got exactly their labels; those that failed count as wrong."""
        return fmean(outcome.is_correct for outcome in self.outcomes) if self.outcomes else 0.0

    @property
    def macro_f1(self) -> float:
        """Mean F1 of all labels that a text has or got, each with the same weight."""
        table = self.labels
        return fmean(scores.f1 for scores in table) if table else 0.0

    @property
    def labels(self) -> tuple[LabelScores, ...]:
        """The scores of each label that a text has or got, in the order of their names."""
        return _label_scores(self.outcomes)

    @property
    def confusion(self) -> dict[tuple[str, str], int]:
        """How often the first label was taken for the second, or rightly found.

        Counts texts with one label. A text that failed, or that got several, was taken for
        ``""``.
        """
        # With several labels nobody knows which was taken for which.
        counts = Counter(
            (outcome.expected[0], outcome.predicted[0] if len(outcome.predicted) == 1 else "")
            for outcome in self.outcomes
            if len(outcome.expected) == 1
        )
        return dict(counts)

    @property
    def calibration(self) -> CalibrationReport:
        """Whether the confidences mean what they say."""
        return calibrated(self.outcomes)

    @property
    def errors(self) -> dict[int, str]:
        """Why texts failed, by their places."""
        return {
            outcome.index: outcome.error for outcome in self.outcomes if outcome.error is not None
        }

    @property
    def offered(self) -> float:
        """Share of texts whose labels were shown to the model: the recall of a shortlist."""
        return fmean(outcome.was_offered for outcome in self.outcomes) if self.outcomes else 0.0

    def matrix(self) -> tuple[list[str], list[list[int]]]:
        """The confusion as a table: names of rows and columns, and a row an expected label."""
        counts = self.confusion
        names = sorted({name for pair in counts for name in pair})
        return names, [[counts.get((row, column), 0) for column in names] for row in names]

    def as_data(self) -> dict[str, Any]:
        """The report as plain data for JSON, text by text."""
        return {
            "texts": len(self.outcomes),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "offered": self.offered,
            "labels": [asdict(scores) for scores in self.labels],
            "confusion": [
                {"expected": expected, "predicted": predicted, "count": count}
                for (expected, predicted), count in sorted(self.confusion.items())
            ],
            "calibration": asdict(self.calibration),
            "errors": {str(index): reason for index, reason in self.errors.items()},
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }

    def write_plot(self, file: str | Path, *, title: str = "") -> None:
        """Write one HTML file with the confusion and the calibration; it needs no network.

        Args:
            file: Where to; a file that is there is replaced.
            title: Stands above.

        Raises:
            ConfigurationError: If there is no outcome, or the file cannot be written.
            MissingExtraError: If plotly is not installed.
        """
        from .plot import write_plot

        write_plot(self, file, title=title)

    def __str__(self) -> str:
        calibration = self.calibration
        told = f", ECE {calibration.expected_error:.3f}" if calibration.count else ""
        failed = f", {len(self.errors)} failed" if self.errors else ""
        return (
            f"{len(self.outcomes)} texts: accuracy {self.accuracy:.3f}, "
            f"macro-F1 {self.macro_f1:.3f}{told}{failed}"
        )


# Several properties read the table, and outcomes never change.
@lru_cache(maxsize=8)
def _label_scores(outcomes: tuple[Outcome, ...]) -> tuple[LabelScores, ...]:
    has: Counter[str] = Counter()
    got: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for outcome in outcomes:
        expected, predicted = set(outcome.expected), set(outcome.predicted)
        has.update(expected)
        got.update(predicted)
        right.update(expected & predicted)
    return tuple(
        _scores(label, has[label], got[label], right[label]) for label in sorted(has | got)
    )


def _scores(label: str, has: int, got: int, right: int) -> LabelScores:
    return LabelScores(
        label=label,
        support=has,
        predicted=got,
        precision=right / got if got else 0.0,
        recall=right / has if has else 0.0,
        f1=2 * right / (has + got) if right else 0.0,
    )
