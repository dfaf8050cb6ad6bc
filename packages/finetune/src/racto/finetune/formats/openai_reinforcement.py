"""OpenAI's format for reinforcement tuning: a question, and fields that a grader compares with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.call_ids import with_call_ids
from racto.finetune.examples import RactoTrainingExample

from .fields import list_in, rest_of
from .format import Format
from .losses import Losses
from .openai_messages import encode_messages, wrapped_tools
from .openai_turns import decode_messages, unwrapped_tools

_KNOWN = frozenset({"messages", "tools"})


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    if example.kind == "preference":
        losses.lose("two answers", "it holds questions that a grader judges the answers to")
    if clash := example.extra.keys() & _KNOWN:
        raise ConfigurationError(f"extra holds {min(clash)!r}, which is a field of the format")
    record: dict[str, Any] = {"messages": encode_messages(with_call_ids(example.messages), losses)}
    if example.tools:
        record["tools"] = wrapped_tools(example.tools)
    return {**record, **example.extra}


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    tools = record.get("tools")
    return RactoTrainingExample(
        decode_messages(list_in(record, "messages")),
        tools=unwrapped_tools(tools) if tools is not None else (),
        extra=rest_of(record, _KNOWN),
    )


OPENAI_REINFORCEMENT = Format(
    name="openai-reinforcement",
    title="OpenAI's reinforcement format",
    kind="graded",
    encoder=_encode,
    decoder=_decode,
)
"""Reinforcement tuning at OpenAI; a grader sees every further field as ``item.<field>``."""
