"""A conversation with tools, pictures and signed reasoning survives a trip through JSON."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from racto.core import (
    ImagePart,
    Message,
    MessageRole,
    RactoFile,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    ToolResultPart,
)

PIXEL = bytes(range(256))
CONVERSATION = [
    Message.system("Be brief. 简短 \U0001f600 \u2028"),
    Message.user("Weather in Zürich?", [RactoFile(PIXEL, "image/png", "sky.png")]),
    Message.assistant(
        "Looking.",
        tool_calls=[
            ToolCallResult(id="c1", name="weather", arguments={"city": "Zürich", "days": [1, 2]}),
            ToolCallResult(id="c2", name="wind", raw_arguments='{"city": ', signature="gem=="),
        ],
        reasoning=[ReasoningPart(text="hm", signature="EqQB+/=", provider="anthropic", model="m")],
    ),
    Message.tool(
        [
            ToolResultPart(
                tool_call_id="c1", name="weather", content="sunny", structured={"celsius": 21.5}
            ),
            ToolResultPart(
                tool_call_id="c2",
                content=(TextPart(text="no JSON"), ImagePart(data=PIXEL)),
                is_error=True,
            ),
        ]
    ),
    Message(role=MessageRole.ASSISTANT, content="21.5 °C", name="bot"),
]


def test_a_conversation_survives_json_message_by_message() -> None:
    again = [Message.model_validate_json(message.model_dump_json()) for message in CONVERSATION]
    assert again == CONVERSATION


def test_a_conversation_survives_json_inside_other_models() -> None:
    class Stored(BaseModel):
        turns: tuple[Message, ...]

    stored = Stored(turns=tuple(CONVERSATION))
    assert Stored.model_validate_json(stored.model_dump_json()) == stored
    several = TypeAdapter(list[Message])
    assert several.validate_json(several.dump_json(CONVERSATION)) == CONVERSATION


def test_a_conversation_survives_the_json_module() -> None:
    plain = json.dumps([message.model_dump(mode="json") for message in CONVERSATION])
    # Strict JSON mode, because plain data carries bytes as base64.
    again = [Message.model_validate_json(json.dumps(turn)) for turn in json.loads(plain)]
    assert again == CONVERSATION


def test_what_a_program_needs_of_the_round_trip() -> None:
    _, user, asked, answered, _ = (
        Message.model_validate_json(message.model_dump_json()) for message in CONVERSATION
    )
    assert isinstance(user.content[0], ImagePart)
    assert user.content[0].data == PIXEL
    assert [type(part) for part in asked.parts] == [
        ReasoningPart,
        TextPart,
        ToolCallPart,
        ToolCallPart,
    ]
    reasoning = asked.parts[0]
    assert isinstance(reasoning, ReasoningPart)
    assert (reasoning.signature, reasoning.provider) == ("EqQB+/=", "anthropic")
    assert [(call.id, call.is_malformed, call.signature) for call in asked.tool_calls] == [
        ("c1", False, None),
        ("c2", True, "gem=="),
    ]
    results = [part for part in answered.parts if isinstance(part, ToolResultPart)]
    assert [(part.tool_call_id, part.is_error) for part in results] == [("c1", False), ("c2", True)]


def test_a_lone_surrogate_is_kept_in_python_and_refused_by_json_with_its_place() -> None:
    message = Message.user("a\ud800b")
    assert message.model_dump()["content"] == "a\ud800b"
    with pytest.raises(PydanticSerializationError, match=r"\\ud800.*position 1.*surrogates"):
        message.model_dump_json()


def test_messages_are_frozen_and_strict() -> None:
    message = Message(role="user", content="hi")  # type: ignore[arg-type]  # as users write it
    assert message.role is MessageRole.USER
    with pytest.raises(ValidationError, match="frozen"):
        message.content = "other"
    with pytest.raises(ValidationError, match="Extra inputs"):
        Message(role=MessageRole.USER, content="hi", tool_calls=[])  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="role"):
        Message(role="narrator", content="hi")  # type: ignore[arg-type]


def test_text_and_parts_are_two_views_of_one_content() -> None:
    assert Message.user("hi").parts == (TextPart(text="hi"),)
    assert Message.user("").parts == ()
    joined = Message(
        role=MessageRole.ASSISTANT, content=(TextPart(text="Hel"), TextPart(text="lo"))
    )
    assert joined.text == "Hello"
    assert Message.assistant("plain").content == "plain"
    assert Message.assistant().parts == ()


def test_files_stand_before_the_words_and_no_empty_words_are_sent() -> None:
    file = RactoFile(b"x", "image/png")
    with_words = Message.user("look", [file])
    assert [part.type for part in with_words.parts] == ["image", "text"]
    assert [part.type for part in Message.user("", [file]).parts] == ["image"]


def test_roles_have_the_values_that_providers_use() -> None:
    assert [role.value for role in MessageRole] == ["system", "user", "assistant", "tool"]
