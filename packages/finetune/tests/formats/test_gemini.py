"""Vertex AI's formats: both spellings, schemas, signatures, and what came from the old API."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.content import ImagePart, ProviderPart, ReasoningPart, TextPart, ToolCallPart
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage
from racto.finetune.formats import find_format
from racto.finetune.formats.gemini_tools import decode_tools, encode_tools
from racto.finetune.formats.losses import Losses

GEMINI = find_format("gemini")


def test_a_documented_record() -> None:
    record = {
        "systemInstruction": {"role": "system", "parts": [{"text": "Help."}]},
        "contents": [
            {"role": "user", "parts": [
                {"fileData": {"mimeType": "image/jpeg", "fileUri": "gs://b/a.jpg"}},
                {"text": "What is it?"},
            ]},
            {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {"n": 1}}}]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "look", "response": {"found": ["cat"]}}},
            ]},
            {"role": "model", "parts": [{"text": "A cat.", "thoughtSignature": "c2ln"}]},
        ],
        "tools": [
            {"functionDeclarations": [{"name": "look", "parameters": {"type": "OBJECT"}}]},
            {"googleSearch": {}},
        ],
        "generationConfig": {"temperature": 0},
    }  # fmt: skip
    example = GEMINI.decode(record)
    assert GEMINI.encode(example) == record
    assert [turn.role for turn in example.messages] == [
        "system", "user", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert example.messages[1].media == (ImagePart(url="gs://b/a.jpg", mime_type="image/jpeg"),)
    assert example.messages[3].tool_results[0].structured == {"found": ["cat"]}
    assert example.tools == ({"name": "look", "parameters": {"type": "object"}},)


def test_the_other_spelling_is_read() -> None:
    example = GEMINI.decode(
        {
            "system_instruction": {"parts": [{"text": "Help."}]},
            "contents": [
                {"role": "model", "parts": [{"function_call": {"name": "f", "args": {}}}]},
                {"role": "function", "parts": [{"function_response": {"name": "f", "response": {}}}]},
                {"parts": [{"inline_data": {"mime_type": "image/png", "data": "YWJj"}}]},
            ],
            "tools": [{"function_declarations": [{"name": "f"}]}],
        }
    )  # fmt: skip
    assert example.messages[0].content == "Help."
    assert example.messages[1].tool_calls == (ToolCallPart(name="f"),)
    assert example.messages[2].role == "tool"
    assert example.messages[3].attachments[0].data == b"abc"
    assert example.tools == ({"name": "f"},)


def test_the_retired_form_is_read() -> None:
    example = GEMINI.decode({"text_input": "q", "output": "a"})
    assert example == RactoTrainingExample.from_pair("q", "a")


def test_thoughts_and_unknown_parts_are_kept() -> None:
    parts: list[dict[str, Any]] = [
        {"text": "hm", "thought": True, "thoughtSignature": "c2ln"},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"text": "one"},
    ]
    record = {"contents": [{"role": "model", "parts": parts}]}
    example = GEMINI.decode(record)
    assert example.messages[0].parts == (
        ReasoningPart(text="hm", signature="c2ln", provider="google"),
        ProviderPart(provider="google", data=parts[1]),
        TextPart(text="one"),
    )
    assert GEMINI.encode(example) == record


def test_answers_of_one_turn_stand_together() -> None:
    calls = [ToolCallPart(id=f"c{n}", name=f"f{n}") for n in range(2)]
    turns = [
        RactoTrainingMessage("assistant", calls),
        RactoTrainingMessage.tool("c0", "a"),
        RactoTrainingMessage.tool("c1", "b"),
    ]
    contents = GEMINI.encode(RactoTrainingExample(turns))["contents"]
    assert [[*part] for part in contents[1]["parts"]] == [["functionResponse"]] * 2
    # The names come from the calls.
    assert [part["functionResponse"]["name"] for part in contents[1]["parts"]] == ["f0", "f1"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"type": {"type": ["string", "null"], "enum": ["a"]}}},
        {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 3},
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
        {"type": "object", "properties": {}, "additionalProperties": False},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {}}},
        {"type": "integer", "enum": [1, 2]},
        {"type": ["string", "integer"]},
        {"type": "string", "nullable": True},
        {},
    ],
    ids=range(9),
)
def test_schemas_come_back(schema: dict[str, Any]) -> None:
    tools = [{"name": "f", "description": "d", "parameters": schema}]
    functions, others = decode_tools(encode_tools(tools, Losses()))
    assert (functions, others) == (tools, [])


def test_types_are_written_as_gemini_names_them() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}
    ((tool,),) = (
        entry["functionDeclarations"]
        for entry in encode_tools([{"name": "f", "parameters": schema}], Losses())
    )
    assert tool["parameters"] == {
        "type": "OBJECT", "properties": {"a": {"type": "INTEGER", "nullable": True}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "turn",
    [
        RactoTrainingMessage("user", "a", name="ann"),
        RactoTrainingMessage("assistant", "a", weight=0),
        RactoTrainingMessage("assistant", [ToolCallPart(name="f", raw_arguments="{")]),
        RactoTrainingMessage("user", "a", extra={"x": 1}),
        RactoTrainingMessage("user", [ImagePart(url="gs://b/a.png", detail="high")]),
        RactoTrainingMessage("assistant", [ReasoningPart(text="hm", provider="anthropic")]),
    ],
    ids=["name", "weight", "malformed", "extra", "detail", "reasoning"],
)
def test_what_has_no_place_is_refused(turn: RactoTrainingMessage) -> None:
    with pytest.raises(UnsupportedFeatureError):
        GEMINI.encode(RactoTrainingExample([turn]))


def test_a_late_system_turn_is_refused_or_moved() -> None:
    turns = [("user", "q"), ("system", "s"), ("assistant", "a")]
    example = RactoTrainingExample.from_conversation(turns)
    with pytest.raises(UnsupportedFeatureError, match="in the middle"):
        GEMINI.encode(example)
    moved = GEMINI.encode(example, Losses("drop"))
    assert moved["systemInstruction"]["parts"] == [{"text": "s"}]


def test_preferences() -> None:
    format = find_format("gemini-preference")
    record: dict[str, Any] = {
        "contents": [{"role": "user", "parts": [{"text": "q"}]}],
        "completions": [
            {"score": 0.0, "completion": {"role": "model", "parts": [{"text": "bad"}]}},
            {"score": 1, "completion": {"role": "model", "parts": [{"text": "good"}]}},
        ],
    }
    example = format.decode(record)
    assert (example.chosen[0].content, example.rejected[0].content) == ("good", "bad")
    assert [each["score"] for each in format.encode(example)["completions"]] == [1, 0]
    longer = example.replace(chosen=[*example.chosen, *example.chosen])
    with pytest.raises(ConfigurationError, match="one turn"):
        format.encode(longer)
    record["completions"][0]["score"] = 1
    with pytest.raises(ConfigurationError, match="one completion must have 1"):
        format.decode(record)
