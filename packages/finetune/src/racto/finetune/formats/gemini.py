"""Vertex AI's format for supervised tuning of Gemini: ``systemInstruction`` and ``contents``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from racto.finetune.examples import RactoTrainingExample, chat_example
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .fields import as_object, list_in, rest_of, text_in
from .format import Format
from .gemini_parts import decode_parts, encode_parts
from .gemini_tools import decode_tools, encode_tools
from .losses import Losses
from .openai_chat import answered

TAKEN = frozenset({"toolConfig", "generationConfig", "safetySettings", "labels"})
"""Fields of a request that a record may carry beside its conversation."""

_KNOWN = frozenset({"systemInstruction", "contents", "tools"})
_SYSTEM = ("system", "developer")
_WRITTEN = {"assistant": "model", "tool": "user"}
_PLAIN = {"user": "user", "model": "assistant", "system": "system"}
# Google's own pages write both spellings.
_SPELLINGS = {
    "system_instruction": "systemInstruction",
    "tool_config": "toolConfig",
    "generation_config": "generationConfig",
    "safety_settings": "safetySettings",
}


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    return encode_prompt(answered(example, losses), example, losses)


def encode_prompt(
    messages: list[RactoTrainingMessage], example: RactoTrainingExample, losses: Losses
) -> dict[str, Any]:
    """The record of a conversation: instruction, contents, tools and further fields.

    Args:
        messages: The turns.
        example: Where the tools and further fields are.
        losses: Takes what the format cannot carry.
    """
    system = [turn for turn in messages if turn.role in _SYSTEM]
    if system and any(turn.role not in _SYSTEM for turn in messages[: len(system)]):
        losses.lose("a system turn in the middle", "its instruction comes before the conversation")
    record: dict[str, Any] = {}
    if system:
        for turn in system:
            _lose_facts(turn, losses)
        parts = [part for turn in system for part in encode_parts(turn, {}, losses)]
        record["systemInstruction"] = {"role": "system", "parts": parts}
    names = {call.id: call.name for turn in messages for call in turn.tool_calls}
    turns = messages if not system else [turn for turn in messages if turn.role not in _SYSTEM]
    record["contents"] = _contents(turns, names, losses)
    extra = dict(example.extra)
    if tools := encode_tools(example.tools, losses) + list(extra.pop("tools", ())):
        record["tools"] = tools
    for key, value in extra.items():
        if key in TAKEN:
            record[key] = value
        else:
            losses.lose(f"the field {key!r}", "a record holds an instruction, contents and tools")
    return record


def _contents(
    turns: Iterable[RactoTrainingMessage], names: Mapping[str, str], losses: Losses
) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    before = ""
    for turn in turns:
        made = encode_turn(turn, names, losses)
        # The answers to all calls of one turn must stand in one turn.
        if turn.role == before == "tool":
            contents[-1]["parts"] += made["parts"]
        else:
            contents.append(made)
        before = turn.role
    return contents


def _apart(turn: RactoTrainingMessage) -> list[RactoTrainingMessage]:
    """Each tool's answer as a turn of its own, as in every format."""
    if turn.role != "tool" or turn.extra or len(turn.tool_results) != len(turn.parts):
        return [turn]
    return [RactoTrainingMessage("tool", (result,)) for result in turn.tool_results] or [turn]


def encode_turn(
    turn: RactoTrainingMessage, names: Mapping[str, str], losses: Losses
) -> dict[str, Any]:
    """One turn of ``contents``.

    Args:
        turn: A turn that is not the system's.
        names: Names of the tools by the ids of their calls.
        losses: Takes what the format cannot carry.
    """
    _lose_facts(turn, losses)
    role = _WRITTEN.get(turn.role, turn.role)
    return {"role": role, "parts": encode_parts(turn, names, losses)}


def _lose_facts(turn: RactoTrainingMessage, losses: Losses) -> None:
    """Tell what a turn has beside its role and parts."""
    if turn.name is None is turn.weight and not turn.extra:
        return
    for name in [key for key in ("name", "weight") if getattr(turn, key) is not None]:
        losses.lose(f"a message's {name}", "a turn holds a role and its parts")
    for key in turn.extra:
        losses.lose(f"the message field {key!r}", "a turn holds a role and its parts")


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    if "text_input" in record:
        return _decode_pair(record)
    return decode_prompt(record)


def decode_prompt(record: Mapping[str, Any], known: Iterable[str] = ()) -> RactoTrainingExample:
    """The conversation of a record.

    Args:
        record: The record.
        known: Further fields that the caller reads itself.

    Raises:
        ConfigurationError: If it has not the shape of one.
    """
    given = record
    if not _SPELLINGS.keys().isdisjoint(record):
        given = {_SPELLINGS.get(key, key): value for key, value in record.items()}
    messages = []
    if (system := given.get("systemInstruction")) is not None:
        messages.append(_instruction(system))
    for number, raw in enumerate(list_in(given, "contents")):
        if plain := _plain(raw):
            messages.append(plain)
        else:
            messages += _apart(decode_turn(raw, f"contents[{number}]"))
    if len(given) == len(given.keys() & {"systemInstruction", "contents"}):
        return chat_example(messages)
    functions, others = decode_tools(given["tools"]) if given.get("tools") else ([], [])
    extra = rest_of(given, _KNOWN.union(known))
    return RactoTrainingExample(
        messages, tools=functions, extra={**extra, **({"tools": others} if others else {})}
    )


def _instruction(system: Any) -> RactoTrainingMessage:
    # Some files hold the bare text.
    if isinstance(system, str):
        return plain_message("system", system)
    if plain := _plain(system):
        return plain_message("system", plain.content)
    parts = decode_parts(list_in(as_object(system, "systemInstruction"), "parts"), "system")
    return RactoTrainingMessage("system", parts)


def decode_turn(raw: Any, where: str) -> RactoTrainingMessage:
    """One turn of ``contents``.

    Raises:
        ConfigurationError: If it has not the shape of one.
    """
    if plain := _plain(raw):
        return plain
    content = as_object(raw, where)
    # A single question may leave its role out.
    role = text_in(content, "role", where) if content.get("role") is not None else "user"
    parts = list_in(content, "parts", where)
    spoken = "assistant" if role == "model" else role
    made = decode_parts(parts, where)
    are_results = bool(made) and all(part.type == "tool_result" for part in made)
    if role == "function" or (role == "user" and are_results):
        spoken = "tool"
    return RactoTrainingMessage(spoken, made, extra=rest_of(content, frozenset({"role", "parts"})))


def _plain(raw: Any) -> RactoTrainingMessage | None:
    """A turn of one text, as nearly every turn is; None for others."""
    if type(raw) is not dict or len(raw) != 2:
        return None
    parts, role = raw.get("parts"), _PLAIN.get(str(raw.get("role")))
    if role is None or type(parts) is not list or len(parts) != 1:
        return None
    only = parts[0]
    if type(only) is dict and len(only) == 1 and type(text := only.get("text")) is str:
        return plain_message(role, text)
    return None


def _decode_pair(record: Mapping[str, Any]) -> RactoTrainingExample:
    """The retired form of the Developer API, which the reference writes."""
    turns = [
        plain_message("user", text_in(record, "text_input")),
        plain_message("assistant", text_in(record, "output")),
    ]
    extra = rest_of(record, frozenset({"text_input", "output"}))
    return RactoTrainingExample(turns, extra=extra)


GEMINI = Format(
    name="gemini", title="Gemini's format", kind="chat", encoder=_encode, decoder=_decode
)
"""Supervised tuning of Gemini at Vertex AI."""
