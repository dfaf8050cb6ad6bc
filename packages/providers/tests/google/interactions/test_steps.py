"""Conversations become the steps of an interaction."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import Message, MessageRole, UnsupportedFeatureError
from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.providers.google.interactions.steps import encode_steps
from racto.providers.kits import Omissions

DATA = base64.b64encode(b"bytes").decode()


def steps(*messages: Message, policy: Any = "raise") -> list[dict[str, Any]]:
    return encode_steps(messages, Omissions(policy, provider="google"))


def asked(*parts: ContentPart) -> list[dict[str, Any]]:
    return steps(Message(role=MessageRole.USER, content=parts))


def said(*parts: ContentPart) -> list[dict[str, Any]]:
    return steps(Message(role=MessageRole.ASSISTANT, content=parts))


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def test_words_of_one_side_are_one_step() -> None:
    made = steps(Message.system("s"), Message.user("a"), Message.user("b"), Message.assistant("c"))
    assert made == [
        {"type": "user_input", "content": [words("a"), words("b")]},
        {"type": "model_output", "content": [words("c")]},
    ]


def test_a_models_turn_keeps_its_order() -> None:
    assert said(
        ReasoningPart(text="hm", signature="s1", provider="google"),
        ReasoningPart(signature="s2", provider="google"),
        TextPart(text="a"),
        ProviderPart(provider="google", data={"type": "google_search_call", "id": "1"}),
        RefusalPart(text="b"),
        ImagePart(data=b"bytes"),
        ToolCallPart(id="2", name="f", arguments={"x": 1}),
        ToolCallPart(id="3", name="f", raw_arguments="{"),
    ) == [
        {"type": "thought", "signature": "s1", "summary": [words("hm")]},
        {"type": "thought", "signature": "s2"},
        {"type": "model_output", "content": [words("a")]},
        {"type": "google_search_call", "id": "1"},
        {
            "type": "model_output",
            "content": [words("b"), {"type": "image", "mime_type": "image/png", "data": DATA}],
        },
        {"type": "function_call", "id": "2", "name": "f", "arguments": {"x": 1}},
        {"type": "function_call", "id": "3", "name": "f", "arguments": {"malformed": "{"}},
    ]


def test_what_others_thought_is_left_out() -> None:
    assert (
        said(
            ReasoningPart(text="a", signature="s", provider="anthropic"),
            ReasoningPart(text="b", provider="google"),
            ProviderPart(provider="openai", data={"type": "x"}),
            # The other protocol's parts: code that ran, and the proof of a picture.
            ProviderPart(provider="google", data={"executableCode": {}}),
            ProviderPart(provider="google", data={"thoughtSignature": "s"}),
            TextPart(text=""),
        )
        == []
    )


def test_answers_of_tools() -> None:
    content = (TextPart(text="a map"), ImagePart(data=b"bytes"))
    made = steps(
        Message.tool(
            [
                ToolResultPart(tool_call_id="1", name="f", content="3"),
                ToolResultPart(tool_call_id="2", content="bad", is_error=True),
                ToolResultPart(tool_call_id="3", content=content),
            ]
        )
    )
    assert made == [
        {"type": "function_result", "call_id": "1", "name": "f", "result": "3", "is_error": False},
        {"type": "function_result", "call_id": "2", "result": "bad", "is_error": True},
        {
            "type": "function_result",
            "call_id": "3",
            "result": [words("a map"), {"type": "image", "mime_type": "image/png", "data": DATA}],
            "is_error": False,
        },
    ]


@pytest.mark.parametrize(
    ("part", "made"),
    [
        (
            ImagePart(url="https://x.test/i.png", detail="high"),
            {
                "type": "image",
                "uri": "https://x.test/i.png",
                "mime_type": "image/png",
                "resolution": "high",
            },
        ),
        (AudioPart(data=b"bytes"), {"type": "audio", "mime_type": "audio/wav", "data": DATA}),
        (
            DocumentPart(data=b"bytes"),
            {"type": "document", "mime_type": "application/pdf", "data": DATA},
        ),
        (
            DocumentPart(data=b"bytes", mime_type="video/mp4"),
            {"type": "video", "mime_type": "video/mp4", "data": DATA},
        ),
        (LinkPart(uri="u", name="n"), words("n <u>")),
        (
            UploadedFilePart(file_id="files/1", provider="google", mime_type="audio/mp3"),
            {
                "type": "audio",
                "uri": "https://generativelanguage.googleapis.com/v1beta/files/1",
                "mime_type": "audio/mp3",
            },
        ),
    ],
)
def test_parts_of_a_user(part: ContentPart, made: dict[str, Any]) -> None:
    assert asked(part) == [{"type": "user_input", "content": [made]}]


@pytest.mark.parametrize(
    ("role", "part", "feature"),
    [
        (MessageRole.USER, TextPart(text="b", cache="1h"), "cache"),
        (MessageRole.USER, UploadedFilePart(file_id="f", provider="openai"), "uploaded_file"),
        (MessageRole.USER, UploadedFilePart(file_id="f", provider="google"), "uploaded_file"),
        (MessageRole.USER, ReasoningPart(text="b"), "reasoning"),
        (MessageRole.ASSISTANT, UploadedFilePart(file_id="f", provider="google"), "uploaded_file"),
    ],
)
def test_what_the_api_cannot_take_raises(
    role: MessageRole, part: ContentPart, feature: str
) -> None:
    message = Message(role=role, content=(TextPart(text="a"), part))
    with pytest.raises(UnsupportedFeatureError) as caught:
        steps(message)
    assert caught.value.feature == feature
    assert steps(message, policy="drop")[0]["content"][0] == words("a")


def test_a_speakers_name_raises() -> None:
    with pytest.raises(UnsupportedFeatureError, match="name"):
        steps(Message(role=MessageRole.USER, content="a", name="Ann"))
