"""Conversations: who speaks when, and where system text goes."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import Message, MessageRole, UnsupportedFeatureError
from racto.core.content import (
    ImagePart,
    ProviderPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.providers.anthropic.api import CURRENT, APIVersion
from racto.providers.anthropic.turns import encode_conversation
from racto.providers.kits import Omissions

USER, ASSISTANT = Message.user, Message.assistant
CALL = ToolCallPart(id="c1", name="f")
RESULT = ToolResultPart(tool_call_id="c1", content="1")
PAUSED = Message(
    role=MessageRole.ASSISTANT,
    content=(ProviderPart(provider="anthropic", data={"type": "server_tool_use", "id": "s1"}),),
)


def encode(*messages: Message, version: APIVersion = CURRENT, policy: Any = "raise") -> Any:
    return encode_conversation(messages, version, Omissions(policy, provider="anthropic"))


def roles(encoded: Any) -> list[str]:
    return [turn["role"] for turn in encoded["messages"]]


def test_plain_turns_stay_plain() -> None:
    assert encode(Message.system("be brief"), USER("hi"), ASSISTANT("hello"), USER("?")) == {
        "system": "be brief",
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "hello"},
            {"role": "user", "content": "?"},
        ],
    }


def test_without_system_text_there_is_no_field_for_it() -> None:
    assert encode(USER("hi")).keys() == {"messages"}


def test_turns_of_one_side_become_one_and_results_come_first() -> None:
    encoded = encode(
        USER("a"),
        USER("b"),
        Message.assistant(tool_calls=[CALL]),
        Message.tool([RESULT]),
        USER("go on"),
    )
    assert roles(encoded) == ["user", "assistant", "user"]
    assert encoded["messages"][0]["content"] == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    assert [block["type"] for block in encoded["messages"][2]["content"]] == ["tool_result", "text"]


def test_all_answers_of_a_turn_are_in_one_message() -> None:
    other = RESULT.model_copy(update={"tool_call_id": "c2"})
    encoded = encode(USER("a"), Message.assistant(tool_calls=[CALL]), Message.tool([RESULT, other]))
    assert len(encoded["messages"]) == 3
    assert len(encoded["messages"][2]["content"]) == 2


def test_instructions_in_mid_conversation_stand_behind_the_users_turn() -> None:
    encoded = encode(
        USER("a"),
        ASSISTANT("b"),
        Message.system("now in French"),
        USER("c"),
        ASSISTANT("d"),
        USER("e"),
    )
    assert roles(encoded) == ["user", "assistant", "user", "system", "assistant", "user"]
    assert encoded["messages"][3]["content"] == "now in French"
    assert roles(encode(USER("a"), Message.system("x"))) == ["user", "system"]


def test_system_text_is_in_blocks_where_it_bears_a_mark() -> None:
    marked = Message(role=MessageRole.SYSTEM, content=(TextPart(text="long", cache="1h"),))
    encoded = encode(Message.system("short"), marked, USER("?"))
    assert encoded["system"] == [
        {"type": "text", "text": "short"},
        {"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ]
    assert encode(Message.system("a"), Message.system("b"), USER("?"))["system"] == "a\n\nb"


def test_instructions_are_text() -> None:
    pictured = Message(role=MessageRole.SYSTEM, content=(ImagePart(data=b"x"),))
    with pytest.raises(UnsupportedFeatureError, match="instructions are text"):
        encode(pictured, USER("?"))


def test_a_speakers_name_is_not_dropped_in_silence() -> None:
    named = Message(role=MessageRole.USER, content="hi", name="ann")
    for messages in ([named], [Message(role=MessageRole.SYSTEM, content="x", name="a"), USER("?")]):
        with pytest.raises(UnsupportedFeatureError, match="name"):
            encode(*messages)
    assert encode(named, policy="drop")["messages"] == [{"role": "user", "content": "hi"}]


def test_a_turn_of_which_nothing_is_left_is_left_out() -> None:
    foreign = ReasoningPart(text="hm", provider="openai", signature="x")
    encoded = encode(USER("a"), Message.assistant(reasoning=[foreign]), USER("b"), ASSISTANT("\n"))
    assert roles(encoded) == ["user"]


def test_a_last_turn_of_the_assistant_is_refused() -> None:
    with pytest.raises(UnsupportedFeatureError, match="2023-06-01"):
        encode(USER("a"), ASSISTANT("The answer is"))
    with pytest.raises(UnsupportedFeatureError, match="answers to its tool calls"):
        encode(USER("a"), Message.assistant(tool_calls=[CALL]))
    assert roles(encode(USER("a"), ASSISTANT("b"), policy="drop")) == ["user"]


def test_older_models_go_on_from_the_assistants_words() -> None:
    old = APIVersion(date="2023-06-01")
    assert roles(encode(USER("a"), ASSISTANT("b"), version=old)) == ["user", "assistant"]


def test_a_paused_turn_is_given_back_to_be_continued() -> None:
    assert roles(encode(USER("a"), PAUSED)) == ["user", "assistant"]
