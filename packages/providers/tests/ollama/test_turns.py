"""Messages on the wire: images, thinking and tool rounds, and nothing silently lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
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
from racto.providers.ollama.identity import call_id
from racto.providers.ollama.turns import encode_messages


def encoded(*messages: Message) -> list[dict[str, Any]]:
    return encode_messages(messages, Omissions("raise", provider="ollama"))


def user(*parts: Any) -> Message:
    return Message(role=MessageRole.USER, content=parts)


def test_plain_turns() -> None:
    assert encoded(Message.system("s"), Message.user("u"), Message.assistant("a")) == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
    ]


def test_images_are_base64_and_text_files_are_text() -> None:
    files = [
        RactoFile(b"\x89PNG", "image/png", "p.png"),
        RactoFile(b"\xff\xd8", "image/jpeg", "q.jpg"),
        RactoFile("grüße".encode(), "text/plain", "t.txt"),
    ]
    (turn,) = encoded(Message.user("What?", files))
    assert [base64.b64decode(image) for image in turn["images"]] == [b"\x89PNG", b"\xff\xd8"]
    assert "grüße" in turn["content"]
    assert turn["content"].endswith("What?")


def test_a_text_file_does_not_run_into_the_question() -> None:
    (turn,) = encoded(user(TextPart(text="Notes: a=1"), TextPart(text="What is a?")))
    assert turn["content"] == "Notes: a=1\n\nWhat is a?"
    (turn,) = encoded(user(TextPart(text="One.\n"), TextPart(text="Two."), TextPart(text="\nIII")))
    assert turn["content"] == "One.\nTwo.\nIII"


def test_a_link_is_shown_as_text() -> None:
    (turn,) = encoded(user(LinkPart(uri="file:///a", name="a"), TextPart(text=" Read.")))
    assert turn["content"] == "a <file:///a> Read."


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (DocumentPart(data=b"%PDF"), "document.*extract"),
        (AudioPart(data=b"RIFF"), "audio.*transcribe"),
        (UploadedFilePart(file_id="f", provider="openai"), "uploaded_file"),
        (ImagePart(url="https://example.com/a.png"), "image by URL.*bytes"),
        (TextPart(text="x", cache="5m"), "cache"),
        (ReasoningPart(text="hm"), "reasoning"),
    ],
)
def test_what_it_cannot_take_is_refused(part: Any, told: str) -> None:
    with pytest.raises(UnsupportedFeatureError, match=told):
        encoded(user(part))
    lenient = Omissions("drop", provider="ollama")
    encode_messages([user(part, TextPart(text="and this"))], lenient)
    assert len(lenient.dropped) == 1


def test_marks_are_refused_wherever_they_stand() -> None:
    marked = TextPart(text="x", cache="5m")
    result = ToolResultPart(tool_call_id="c", content=(marked,))
    for message in (
        Message(role=MessageRole.SYSTEM, content=(marked,)),
        Message(role=MessageRole.ASSISTANT, content=(marked,)),
        Message.tool([result]),
    ):
        with pytest.raises(UnsupportedFeatureError, match="cache"):
            encoded(message)


def test_speakers_have_no_names() -> None:
    with pytest.raises(UnsupportedFeatureError, match="speakers"):
        encoded(Message(role=MessageRole.USER, content="u", name="ann"))


def test_thinking_goes_back_to_ollama_alone() -> None:
    mine = ReasoningPart(text="so", provider="ollama")
    theirs = ReasoningPart(text="secret", signature="x", provider="anthropic")
    turn = encoded(Message.assistant("yes", reasoning=[mine, theirs]))[0]
    assert turn == {"role": "assistant", "content": "yes", "thinking": "so"}


def test_a_refusal_is_what_the_model_said() -> None:
    parts = (RefusalPart(text="I won't."), ProviderPart(provider="openai", data={"a": 1}))
    (turn,) = encoded(Message(role=MessageRole.ASSISTANT, content=parts))
    assert turn == {"role": "assistant", "content": "I won't."}
    with pytest.raises(UnsupportedFeatureError, match="text only"):
        encoded(Message(role=MessageRole.ASSISTANT, content=(ImagePart(data=b"x"),)))


def test_ids_that_racto_made_are_not_sent() -> None:
    made = call_id("2026-11-22T10:00:00Z", 0)
    call = ToolCallResult(id=made, name="weather", arguments={"city": "Rome"})
    result = ToolResultPart(tool_call_id=made, content="sunny")
    assistant, tool = encoded(Message.assistant(tool_calls=[call]), Message.tool([result]))
    assert assistant["tool_calls"] == [
        {"function": {"name": "weather", "arguments": {"city": "Rome"}}}
    ]
    assert tool == {"role": "tool", "content": "sunny", "tool_name": "weather"}


def test_ids_that_a_server_gave_go_back() -> None:
    call = ToolCallResult(id="call_7", name="weather")
    result = ToolResultPart(tool_call_id="call_7", name="weather", content="sunny", is_error=True)
    assistant, tool = encoded(Message.assistant(tool_calls=[call]), Message.tool([result]))
    assert assistant["tool_calls"][0]["id"] == tool["tool_call_id"] == "call_7"
    assert assistant["content"] == ""


def test_each_result_is_a_message_of_its_own() -> None:
    results = [
        ToolResultPart(tool_call_id="a", name="x", content=(TextPart(text="1"),)),
        ToolResultPart(tool_call_id="b", content="2"),
    ]
    first, second = encoded(Message.tool(results))
    assert (first["content"], second["content"]) == ("1", "2")
    assert "tool_name" not in second
    image = ToolResultPart(tool_call_id="a", content=(ImagePart(data=b"x"),))
    with pytest.raises(UnsupportedFeatureError, match="text here"):
        encoded(Message.tool([image]))
    with pytest.raises(UnsupportedFeatureError, match="tool results only"):
        encoded(Message(role=MessageRole.TOOL, content=(TextPart(text="x"),)))


def test_malformed_arguments_leave_the_answer_to_say_so() -> None:
    call = ToolCallResult.of_text('{"city": ', name="weather", id="c")
    (turn,) = encoded(Message.assistant(tool_calls=[call]))
    assert turn["tool_calls"][0]["function"]["arguments"] == {}
