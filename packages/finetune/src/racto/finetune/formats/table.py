"""The table of formats: found by name, or told from the keys of a record."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError

from .anthropic import ANTHROPIC
from .columns import COLUMNS, has_known_columns
from .conversational import CONVERSATIONAL
from .conversational_preference import CONVERSATIONAL_PREFERENCE
from .format import Format
from .gemini import GEMINI
from .gemini_preference import GEMINI_PREFERENCE
from .openai_chat import OPENAI_CHAT
from .openai_preference import OPENAI_PREFERENCE
from .openai_reinforcement import OPENAI_REINFORCEMENT
from .sharegpt import SHAREGPT

FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        OPENAI_CHAT,
        OPENAI_PREFERENCE,
        OPENAI_REINFORCEMENT,
        ANTHROPIC,
        GEMINI,
        GEMINI_PREFERENCE,
        CONVERSATIONAL,
        CONVERSATIONAL_PREFERENCE,
        SHAREGPT,
        COLUMNS,
    )
}
"""Every format by its name."""

ALIASES: Mapping[str, str] = {
    "bedrock": "anthropic",
    "google": "gemini",
    "vertex": "gemini",
    "vertex-preference": "gemini-preference",
    "openai-dpo": "openai-preference",
    "huggingface": "trl",
    "trl-dpo": "trl-preference",
}
"""Other names that people use."""


def find_format(name: str) -> Format:
    """The format of a name.

    Raises:
        ConfigurationError: If there is none; the message lists the names.
    """
    found = FORMATS.get(ALIASES.get(name, name))
    if found is None:
        # A typing mistake is the usual reason.
        close = difflib.get_close_matches(name, [*FORMATS, *ALIASES], n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise ConfigurationError(
            f"no format is called {name!r}{hint} Known are: {', '.join(FORMATS)}"
        )
    return found


def detect_format(record: Mapping[str, Any]) -> Format:
    """The format that a record is in, told by its keys.

    Raises:
        ConfigurationError: If its keys are those of no format.
    """
    # From the most telling keys to those that several formats share.
    keys = record.keys()
    if "preferred_output" in keys:
        return OPENAI_PREFERENCE
    if "contents" in keys or "text_input" in keys:
        return GEMINI_PREFERENCE if "completions" in keys else GEMINI
    if "conversations" in keys:
        return SHAREGPT
    if {"chosen", "rejected"} <= keys:
        return CONVERSATIONAL_PREFERENCE
    if isinstance(record.get("messages"), list):
        return _with_messages(record)
    if "prompt" in keys and (isinstance(record["prompt"], list) or "completion" in keys):
        return CONVERSATIONAL
    if has_known_columns(record):
        return COLUMNS
    raise ConfigurationError(
        f"the record's keys ({', '.join(map(str, keys)) or 'none'}) are those of no format; name "
        "the format, or say which columns hold the question and the answer"
    )


def _with_messages(record: Mapping[str, Any]) -> Format:
    messages = record["messages"]
    if "system" in record or _has_block(messages, _ANTHROPIC_BLOCKS, "source"):
        return ANTHROPIC
    tools = record.get("tools")
    if isinstance(tools, list) and any(
        "input_schema" in tool for tool in tools if isinstance(tool, dict)
    ):
        return ANTHROPIC
    if isinstance(tools, str) or _has_block(messages, _TEMPLATE_BLOCKS):
        return CONVERSATIONAL
    calls = [
        call
        for message in messages
        if isinstance(message, dict) and isinstance(message.get("tool_calls"), list)
        for call in message["tool_calls"]
    ]
    if any(map(_has_object, calls)):
        return CONVERSATIONAL
    # A question with further fields is for a grader; without them it is a faulty chat.
    last = messages[-1] if messages else None
    asks = isinstance(last, dict) and last.get("role") != "assistant"
    return OPENAI_REINFORCEMENT if asks and len(record) > 1 else OPENAI_CHAT


def _has_object(call: Any) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and isinstance(function.get("arguments"), dict)


_ANTHROPIC_BLOCKS = frozenset({"tool_use", "tool_result", "thinking", "document"})
_TEMPLATE_BLOCKS = frozenset({"image", "audio"})


def _has_block(messages: list[Any], kinds: frozenset[str], key: str = "") -> bool:
    return any(
        isinstance(block, dict) and (block.get("type") in kinds or key in block)
        for message in messages
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for block in message["content"]
    )
