"""Conversations become contents: sides that alternate, parts in order, proofs where they were."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import ConfigurationError, Message, MessageRole, UnsupportedFeatureError
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
    ToolCallResult,
    ToolResultPart,
    UploadedFilePart,
)
from racto.providers.google.turns import (
    UNPROVEN,
    continued,
    encode_contents,
    encode_system,
)
from racto.providers.kits import Omissions

DATA = base64.b64encode(b"bytes").decode()


def contents(*messages: Message, model: str = "gemini-3.8-flash", policy: Any = "raise") -> Any:
    return encode_contents(messages, model, Omissions(policy, provider="google"))


def parts_of(*parts: ContentPart, role: MessageRole = MessageRole.USER) -> list[dict[str, Any]]:
    (turn,) = contents(Message(role=role, content=parts))
    found: list[dict[str, Any]] = turn["parts"]
    return found


def said(*parts: ContentPart) -> list[dict[str, Any]]:
    return parts_of(*parts, role=MessageRole.ASSISTANT)


def test_the_sides_alternate() -> None:
    turns = contents(
        Message.system("s"),
        Message.user("a"),
        Message.user("b"),
        Message.assistant("c"),
        Message.system("t"),
        Message.assistant("d"),
        Message.user("e"),
    )
    assert [turn["role"] for turn in turns] == ["user", "model", "user"]
    assert turns[0]["parts"] == [{"text": "a"}, {"text": "b"}]


def test_a_turn_without_words_is_left_out() -> None:
    turns = contents(Message.user("a"), Message.assistant(""), Message.user("b"))
    assert turns == [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]


def test_system_texts_stand_apart() -> None:
    messages = [Message.system("s"), Message.user("a"), Message.system("t")]
    system = encode_system(messages)
    assert system == {"role": "user", "parts": [{"text": "s"}, {"text": "t"}]}
    assert encode_system([Message.user("a")]) is None


def test_answers_of_all_tools_stand_in_one_turn_with_names_and_ids() -> None:
    calls = [
        ToolCallResult(id="1", name="add", arguments={"a": 1}),
        ToolCallResult(id="2", name="sub"),
    ]
    turns = contents(
        Message.user("x"),
        Message.assistant(tool_calls=calls),
        Message.tool([ToolResultPart(tool_call_id="1", content="3")]),
        Message.tool([ToolResultPart(tool_call_id="2", content="bad", is_error=True)]),
    )
    assert [part["functionCall"] for part in turns[1]["parts"]] == [
        {"id": "1", "name": "add", "args": {"a": 1}},
        {"id": "2", "name": "sub", "args": {}},
    ]
    assert [part["functionResponse"] for part in turns[2]["parts"]] == [
        {"id": "1", "name": "add", "response": {"output": "3"}},
        {"id": "2", "name": "sub", "response": {"error": "bad"}},
    ]


def test_an_answer_to_no_call_is_refused_unless_it_names_its_tool() -> None:
    with pytest.raises(ConfigurationError, match=r"'9'.*name="):
        contents(Message.tool([ToolResultPart(tool_call_id="9", content="x")]))
    (turn,) = contents(Message.tool([ToolResultPart(tool_call_id="9", name="f", content="x")]))
    assert turn["parts"][0]["functionResponse"]["name"] == "f"


def test_answers_may_hold_media_and_links() -> None:
    content = (
        TextPart(text="a map"),
        ImagePart(data=b"bytes"),
        DocumentPart(url="https://x.test/d.pdf"),
        LinkPart(uri="file://f", name="f"),
    )
    (part,) = parts_of(
        ToolResultPart(tool_call_id="1", name="f", content=content), role=MessageRole.TOOL
    )
    made = part["functionResponse"]
    assert made["response"] == {"output": "a map\nf <file://f>\n"}
    assert made["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": DATA}},
        {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x.test/d.pdf"}},
    ]


def test_arguments_that_were_no_json_go_back_as_they_were_written() -> None:
    call = ToolCallPart(id="1", name="f", raw_arguments='{"a": ')
    (part,) = said(call)
    assert part["functionCall"]["args"] == {"malformed": '{"a": '}


@pytest.mark.parametrize(
    ("part", "made"),
    [
        (TextPart(text="a"), {"text": "a"}),
        (ImagePart(data=b"bytes"), {"inlineData": {"mimeType": "image/png", "data": DATA}}),
        (
            ImagePart(url="gs://b/i.png", detail="low"),
            {
                "fileData": {"mimeType": "image/png", "fileUri": "gs://b/i.png"},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
            },
        ),
        (AudioPart(data=b"bytes"), {"inlineData": {"mimeType": "audio/wav", "data": DATA}}),
        (
            DocumentPart(data=b"bytes"),
            {"inlineData": {"mimeType": "application/pdf", "data": DATA}},
        ),
        (LinkPart(uri="u", name="n"), {"text": "n <u>"}),
        (
            UploadedFilePart(file_id="https://x/files/1", provider="google", mime_type="a/b"),
            {"fileData": {"fileUri": "https://x/files/1", "mimeType": "a/b"}},
        ),
        (
            UploadedFilePart(file_id="files/1", provider="google"),
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/1"}},
        ),
    ],
)
def test_parts_of_a_user(part: ContentPart, made: dict[str, Any]) -> None:
    assert parts_of(part) == [made]


def test_proofs_go_back_where_they_were() -> None:
    made = said(
        ReasoningPart(text="hm", signature="s1", provider="google"),
        TextPart(text="a"),
        TextPart(text="", signature="s2"),
        ToolCallPart(id="1", name="f", signature="s3"),
        ToolCallPart(id="2", name="g"),
        ImagePart(data=b"bytes"),
        ProviderPart(provider="google", data={"thoughtSignature": "s4"}),
    )
    assert made == [
        {"text": "hm", "thought": True, "thoughtSignature": "s1"},
        {"text": "a"},
        {"text": "", "thoughtSignature": "s2"},
        {"functionCall": {"id": "1", "name": "f", "args": {}}, "thoughtSignature": "s3"},
        {"functionCall": {"id": "2", "name": "g", "args": {}}},
        {"inlineData": {"mimeType": "image/png", "data": DATA}, "thoughtSignature": "s4"},
    ]


def test_what_others_thought_is_left_out() -> None:
    made = said(
        ReasoningPart(text="a", signature="s", provider="anthropic"),
        ReasoningPart(text="b", provider="google"),
        ProviderPart(provider="openai", data={"type": "x"}),
        ProviderPart(provider="google", data={"executableCode": {"code": "1"}}),
        RefusalPart(text="no"),
        TextPart(text=""),
    )
    assert made == [{"executableCode": {"code": "1"}}, {"text": "no"}]


@pytest.mark.parametrize(
    ("model", "proof"),
    [
        ("gemini-3.8-flash", UNPROVEN),
        ("publishers/google/models/gemini-4-argon", UNPROVEN),
        ("gemini-flash-latest", UNPROVEN),
        ("gemini-2.5-flash", None),
        ("models/gemini-1.5-pro", None),
        ("gemma-4-27b", None),
    ],
)
def test_calls_that_another_model_made_get_googles_word_for_them(
    model: str, proof: str | None
) -> None:
    calls = [ToolCallResult(id="1", name="f"), ToolCallResult(id="2", name="g")]
    turns = contents(Message.user("x"), Message.assistant(tool_calls=calls), model=model)
    proofs = [part.get("thoughtSignature") for part in turns[1]["parts"]]
    assert proofs == [proof, None]
    assert base64.b64decode(UNPROVEN) == b"skip_thought_signature_validator"


@pytest.mark.parametrize(
    ("message", "feature"),
    [
        (Message(role=MessageRole.USER, content="a", name="Ann"), "name"),
        (Message(role=MessageRole.USER, content=(TextPart(text="a", cache="5m"),)), "cache"),
        (
            Message(
                role=MessageRole.USER,
                content=(TextPart(text="a"), UploadedFilePart(file_id="f", provider="openai")),
            ),
            "uploaded_file",
        ),
        (
            Message(role=MessageRole.USER, content=(TextPart(text="a"), ReasoningPart(text="b"))),
            "reasoning",
        ),
        (
            Message(
                role=MessageRole.ASSISTANT,
                content=(TextPart(text="a"), UploadedFilePart(file_id="f", provider="google")),
            ),
            "uploaded_file",
        ),
    ],
)
def test_what_gemini_cannot_take_raises_or_is_dropped_by_leave(
    message: Message, feature: str
) -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        contents(message)
    assert caught.value.feature == feature
    (turn,) = contents(message, policy="drop")
    assert turn["parts"] == [{"text": "a"}]


def test_a_reply_that_was_stopped_is_gone_on_with_by_its_token() -> None:
    token = ProviderPart(provider="google", data={"continuationToken": "t"})
    stopped = Message(role=MessageRole.ASSISTANT, content=(TextPart(text="half"), token))
    asked = [Message.user("x")]
    assert continued([*asked, stopped]) == (asked, "t")
    assert continued(asked) == (asked, None)
    later = [*asked, stopped, Message.user("y")]
    assert continued(later) == (later, None)
    # Once the conversation has gone on, the token is of no use any more.
    assert contents(*later)[1]["parts"] == [{"text": "half"}]
