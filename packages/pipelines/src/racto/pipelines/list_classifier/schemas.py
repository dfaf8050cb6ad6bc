"""The reply's JSON Schema as a pydantic model: strict on the wire, lenient when it is read.

Kits send the schema to providers that enforce one, with the options as an enum. The fields
themselves take any text, so that a reply with a slip reaches the corrections instead of being
sent back by the kit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema, create_model

from .settings import ClassifierSettings, SelectionMode

# OpenAI's bounds of one enum; other providers name none, but longer ones make slow grammars.
_MOST_NAMED = 500
_MOST_SHORT = 250
_MOST_LETTERS = 15_000

_LENIENT = ConfigDict(defer_build=True)


def reply_model(
    options: Sequence[str], settings: ClassifierSettings, mode: SelectionMode
) -> type[BaseModel]:
    """The model to hand to a kit as ``response_model``.

    Args:
        options: What can be chosen.
        settings: Which fields the reply has.
        mode: One option or several.
    """
    choice = Annotated[str, WithJsonSchema(_choice_schema(options))]
    # Bounds on the numbers would cost the strict mode of some providers; they are clamped later.
    fields: dict[str, Any] = {}
    if settings.include_reasoning:
        # First, or the model would find reasons for a choice that it has made already.
        fields["reasoning"] = (str, ...)
    if mode == "multiple":
        fields["selected"] = (list[choice], ...)
    else:
        fields["selected"] = (choice, ...)
    if settings.include_confidence:
        several = mode == "multiple"
        fields["confidences" if several else "confidence"] = (
            list[float] if several else float,
            ...,
        )
    if settings.score_all:
        score = create_model(
            "OptionScore", __config__=_LENIENT, option=(str, ...), score=(float, ...)
        )
        fields["all_scores"] = (list[score], ...)  # type: ignore[valid-type]
    made: type[BaseModel] = create_model("Classification", __config__=_LENIENT, **fields)
    return made


def _choice_schema(options: Sequence[str]) -> dict[str, Any]:
    few = len(options) <= _MOST_SHORT
    if few or (len(options) <= _MOST_NAMED and sum(map(len, options)) <= _MOST_LETTERS):
        return {"type": "string", "enum": list(options)}
    # The options stand in the prompt, and every reply is checked, enum or not.
    return {"type": "string"}
