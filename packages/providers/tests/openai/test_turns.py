"""Messages on the wire: ids, parts, and nothing silently lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    MessageRole,
    ProviderPart,
    RactoFile,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallResult,
    ToolResultPart,
    UnsupportedFeatureError,
    UploadedFilePart,
)
from racto.providers.kits import Omissions
from racto.providers.openai import COMPATIBLE, OPENAI, ChatDialect
from racto.providers.openai.turns import encode_messages


def encoded(*messages: Message, dialect: ChatDialect = OPENAI) -> list[dict[str, Any]]:
    return encode_messages(messages, dialect, Omissions("raise", provider="openai"))


def user(*parts: Any) -> Message:
    return Message(role=MessageRole.USER, content=parts)


def test_plain_turns() -> None:
    turns = encoded(Message.system("s"), Message.user("u"), Message.assistant("a"))
    assert turns == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
    ]
    developer = ChatDialect(system_role="developer")
    assert encoded(Message.system("s"), dialect=developer)[0]["role"] == "developer"
    named = Message(role=MessageRole.USER, content="u", name="ann")
    assert encoded(named)[0]["name"] == "ann"


def test_attachments_come_before_the_words() -> None:
    files = [
        RactoFile(b"\x89PNG", "image/png", "p.png"),
        RactoFile(b"%PDF-1.7", "application/pdf", "d.pdf"),
        RactoFile("grüße".encode(), "text/plain", "t.txt"),
        RactoFile(b"RIFF", "audio/wav", "s.wav"),
    ]
    (turn,) = encoded(Message.user("What?", files))
    image, document, text, sound, words = turn["content"]
    assert image["image_url"]["url"] == "data:image/png;base64," + _b64(b"\x89PNG")
    assert document["file"]["filename"] == "d.pdf"
    assert document["file"]["file_data"] == "data:application/pdf;base64," + _b64(b"%PDF-1.7")
    assert text["text"].endswith("grüße")
    assert sound["input_audio"] == {"data": _b64(b"RIFF"), "format": "wav"}
    assert words == {"type": "text", "text": "What?"}


def test_urls_details_and_uploads() -> None:
    picture = ImagePart(url="https://example.org/a.png", detail="low")
    upload = UploadedFilePart(file_id="file-1", provider="openai")
    (turn,) = encoded(user(picture, upload))
    assert turn["content"][0]["image_url"] == {"url": "https://example.org/a.png", "detail": "low"}
    assert turn["content"][1] == {"type": "file", "file": {"file_id": "file-1"}}


def test_what_racto_has_no_part_for_goes_out_as_it_is() -> None:
    block = {"type": "image_url", "image_url": {"url": "https://e.org/a.png", "detail": "original"}}
    (turn,) = encoded(user(ProviderPart(provider="openai", data=block)))
    assert turn["content"] == [block]


@pytest.mark.parametrize(
    "part",
    [
        UploadedFilePart(file_id="f", provider="google"),
        ProviderPart(provider="google", data={"type": "text"}),
        DocumentPart(url="https://example.org/d.pdf"),
        AudioPart(data=b"x", mime_type="audio/ogg"),
        AudioPart(url="https://example.org/a.wav"),
        ReasoningPart(text="hm"),
    ],
)
def test_parts_that_cannot_travel_are_refused_or_noted(part: Any) -> None:
    with pytest.raises(UnsupportedFeatureError):
        encoded(user(part, TextPart(text="x")))
    omissions = Omissions("drop", provider="openai")
    (turn,) = encode_messages([user(part, TextPart(text="x"))], OPENAI, omissions)
    assert turn["content"] == [{"type": "text", "text": "x"}]
    assert len(omissions.dropped) == 1


def test_tool_calls_and_their_answers_keep_their_ids() -> None:
    calls = [
        ToolCallResult(id="a", name="f", arguments={"x": "ä"}),
        ToolCallResult(id="b", name="g", raw_arguments="{broken"),
    ]
    results = [
        ToolResultPart(tool_call_id="a", content="1"),
        ToolResultPart(
            tool_call_id="b", content=(TextPart(text="no"), TextPart(text="pe")), is_error=True
        ),
    ]
    assistant, first, second = encoded(
        Message.assistant("hm", tool_calls=calls, reasoning=[ReasoningPart(text="secret")]),
        Message.tool(results),
    )
    assert assistant["content"] == "hm"
    arguments = [call["function"]["arguments"] for call in assistant["tool_calls"]]
    assert arguments == ['{"x":"ä"}', "{broken"]
    assert first == {"role": "tool", "tool_call_id": "a", "content": "1"}
    assert second == {"role": "tool", "tool_call_id": "b", "content": "nope"}
    assert "secret" not in str(assistant)


def test_pictures_from_tools_are_refused() -> None:
    picture = ImagePart(data=b"x")
    with pytest.raises(UnsupportedFeatureError, match="image"):
        encoded(Message.tool([ToolResultPart(tool_call_id="a", content=(picture,))]))


def test_a_server_that_takes_them_gets_pictures_from_tools() -> None:
    dialect = ChatDialect(takes_result_images=True)
    content = (TextPart(text="see"), ImagePart(data=b"x"))
    (answer,) = encoded(
        Message.tool([ToolResultPart(tool_call_id="a", content=content)]), dialect=dialect
    )
    assert [block["type"] for block in answer["content"]] == ["text", "image_url"]


def test_marks_end_a_prefix_that_shall_be_cached() -> None:
    marks = [TextPart(text="a", cache="5m"), TextPart(text="b", cache="1h")]
    answer = ToolResultPart(tool_call_id="a", content=tuple(marks))
    system = Message(role=MessageRole.SYSTEM, content=tuple(marks))
    for turn in encoded(system, user(*marks), Message.tool([answer])):
        assert [block["prompt_cache_breakpoint"] for block in turn["content"]] == [
            {"mode": "explicit"},
            {"mode": "explicit", "ttl": "12h"},
        ]
    own = Message(role=MessageRole.ASSISTANT, content=tuple(marks))
    for message, dialect in ((user(*marks), COMPATIBLE), (own, OPENAI)):
        with pytest.raises(UnsupportedFeatureError, match="cache mark"):
            encoded(message, dialect=dialect)


def test_thinking_comes_back_to_the_server_that_wrote_it() -> None:
    dialect = ChatDialect(reasoning_field="reasoning_content")
    own, other = (ReasoningPart(text=who, provider=who) for who in ("openai", "google"))
    (turn,) = encoded(Message.assistant("So.", reasoning=[own, other]), dialect=dialect)
    assert turn == {"role": "assistant", "content": "So.", "reasoning_content": "openai"}


def test_refusals_and_empty_turns() -> None:
    refused = Message(role=MessageRole.ASSISTANT, content=(RefusalPart(text="no"),))
    assert encoded(refused) == [{"role": "assistant", "content": None, "refusal": "no"}]
    empty = Message(role=MessageRole.ASSISTANT, content=())
    assert encoded(empty) == [{"role": "assistant", "content": ""}]
    drawn = Message(role=MessageRole.ASSISTANT, content=(ImagePart(data=b"x"),))
    with pytest.raises(UnsupportedFeatureError):
        encoded(drawn)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
