"""Hugging Face's conversational format, as TRL's trainers take it: ``messages`` and columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample, chat_example
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .conversational_turns import decode_turns, encode_turns
from .fields import list_in, rest_of, shown, text_in
from .format import Format
from .losses import Losses
from .openai_chat import answered
from .openai_messages import wrapped_tools
from .openai_turns import unwrapped_tools

_KNOWN = frozenset({"messages", "prompt", "completion", "tools"})


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    turns = encode_turns(answered(example, losses), losses)
    # A question without an answer is what GRPO and other trainers with rewards take.
    record: dict[str, Any] = {"prompt" if example.kind == "graded" else "messages": turns}
    return with_columns(record, example)


def with_columns(record: dict[str, Any], example: RactoTrainingExample) -> dict[str, Any]:
    """The record with the example's tools and further columns.

    Raises:
        ConfigurationError: If a column has the name of a field of the format.
    """
    if example.tools:
        record["tools"] = wrapped_tools(example.tools)
    if clash := example.extra.keys() & record.keys():
        raise ConfigurationError(f"extra holds {min(clash)!r}, which is a field of the format")
    return {**record, **example.extra}


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    images = record.get("images")
    if "messages" in record:
        turns = decode_turns(list_in(record, "messages"), "messages", images)
    else:
        turns = [
            *side(record, "prompt", "user"),
            *(side(record, "completion", "assistant") if "completion" in record else ()),
        ]
    if len(record) == 1 and "messages" in record:
        return chat_example(turns)
    return RactoTrainingExample(
        turns, tools=tools_of(record), extra=rest_of(record, _KNOWN | used_images(turns))
    )


def side(record: Mapping[str, Any], key: str, role: str) -> list[RactoTrainingMessage]:
    """One side of a record: a list of messages, or a text that somebody says.

    Args:
        record: The record.
        key: Name of the field.
        role: Who says a text.

    Raises:
        ConfigurationError: If it is neither.
    """
    value = record.get(key)
    if isinstance(value, str):
        return [plain_message(role, value)]
    # TRL's preference files may hold one message instead of a list.
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise ConfigurationError(f"{key}: expected a text or a list, not {shown(value)}")
    return decode_turns(value, key, record.get("images"))


def tools_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tools of a record, a list or, as in Parquet, JSON.

    Raises:
        ConfigurationError: If it is neither.
    """
    tools = record.get("tools")
    if isinstance(tools, str):
        text = text_in(record, "tools")
        if not text.strip():
            return []
        try:
            tools = json.loads(text)
        except ValueError as error:
            raise ConfigurationError(f"tools: no JSON: {error}") from error
    return unwrapped_tools(tools) if tools is not None else []


def used_images(turns: list[RactoTrainingMessage]) -> frozenset[str]:
    """The column of images, when the turns have taken theirs from it."""
    return frozenset({"images"}) if any(turn.media for turn in turns) else frozenset()


CONVERSATIONAL = Format(
    name="trl",
    title="Hugging Face's conversational format",
    kind="chat",
    encoder=_encode,
    decoder=_decode,
)
"""Supervised tuning with TRL, Axolotl and whatever else loads Hugging Face's datasets."""
