"""Anthropic's format, as Amazon Bedrock takes it for Claude: ``{"system": ..., "messages": [...]}``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.call_ids import with_call_ids
from racto.finetune.examples import RactoTrainingExample, chat_example
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .anthropic_blocks import decode_block, encode_content
from .fields import as_object, list_in, rest_of, shown, text_in
from .format import Format
from .losses import Losses
from .openai_chat import answered

_KNOWN = frozenset({"system", "messages", "tools"})
_CHAT = frozenset({"system", "messages"})
_MESSAGE = frozenset({"role", "content"})
_SYSTEM = ("system", "developer")


def encode_one(message: RactoTrainingMessage) -> dict[str, Any]:
    """One message.

    Raises:
        UnsupportedFeatureError: If the format cannot carry it.
    """
    losses = Losses(title="Anthropic's format")
    if message.role in _SYSTEM:
        return {"role": "system", "content": encode_content(message, losses)}
    return _turns([message], losses)[0]


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    turns = with_call_ids(answered(example, losses))
    system = [turn for turn in turns if turn.role in _SYSTEM]
    # Lifting it would change what the model had seen when it answered.
    if any(turn.role not in _SYSTEM for turn in turns[: len(system)]):
        losses.lose("a system turn in the middle", "its system text comes before the conversation")
    record: dict[str, Any] = {}
    if system:
        record["system"] = _system(system, losses)
    record["messages"] = _turns((turn for turn in turns if turn.role not in _SYSTEM), losses)
    if example.tools:
        record["tools"] = [_tool(tool, losses) for tool in example.tools]
    for key in example.extra:
        losses.lose(f"the field {key!r}", "a record holds a system text, messages and tools")
    return record


def _system(turns: list[RactoTrainingMessage], losses: Losses) -> Any:
    for turn in turns:
        _lose_facts(turn, losses)
    # A text as long as one text says it all; blocks for more.
    if len(turns) == 1:
        return encode_content(turns[0], losses)
    blocks: list[Any] = []
    for turn in turns:
        content = encode_content(turn, losses)
        blocks += [{"type": "text", "text": content}] if isinstance(content, str) else content
    return blocks


def _turns(turns: Iterable[RactoTrainingMessage], losses: Losses) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    were_results = False
    for turn in turns:
        are_results = turn.role == "tool"
        content = encode_content(turn, losses)
        # The answers to all calls of one turn must stand in one message.
        if are_results and were_results and isinstance(content, list):
            made[-1]["content"] += content
        else:
            made.append({"role": "user" if are_results else turn.role, "content": content})
        were_results = are_results and isinstance(content, list)
        _lose_facts(turn, losses)
    return made


def _lose_facts(turn: RactoTrainingMessage, losses: Losses) -> None:
    """Tell what a turn has beside its role and content."""
    for name in ("name", "weight"):
        if getattr(turn, name) is not None:
            losses.lose(f"a message's {name}", "a message holds a role and its content")
    for key in turn.extra:
        losses.lose(f"the message field {key!r}", "a message holds a role and its content")


def _tool(tool: Mapping[str, Any], losses: Losses) -> dict[str, Any]:
    made = {"input_schema" if key == "parameters" else key: value for key, value in tool.items()}
    if made.pop("strict", None) is not None:
        losses.lose("a tool's strict", "training data has nothing to enforce")
    return made


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    turns: list[RactoTrainingMessage] = []
    if (system := record.get("system")) is not None:
        turns += _messages("system", system, "system", {})
    for number, raw in enumerate(list_in(record, "messages")):
        if type(raw) is dict and len(raw) == 2:
            speaker, said = raw.get("role"), raw.get("content")
            # Nearly every message is text and nothing else.
            if type(speaker) is str and type(said) is str:
                turns.append(plain_message(speaker, said))
                continue
        where = f"messages[{number}]"
        message = as_object(raw, where)
        role = text_in(message, "role", where)
        turns += _messages(role, message.get("content"), where, rest_of(message, _MESSAGE))
    if record.keys() <= _CHAT:
        return chat_example(turns)
    tools = list_in(record, "tools") if record.get("tools") is not None else []
    return RactoTrainingExample(
        turns,
        tools=[_function(as_object(tool, f"tools[{at}]")) for at, tool in enumerate(tools)],
        extra=rest_of(record, _KNOWN),
    )


def _messages(
    role: str, content: Any, where: str, extra: dict[str, Any]
) -> list[RactoTrainingMessage]:
    """The turns of one message: each tool's answer is a turn of its own, as in every format."""
    if type(content) is str and not extra:
        return [plain_message(role, content)]
    if isinstance(content, str):
        return [RactoTrainingMessage(role, content, extra=extra)]
    if not isinstance(content, list):
        raise ConfigurationError(
            f"{where}.content: expected a text or a list, not {shown(content)}"
        )
    parts = [
        decode_block(as_object(block, f"{where}.content[{at}]"), f"{where}.content[{at}]")
        for at, block in enumerate(content)
    ]
    if parts and not extra and all(part.type == "tool_result" for part in parts):
        return [RactoTrainingMessage("tool", (part,)) for part in parts]
    return [RactoTrainingMessage(role, parts, extra=extra)]


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    return {"parameters" if key == "input_schema" else key: value for key, value in tool.items()}


ANTHROPIC = Format(
    name="anthropic",
    title="Anthropic's format",
    kind="chat",
    encoder=_encode,
    decoder=_decode,
)
"""Claude, tuned at Amazon Bedrock; Anthropic itself has no endpoint for tuning."""
