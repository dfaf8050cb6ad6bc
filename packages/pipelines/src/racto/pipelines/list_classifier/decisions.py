"""From a reply to a decision: the options meant, how sure they are, and which pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from racto.core.errors import InvalidResponseError
from racto.core.responses import LLMResponse

from .confidences import label_probability
from .plans import Plan
from .replies import Reading, read_reply
from .results import ConfidenceSource
from .settings import ClassifierSettings


class Decision(NamedTuple):
    """What a reply decides.

    Attributes:
        selected: Options, most confident first.
        confidences: One a selection.
        source: Where they come from.
        scores: Scores by option.
        reasoning: The model's reason.
        corrections: What the model wrote for the options that were corrected.
        below: Whether nothing passed its threshold, and the best is kept all the same.
    """

    selected: list[str]
    confidences: list[float] | None
    source: ConfidenceSource | None
    scores: dict[str, float] | None
    reasoning: str | None
    corrections: dict[str, str]
    below: bool


class ReplyMisfitError(InvalidResponseError):
    """A reply decides nothing; the message tells the model why."""


def decide(
    reply: LLMResponse, plan: Plan, settings: ClassifierSettings, threshold: float | None
) -> Decision:
    """Read a reply against a plan.

    Args:
        reply: What the model answered, or a cache remembered.
        plan: The options.
        settings: Which facts are wanted.
        threshold: Least confidence of a selection.

    Raises:
        ReplyMisfitError: If it names no option, another text, or several where one is wanted.
    """
    parsed = reply.parsed
    reading = read_reply(reply.content or "", parsed)
    if not reading.chosen:
        raise ReplyMisfitError("it names no option")
    chosen, corrections = _options_of(reading, plan)
    if plan.mode == "single" and len(chosen) > 1:
        if len(set(chosen)) > 1:
            raise ReplyMisfitError("it names several options where exactly one is wanted")
        del chosen[1:]
    # What was not asked for is not reported, even if the model tells.
    scores = _scores_of(reading, plan) if settings.score_all else None
    confidences: list[float] | None = None
    source: ConfidenceSource | None = None
    if settings.include_confidence:
        confidences, source = _confidences_of(reply, reading, plan, chosen, scores)
    decision = Decision(
        chosen,
        confidences,
        source,
        scores,
        reading.reasoning if settings.include_reasoning else None,
        corrections,
        False,
    )
    if plan.mode == "single" and threshold is None and not settings.label_thresholds:
        return decision
    return _passed(decision, plan, settings.label_thresholds, threshold)


def _options_of(reading: Reading, plan: Plan) -> tuple[list[str], dict[str, str]]:
    chosen: list[str] = []
    corrections: dict[str, str] = {}
    for wrote in reading.chosen:
        option, was_corrected = plan.meant(wrote)
        if option is None:
            raise ReplyMisfitError(
                f"{wrote!r:.80} is none of the options, which are {plan.listed()}"
            )
        if was_corrected:
            corrections[option] = wrote
        chosen.append(option)
    return chosen, corrections


def _scores_of(reading: Reading, plan: Plan) -> dict[str, float] | None:
    if reading.scores is None:
        return None
    named = {plan.meant(wrote)[0]: score for wrote, score in reading.scores.items()}
    # In the options' order; what the model left out is not made up.
    return {option: named[option] for option in plan.options if option in named} or None


def _confidences_of(
    reply: LLMResponse,
    reading: Reading,
    plan: Plan,
    chosen: list[str],
    scores: dict[str, float] | None,
) -> tuple[list[float] | None, ConfidenceSource | None]:
    # Of several labels, tokens tell how likely each was at its place, not that it belongs.
    if plan.mode == "single" and reply.logprobs:
        probability = label_probability(reply.logprobs)
        if probability is not None:
            return [probability], "logprobs"
    if reading.confidences is not None and len(reading.confidences) == len(chosen):
        return list(reading.confidences), "model"
    if scores is not None and all(option in scores for option in chosen):
        return [scores[option] for option in chosen], "model"
    # Missing is not certain: the reference takes 1.0.
    return None, None


def _passed(
    decision: Decision, plan: Plan, thresholds: Mapping[str, float], threshold: float | None
) -> Decision:
    # An option that is named twice is one selection, as sure as the surer of the two.
    known = dict.fromkeys(decision.selected, None) | dict[str, float | None]()
    for place, option in enumerate(decision.selected):
        told = decision.confidences[place] if decision.confidences is not None else None
        before = known[option]
        known[option] = told if before is None else max(before, told or 0.0)
    if plan.mode == "multiple":
        _add_scored(known, decision.scores, thresholds)
    # Sorting is stable, so that without confidences the model's own order stays.
    ranked = sorted(known, key=lambda option: -(known[option] or 0.0))
    passing = [option for option in ranked if _passes(option, known[option], thresholds, threshold)]
    below = not passing
    selected = passing or ranked[:1]
    values = [value for option in selected if (value := known[option]) is not None]
    complete = len(values) == len(selected)
    return decision._replace(
        selected=selected,
        confidences=values if complete else None,
        source=(decision.source or "model") if complete else None,
        corrections={key: value for key, value in decision.corrections.items() if key in selected},
        below=below,
    )


def _add_scored(
    known: dict[str, float | None], scores: dict[str, float] | None, thresholds: Mapping[str, float]
) -> None:
    """Add labels whose score reaches a threshold of their own, chosen or not."""
    for option, score in (scores or {}).items():
        if option in thresholds and score >= thresholds[option]:
            known.setdefault(option, score)


def _passes(
    option: str, value: float | None, thresholds: Mapping[str, float], threshold: float | None
) -> bool:
    least = thresholds.get(option, threshold)
    # An unknown confidence is no low one.
    return least is None or value is None or value >= least
