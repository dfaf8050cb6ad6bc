"""OpenAI's chat format for supervised tuning: ``{"messages": [...], "tools": [...]}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.finetune.call_ids import with_call_ids
from racto.finetune.examples import RactoTrainingExample, chat_example

from .fields import list_in, rest_of
from .format import Format
from .losses import Losses
from .openai_messages import encode_messages, wrapped_tools
from .openai_turns import decode_messages, unwrapped_tools

TAKEN = frozenset({"parallel_tool_calls", "functions"})
"""Fields beside messages and tools that the API takes."""

_KNOWN = frozenset({"messages", "tools"})


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    messages = answered(example, losses)
    record: dict[str, Any] = {"messages": encode_messages(with_call_ids(messages), losses)}
    if example.tools:
        record["tools"] = wrapped_tools(example.tools)
    for key, value in example.extra.items():
        if key in TAKEN:
            record[key] = value
        else:
            losses.lose(f"the field {key!r}", "a record holds messages and tools")
    return record


def answered(example: RactoTrainingExample, losses: Losses) -> list[Any]:
    """The turns of an example for a format of conversations.

    Args:
        example: The example; of a preference the preferred answer is taken.
        losses: Takes the rejected answer.
    """
    if example.kind != "preference":
        return example.messages
    losses.lose("a rejected answer", "it holds conversations; use the provider's preference format")
    return [*example.messages, *example.chosen]


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    messages = decode_messages(list_in(record, "messages"))
    # Most files hold messages and nothing else.
    if len(record) == 1:
        return chat_example(messages)
    tools = record.get("tools")
    return RactoTrainingExample(
        messages,
        tools=unwrapped_tools(tools) if tools is not None else (),
        extra=rest_of(record, _KNOWN),
    )


OPENAI_CHAT = Format(
    name="openai", title="OpenAI's chat format", kind="chat", encoder=_encode, decoder=_decode
)
"""Supervised tuning at OpenAI and at the many hosts that take its files."""
