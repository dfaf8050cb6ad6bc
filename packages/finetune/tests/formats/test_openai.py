"""OpenAI's formats: the documented shapes, what is kept to the letter, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    UploadedFilePart,
)
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage
from racto.finetune.formats import Losses, find_format

CHAT = find_format("openai")
TOOLS: dict[str, Any] = {
    "messages": [
        {"role": "developer", "content": "Be brief.", "name": "boss"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{ "a": 1.0,  "b": [] }'},
                },
                {"id": "c2", "type": "function", "function": {"name": "f", "arguments": "{oops"}},
            ],
            "weight": 0,
        },
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
        {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]},
        {"role": "assistant", "content": "done", "weight": 1},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}],
    "parallel_tool_calls": False,
}  # fmt: skip


def test_a_record_with_tools_comes_back_to_the_letter() -> None:
    example = CHAT.decode(TOOLS)
    assert CHAT.encode(example) == TOOLS
    first, second = example.messages[2].tool_calls
    assert (first.arguments, second.is_malformed) == ({"a": 1.0, "b": []}, True)
    assert example.messages[2].weight == 0


@pytest.mark.parametrize(
    ("block", "part"),
    [
        (
            {"type": "image_url", "image_url": {"url": "https://h.test/a.gif", "detail": "low"}},
            ImagePart(url="https://h.test/a.gif", mime_type="image/gif", detail="low"),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "mp3"}},
            AudioPart(data=b"abc", mime_type="audio/mpeg"),
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,YWJj"}},
            DocumentPart(data=b"abc", mime_type="application/pdf", name="a.pdf"),
        ),
        (
            {"type": "file", "file": {"file_id": "file-1"}},
            UploadedFilePart(file_id="file-1", provider="openai"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,not base64"}},
            ImagePart(url="data:image/png;base64,not base64", mime_type="image/png"),
        ),
        (
            {"type": "news", "value": 1},
            ProviderPart(provider="openai", data={"type": "news", "value": 1}),
        ),
        (
            {"type": "text", "text": "a", "mark": 1},
            ProviderPart(provider="openai", data={"type": "text", "text": "a", "mark": 1}),
        ),
    ],
    ids=["image", "audio", "file", "uploaded", "broken base64", "unknown", "marked text"],
)  # fmt: skip
def test_blocks(block: dict[str, Any], part: Any) -> None:
    record = {"messages": [{"role": "user", "content": [block, {"type": "text", "text": "?"}]}]}
    example = CHAT.decode(record)
    assert example.messages[0].parts[0] == part
    assert CHAT.encode(example) == record


def test_unknown_fields_are_kept_and_told() -> None:
    record = {"messages": [{"role": "user", "content": "a", "mood": "x"}], "source": "log"}
    example = CHAT.decode(record)
    assert example.messages[0].extra == {"mood": "x"}
    assert example.extra == {"source": "log"}
    with pytest.raises(UnsupportedFeatureError, match="'source'"):
        CHAT.encode(example)
    losses = Losses("drop")
    assert CHAT.encode(example, losses) == {"messages": record["messages"]}
    assert losses.counts == {"the field 'source'": 1}


def test_ids_are_given_to_calls_that_have_none() -> None:
    calls = [ToolCallPart(name=name) for name in ("f", "g")]
    results = [
        RactoTrainingMessage.tool("", "from g", name="g"),
        RactoTrainingMessage.tool("", "from f"),
    ]
    turns = [RactoTrainingMessage("user", "?"), RactoTrainingMessage("assistant", calls), *results]
    messages = CHAT.encode(RactoTrainingExample(turns))["messages"]
    assert [call["id"] for call in messages[1]["tool_calls"]] == ["call_1", "call_2"]
    assert [message["tool_call_id"] for message in messages[2:]] == ["call_2", "call_1"]


@pytest.mark.parametrize(
    "part",
    [
        ReasoningPart(text="hm"),
        ProviderPart(provider="google", data={}),
        UploadedFilePart(file_id="x", provider="google"),
        AudioPart(url="https://h.test/a.wav"),
        DocumentPart(url="https://h.test/a.pdf"),
        TextPart(text="a", cache="5m"),
    ],
    ids=lambda part: part.type,
)
def test_what_has_no_place_is_refused_or_counted(part: Any) -> None:
    example = RactoTrainingExample([RactoTrainingMessage("user", [TextPart(text="a"), part])])
    with pytest.raises(UnsupportedFeatureError, match="has no place for"):
        CHAT.encode(example)
    losses = Losses("drop")
    CHAT.encode(example, losses)
    assert losses.counts.total() == 1


def test_refusals() -> None:
    record = {"messages": [{"role": "assistant", "content": None, "refusal": "I will not."}]}
    example = CHAT.decode(record)
    assert example.messages[0].parts == (RefusalPart(text="I will not."),)
    assert CHAT.encode(example) == record


def test_preferences() -> None:
    format = find_format("openai-preference")
    answer = [{"role": "assistant", "content": "good"}]
    record: dict[str, Any] = {
        "input": {"messages": [{"role": "user", "content": "q"}], "tools": [], "parallel_tool_calls": True},
        "preferred_output": answer,
        "non_preferred_output": [{"role": "assistant", "content": "bad"}],
    }  # fmt: skip
    example = format.decode(record)
    assert (example.chosen[0].content, example.rejected[0].content) == ("good", "bad")
    assert example.kind == "preference"
    del record["input"]["tools"]
    assert format.encode(example) == record


def test_fields_for_the_grader() -> None:
    format = find_format("openai-reinforcement")
    record = {"messages": [{"role": "user", "content": "q"}], "answer": {"value": 42}}
    example = format.decode(record)
    assert (example.kind, example.extra) == ("graded", {"answer": {"value": 42}})
    assert format.encode(example) == record
    with pytest.raises(ConfigurationError, match="'tools'"):
        format.encode(example.replace(extra={"tools": 1}))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({}, "messages: expected a list, not nothing"),
        ({"messages": ["hi"]}, r"messages\[0\]: expected an object, not str"),
        ({"messages": [{"content": "a"}]}, r"messages\[0\].role: expected a text"),
        ({"messages": [{"role": "user", "content": 7}]}, r"messages\[0\].content: expected a text or"),
        ({"messages": [{"role": "user", "content": "a", "weight": "x"}]}, "expected 0 or 1"),
        ({"messages": [{"role": "assistant", "tool_calls": {}}]}, "tool_calls: expected a list"),
        ({"messages": [], "tools": "f"}, "tools: expected a list"),
        ({"messages": [{"role": "tool", "content": [{"type": "odd"}]}]}, r"messages\[0\].content: a tool answers with text"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_record_is_named(record: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        CHAT.decode(record)
