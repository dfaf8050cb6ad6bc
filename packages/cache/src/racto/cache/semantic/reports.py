"""What a calibration found: figures by threshold, the one to take, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intervals import flawless_needed, wilson
from .vectors import SLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdFigures:
    """What one threshold would do with the labelled pairs.

    Attributes:
        threshold: Least cosine similarity of a hit.
        true_hits: Pairs that ask the same and are similar enough.
        false_hits: Pairs that do not ask the same, and are similar enough all the same.
        missed: Pairs that ask the same and are not similar enough.
        precision: Share of the hits that are true; None without a hit.
        precision_low: Lower bound of the precision's confidence interval.
        precision_high: Upper bound.
        recall: Share of the pairs that ask the same which are hits.
        f1: Harmonic mean of precision and recall; 0.0 without a true hit.
        false_hit_rate: Share of the pairs that do not ask the same which are hits. Unlike the
            precision it does not depend on how many pairs of either kind there are.
    """

    threshold: float
    true_hits: int
    false_hits: int
    missed: int
    precision: float | None
    precision_low: float
    precision_high: float
    recall: float
    f1: float
    false_hit_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """Figures by threshold for one embedder.

    Attributes:
        figures: One a threshold, ascending.
        same: Pairs that ask the same.
        different: Pairs that do not.
        wanted_precision: What was asked for.
        confidence: Of the intervals.
        recommended: The threshold that reaches the wanted precision with the most true hits, the
            strictest of several; None when none does.
        warnings: Why the recommendation is less sure than it looks; empty when it is sure.
        similarities: Cosine similarity of each pair, in the pairs' order.
        labels: Whether each pair asks the same, in the same order.
    """

    figures: tuple[ThresholdFigures, ...]
    same: int
    different: int
    wanted_precision: float
    confidence: float
    recommended: float | None
    warnings: tuple[str, ...]
    similarities: tuple[float, ...]
    labels: tuple[bool, ...]

    def at(self, threshold: float) -> ThresholdFigures:
        """The figures of one of the thresholds.

        Raises:
            KeyError: If it is not among them.
        """
        for figures in self.figures:
            if figures.threshold == threshold:
                return figures
        raise KeyError(threshold)

    def as_data(self) -> dict[str, Any]:
        """The report as JSON can hold it, without the single pairs."""
        names = ThresholdFigures.__slots__
        return {
            "same": self.same,
            "different": self.different,
            "wanted_precision": self.wanted_precision,
            "confidence": self.confidence,
            "recommended": self.recommended,
            "warnings": list(self.warnings),
            "thresholds": [
                {name: getattr(figures, name) for name in names} for figures in self.figures
            ],
        }


def make_report(
    similarities: Sequence[float],
    labels: Sequence[bool],
    thresholds: Sequence[float],
    *,
    precision: float,
    confidence: float,
) -> CalibrationReport:
    """The report on pairs whose similarities are known.

    Args:
        similarities: One a pair, -1 to 1.
        labels: Whether each pair asks the same; both kinds occur.
        thresholds: Thresholds to judge.
        precision: What is wanted.
        confidence: Of the intervals.
    """
    scores, truth = np.asarray(similarities, dtype=np.float64), np.asarray(labels, dtype=bool)
    same, different = np.sort(scores[truth]), np.sort(scores[~truth])
    figures = tuple(_figures(same, different, cut, confidence) for cut in sorted(set(thresholds)))
    # A false hit costs more than a miss, so of equals the strictest is taken.
    good = [one for one in figures if one.precision is not None and one.precision >= precision]
    best = max(good, key=lambda one: (one.true_hits, one.threshold), default=None)
    return CalibrationReport(
        figures=figures,
        same=len(same),
        different=len(different),
        wanted_precision=precision,
        confidence=confidence,
        recommended=None if best is None else best.threshold,
        warnings=_warnings(best, precision, confidence),
        similarities=tuple(scores.tolist()),
        labels=tuple(truth.tolist()),
    )


def _figures(
    same: NDArray[np.float64], different: NDArray[np.float64], cut: float, confidence: float
) -> ThresholdFigures:
    # The cache judges with the same slack.
    true_hits = len(same) - int(np.searchsorted(same, cut - SLACK))
    false_hits = len(different) - int(np.searchsorted(different, cut - SLACK))
    hits = true_hits + false_hits
    low, high = wilson(true_hits, hits, confidence=confidence)
    return ThresholdFigures(
        threshold=float(cut),
        true_hits=true_hits,
        false_hits=false_hits,
        missed=len(same) - true_hits,
        precision=true_hits / hits if hits else None,
        precision_low=low,
        precision_high=high,
        recall=true_hits / len(same),
        f1=2 * true_hits / (hits + len(same)),
        false_hit_rate=false_hits / len(different),
    )


def _warnings(
    best: ThresholdFigures | None, precision: float, confidence: float
) -> tuple[str, ...]:
    if best is None:
        return (
            f"no threshold reaches a precision of {precision:g} on these pairs; judge higher "
            "thresholds, or take an embedder that tells such questions apart",
        )
    # What was seen reaches it; what will be seen should too.
    if best.precision_low >= precision:
        return ()
    needed = flawless_needed(precision, confidence=confidence) if precision < 1 else None
    advice = (
        "no number of pairs proves that there never is a false hit"
        if needed is None
        else f"label more pairs: it takes at least {needed} hits without a false one to be sure"
    )
    return (
        f"too few pairs: {best.true_hits + best.false_hits} hits with {best.false_hits} false "
        f"leave the precision between {best.precision_low:.4f} and {best.precision_high:.4f} "
        f"({confidence:.0%} confidence), and {precision:g} is wanted; {advice}",
    )
