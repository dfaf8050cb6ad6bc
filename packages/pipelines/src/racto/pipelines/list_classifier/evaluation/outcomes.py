"""What was expected of each text and what came; the lines of a checkpoint are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.pipelines.list_classifier.results import ClassifierResult, ConfidenceSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One text of an evaluation; the text itself is not kept.

    Attributes:
        index: Place of the text among all, from 0.
        expected: The labels that it has.
        predicted: The labels that it got; empty after an error.
        confidence: Confidence of the first of them, 0.0 to 1.0; None when it is unknown.
        source: Where the confidence comes from.
        was_offered: Whether the model was shown all labels of ``expected``; a shortlist may
            leave one out.
        corrected: Whether a misspelt reply was corrected.
        error: Why there is no prediction.
    """

    index: int
    expected: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float | None = None
    source: ConfidenceSource | None = None
    was_offered: bool = True
    corrected: bool = False
    error: str | None = None

    @property
    def is_correct(self) -> bool:
        """Whether exactly the expected labels were predicted."""
        return set(self.predicted) == set(self.expected)


def outcome_of(index: int, expected: tuple[str, ...], result: ClassifierResult) -> Outcome:
    """The outcome of one result.

    Args:
        index: Place of the text.
        expected: The labels that it has.
        result: What the pipeline returned.
    """
    # A tree's leaf may be called as in another branch, so its labels may be whole paths.
    path = " > ".join(result.path or ())
    predicted = (path,) if path and expected == (path,) else tuple(result.selected)
    offered = path in expected or set(expected) <= set(result.options_provided)
    return Outcome(
        index=index,
        expected=expected,
        predicted=predicted,
        confidence=result.top_confidence,
        source=result.confidence_source,
        was_offered=offered,
        corrected=result.fuzzy_corrected,
        error=result.error,
    )


def outcome_from(data: Mapping[str, Any]) -> Outcome:
    """The outcome that ``dataclasses.asdict`` made data of.

    Raises:
        TypeError: If a field is missing or unknown.
    """
    fields = dict(data)
    fields["expected"], fields["predicted"] = tuple(fields["expected"]), tuple(fields["predicted"])
    return Outcome(**fields)
