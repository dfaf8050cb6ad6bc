"""Marks of the prompt cache: where racto puts them, and how many there may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core import ChatConfig, ConfigurationError, Message, MessageRole, ToolRegistry
from racto.core.content import TextPart, ToolResultPart
from racto.providers.kits import WireRequest

Encode = Callable[..., WireRequest]
MARK = {"type": "ephemeral", "ttl": "5m"}


def lookup(city: str) -> str:
    """Find a city."""
    return city


def test_without_a_wish_nothing_is_marked(encode: Encode) -> None:
    body = encode(ChatConfig(user_message="?", system="s")).body
    assert "cache_control" not in body
    assert body["system"] == "s"


def test_the_conversation_and_the_system_text_are_marked(encode: Encode) -> None:
    body = encode(ChatConfig(user_message="?", system="s", cache="5m")).body
    assert body["cache_control"] == MARK
    assert body["system"] == [{"type": "text", "text": "s", "cache_control": MARK}]
    assert body["messages"] == [{"role": "user", "content": "?"}]


def test_the_last_tool_is_marked_where_there_is_no_system_text(encode: Encode) -> None:
    registry = ToolRegistry()
    registry.register(lookup)
    registry.register(lookup, name="other")
    body = encode(ChatConfig(user_message="?", tools=registry, cache="1h")).body
    assert "cache_control" not in body["tools"][0]
    assert body["tools"][1]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_a_mark_of_the_callers_own_stays_as_it_is(encode: Encode) -> None:
    system = Message(role=MessageRole.SYSTEM, content=(TextPart(text="s", cache="1h"),))
    body = encode(ChatConfig(user_message="?", history=(system,), cache="5m")).body
    assert body["system"][-1]["cache_control"]["ttl"] == "1h"


def test_four_marks_are_allowed_and_five_are_not(encode: Encode) -> None:
    marked = [TextPart(text=f"{n}", cache="5m") for n in range(4)]
    turn = Message(role=MessageRole.USER, content=tuple(marked))
    assert encode(ChatConfig(history=(turn,)))
    with pytest.raises(ConfigurationError, match="marks 5 places"):
        encode(ChatConfig(history=(turn,), cache="5m"))


def test_marks_inside_a_tools_answer_count(encode: Encode) -> None:
    parts = tuple(TextPart(text=f"{n}", cache="5m") for n in range(5))
    turn = Message.tool([ToolResultPart(tool_call_id="a", content=parts)])
    with pytest.raises(ConfigurationError, match="marks 5 places"):
        encode(ChatConfig(history=(turn,)))
