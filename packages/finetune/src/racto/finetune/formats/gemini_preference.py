"""Vertex AI's format for preference tuning of Gemini: contents, and two completions with scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage

from .fields import as_object, list_in
from .format import Format
from .gemini import decode_prompt, decode_turn, encode_prompt, encode_turn
from .losses import Losses
from .openai_preference import require_choice

_SCORES = {1: "chosen", 0: "rejected"}


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    require_choice(example)
    record = encode_prompt(example.messages, example, losses)
    names = {call.id: call.name for turn in example.messages for call in turn.tool_calls}
    record["completions"] = [
        {"score": score, "completion": encode_turn(_only(example, name), names, losses)}
        for score, name in _SCORES.items()
    ]
    return record


def _only(example: RactoTrainingExample, name: str) -> RactoTrainingMessage:
    answer: tuple[RactoTrainingMessage, ...] = getattr(example, name)
    if len(answer) != 1:
        raise ConfigurationError(
            f"Gemini's preference format takes one turn as an answer, and {name!r} has "
            f"{len(answer)}; keep the last one, and put the others into the conversation"
        )
    return answer[0]


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    example = decode_prompt(record, known=("completions",))
    answers: dict[str, list[RactoTrainingMessage]] = {"chosen": [], "rejected": []}
    # In either order, as the pages show both.
    for at, raw in enumerate(list_in(record, "completions")):
        where = f"completions[{at}]"
        entry = as_object(raw, where)
        name = _SCORES.get(entry.get("score", -1)) if _is_number(entry.get("score")) else None
        if name is None or answers[name]:
            raise ConfigurationError(f"{where}.score: one completion must have 1 and the other 0")
        answers[name].append(decode_turn(entry.get("completion"), f"{where}.completion"))
    return example.replace(**answers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


GEMINI_PREFERENCE = Format(
    name="gemini-preference",
    title="Gemini's preference format",
    kind="preference",
    encoder=_encode,
    decoder=_decode,
)
"""Preference tuning of Gemini at Vertex AI."""
