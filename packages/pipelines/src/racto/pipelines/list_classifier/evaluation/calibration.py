"""Whether confidences mean what they say: of those at 0.8, eight in ten should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .outcomes import Outcome

BINS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """The predictions whose confidence lies in one interval.

    Attributes:
        lower: Least confidence of the interval.
        upper: Its greatest; belongs to the next interval, but for 1.0.
        count: How many predictions there are.
        confidence: Their mean confidence; 0.0 for none.
        accuracy: Which share of them is right; 0.0 for none. Of several labels the first is
            looked at, which the confidence speaks of.
    """

    lower: float
    upper: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationReport:
    """How far confidence and accuracy are apart.

    Attributes:
        bins: Ten intervals of the same width, from 0.0 to 1.0.
        count: Predictions that have a confidence.
        without: Predictions that have none.
        sources: How many confidences come from where.
        expected_error: Expected calibration error (ECE): the distance of mean confidence and
            accuracy in each interval, weighted by its count; 0.0 is perfect.
        largest_error: The largest of these distances.
        brier: Mean squared distance of confidence and outcome (1 or 0); 0.0 is perfect.
    """

    bins: tuple[ReliabilityBin, ...]
    count: int
    without: int
    sources: dict[str, int]
    expected_error: float
    largest_error: float
    brier: float


def calibrated(outcomes: Sequence[Outcome]) -> CalibrationReport:
    """Compare confidences with outcomes.

    Args:
        outcomes: Of all texts; those that failed have no confidence and do not count.
    """
    answered = [outcome for outcome in outcomes if outcome.error is None]
    pairs = [
        (outcome.confidence, outcome.predicted[0] in outcome.expected)
        for outcome in answered
        if outcome.confidence is not None and outcome.predicted
    ]
    sources: dict[str, int] = {}
    for outcome in answered:
        if outcome.source is not None:
            sources[outcome.source] = sources.get(outcome.source, 0) + 1
    bins = tuple(_bin(number, pairs) for number in range(BINS))
    distances = [abs(one.confidence - one.accuracy) for one in bins]
    # Without any confidence there is nothing to be wrong about.
    total = len(pairs) or 1
    return CalibrationReport(
        bins=bins,
        count=len(pairs),
        without=len(answered) - len(pairs),
        sources=sources,
        expected_error=sum(
            distance * one.count for distance, one in zip(distances, bins, strict=True)
        )
        / total,
        largest_error=max(distances),
        brier=sum((confidence - is_right) ** 2 for confidence, is_right in pairs) / total,
    )


def _bin(number: int, pairs: Sequence[tuple[float, bool]]) -> ReliabilityBin:
    inside = [pair for pair in pairs if min(int(pair[0] * BINS), BINS - 1) == number]
    count = len(inside)
    return ReliabilityBin(
        lower=number / BINS,
        upper=(number + 1) / BINS,
        count=count,
        confidence=sum(confidence for confidence, _ in inside) / count if count else 0.0,
        accuracy=sum(is_right for _, is_right in inside) / count if count else 0.0,
    )
