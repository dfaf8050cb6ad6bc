"""OpenAI's format for direct preference optimisation: a conversation and two answers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.call_ids import with_call_ids
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage

from .fields import list_in, object_in, rest_of
from .format import Format
from .losses import Losses
from .openai_chat import TAKEN
from .openai_messages import encode_messages, wrapped_tools
from .openai_turns import decode_messages, unwrapped_tools

_KNOWN = frozenset({"input", "preferred_output", "non_preferred_output"})
_INPUT = frozenset({"messages", "tools"})


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    require_choice(example)
    turns, chosen, rejected = numbered(example)
    given: dict[str, Any] = {"messages": encode_messages(turns, losses)}
    if example.tools:
        given["tools"] = wrapped_tools(example.tools)
    for key, value in example.extra.items():
        if key in TAKEN:
            given[key] = value
        else:
            losses.lose(f"the field {key!r}", "a record holds an input and two outputs")
    return {
        "input": given,
        "preferred_output": encode_messages(chosen, losses),
        "non_preferred_output": encode_messages(rejected, losses),
    }


def require_choice(example: RactoTrainingExample) -> None:
    """Refuse an example that holds no two answers.

    Raises:
        ConfigurationError: If there is no chosen or no rejected answer.
    """
    for name in ("chosen", "rejected"):
        if not getattr(example, name):
            raise ConfigurationError(
                f"a preference needs a chosen and a rejected answer, and {name!r} is empty; give "
                "both, or use a format of conversations"
            )


def numbered(
    example: RactoTrainingExample,
) -> tuple[
    list[RactoTrainingMessage], Sequence[RactoTrainingMessage], Sequence[RactoTrainingMessage]
]:
    """The turns and the two answers, with an id for every tool call."""
    turns = with_call_ids(example.messages)
    count = len(turns)
    # Either answer goes on from the conversation, and its ids with it.
    chosen = with_call_ids([*turns, *example.chosen])[count:]
    return turns, chosen, with_call_ids([*turns, *example.rejected])[count:]


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    given = object_in(record, "input")
    tools = given.get("tools")
    return RactoTrainingExample(
        decode_messages(list_in(given, "messages", "input"), "input.messages"),
        tools=unwrapped_tools(tools, "input.tools") if tools is not None else (),
        chosen=decode_messages(list_in(record, "preferred_output"), "preferred_output"),
        rejected=decode_messages(list_in(record, "non_preferred_output"), "non_preferred_output"),
        extra={**rest_of(given, _INPUT), **rest_of(record, _KNOWN)},
    )


OPENAI_PREFERENCE = Format(
    name="openai-preference",
    title="OpenAI's preference format",
    kind="preference",
    encoder=_encode,
    decoder=_decode,
)
"""Direct preference optimisation (DPO) at OpenAI."""
