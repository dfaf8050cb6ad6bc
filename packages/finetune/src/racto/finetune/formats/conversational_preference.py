"""Hugging Face's format for preferences, as TRL's DPO trainer takes it: prompt, chosen, rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage

from .conversational import side, tools_of, used_images, with_columns
from .conversational_turns import encode_turns
from .fields import rest_of
from .format import Format
from .losses import Losses
from .openai_preference import require_choice

_KNOWN = frozenset({"prompt", "chosen", "rejected", "tools"})


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    require_choice(example)
    record: dict[str, Any] = {
        "prompt": encode_turns(example.messages, losses),
        "chosen": encode_turns(example.chosen, losses),
        "rejected": encode_turns(example.rejected, losses),
    }
    return with_columns(record, example)


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    chosen = side(record, "chosen", "assistant")
    rejected = side(record, "rejected", "assistant")
    if record.get("prompt") is not None:
        prompt = side(record, "prompt", "user")
    elif isinstance(record.get("chosen"), str):
        raise ConfigurationError(
            "prompt: missing, and it cannot be told from two texts where it ends; give it"
        )
    else:
        prompt, chosen, rejected = _shared(chosen, rejected)
    known = _KNOWN | used_images(prompt)
    return RactoTrainingExample(
        prompt, tools=tools_of(record), chosen=chosen, rejected=rejected,
        extra=rest_of(record, known),
    )  # fmt: skip


def _shared(
    chosen: list[RactoTrainingMessage], rejected: list[RactoTrainingMessage]
) -> tuple[list[RactoTrainingMessage], list[RactoTrainingMessage], list[RactoTrainingMessage]]:
    """The turns that two conversations begin with, and what comes after them in each."""
    end = 0
    for ours, theirs in zip(chosen, rejected, strict=False):
        if ours != theirs:
            break
        end += 1
    # Two equal answers are a fault for validation to name, and not an empty choice.
    end = min(end, len(chosen) - 1, len(rejected) - 1)
    return chosen[:end], chosen[end:], rejected[end:]


CONVERSATIONAL_PREFERENCE = Format(
    name="trl-preference",
    title="Hugging Face's preference format",
    kind="preference",
    encoder=_encode,
    decoder=_decode,
)
"""Preference tuning with TRL: DPO and its relatives."""
