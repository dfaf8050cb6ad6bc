"""What a model wrote, read: the choices, confidences, scores and reason in any usual form."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

# Models behind servers that enforce no schema choose their own names now and then.
_CHOICES = ("selected", "selection", "option", "label", "choice", "category", "answer")
_CONFIDENCES = ("confidences", "confidence")
_SCORES = ("all_scores", "scores")
_REASONS = ("reasoning", "reason", "explanation")
_BRACKET = re.compile(r"[{\[]")
# A reply full of brackets must not be parsed from each of them.
_MOST_TRIES = 16
# A little above one is a slip of the model's arithmetic.
_MOST_SLACK = 2.0


class Reading(NamedTuple):
    """A reply's contents, not yet compared with the options.

    Attributes:
        chosen: What it chose, as it wrote it.
        confidences: One a choice, clamped to 0.0 to 1.0; None unless each has one.
        scores: Scores by option, as it wrote them.
        reasoning: Its reason.
    """

    chosen: list[str]
    confidences: list[float] | None = None
    scores: dict[str, float] | None = None
    reasoning: str | None = None


def read_reply(text: str, parsed: Any = None) -> Reading:
    """Read a reply.

    Args:
        text: The reply.
        parsed: Its JSON, when the kit has found it already.
    """
    data = parsed if parsed is not None else _found(text)
    if isinstance(data, dict):
        return _of_object(data)
    if isinstance(data, list):
        return _of_list(data)
    # Small models answer with the label alone, which is as good.
    bare = data if isinstance(data, str) else text.strip()
    return Reading([bare] if bare else [])


def confidence_of(value: Any) -> float | None:
    """A number as a confidence from 0.0 to 1.0; None when it is none, or on another scale."""
    # True is a number to Python, and no confidence.
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    # Of 62 or 5 nobody knows the scale, and clamped they would read as certainty.
    return None if math.isnan(number) or number > _MOST_SLACK else min(1.0, max(0.0, number))


def _of_object(data: dict[str, Any]) -> Reading:
    read = _of_list(_listed(_first(data, _CHOICES)))
    told = _first(data, _CONFIDENCES)
    reason = _first(data, _REASONS)
    return Reading(
        read.chosen,
        read.confidences if told is None else _numbers(_listed(told), len(read.chosen)),
        _scores(_first(data, _SCORES)),
        reason if isinstance(reason, str) and reason.strip() else None,
    )


def _of_list(data: list[Any]) -> Reading:
    """Choices as texts, or as objects that carry a confidence each."""
    chosen: list[str] = []
    told: list[Any] = []
    for entry in data:
        if isinstance(entry, dict):
            told.append(_first(entry, (*_CONFIDENCES, "score")))
            entry = _first(entry, _CHOICES)
        if isinstance(entry, str) and entry:
            chosen.append(entry)
    return Reading(chosen, _numbers(told, len(chosen)))


def _scores(data: Any) -> dict[str, float] | None:
    if isinstance(data, list):
        pairs = [
            (_first(entry, _CHOICES), _first(entry, ("score", *_CONFIDENCES)))
            for entry in data
            if isinstance(entry, dict)
        ]
    elif isinstance(data, dict):
        pairs = list(data.items())
    else:
        return None
    read = {name: confidence_of(value) for name, value in pairs if isinstance(name, str)}
    return {name: value for name, value in read.items() if value is not None} or None


def _numbers(told: list[Any], wanted: int) -> list[float] | None:
    # One that is missing shifts all others, so a list of another length says nothing.
    if not wanted or len(told) != wanted:
        return None
    read = [confidence_of(value) for value in told]
    known = [value for value in read if value is not None]
    return known if len(known) == wanted else None


def _first(data: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if data.get(name) is not None:
            return data[name]
    return None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _found(text: str) -> Any:
    """The JSON value in a reply: the whole of it, or the first object or array in its words."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        decoder, place = json.JSONDecoder(), 0
    for _ in range(_MOST_TRIES):
        start = _BRACKET.search(text, place)
        if start is None:
            return None
        try:
            return decoder.raw_decode(text, start.start())[0]
        except (ValueError, RecursionError):
            place = start.end()
    return None
