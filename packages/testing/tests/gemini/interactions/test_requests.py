"""An input of words, contents and steps is read, and one that makes no conversation is refused."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import interactions as types

from racto.testing.gemini.interactions.requests import (
    CONTENT,
    INTERACTION,
    SETTINGS,
    STEP,
    TOOL,
    Tagged,
    steps_of,
)
from racto.testing.gemini.protojson import Faults

WORDS = {"type": "text", "text": "hi"}
CALL = {"type": "function_call", "id": "1", "name": "look", "arguments": {}}
RESULT = {"type": "function_result", "call_id": "1", "result": {"it": "rains"}}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def documented(tag: str, ending: str) -> set[str]:
    """The fields that the official client knows of the type with a tag."""
    words = "".join(word.capitalize() for word in [*tag.split("_"), ending])
    name = words.replace("Url", "URL").replace("Mcp", "MCP")
    fields: dict[str, Any] = getattr(types, name).model_fields
    return {camel(field.alias or name) for name, field in fields.items()}


@pytest.mark.parametrize(
    ("tagged", "ending"),
    [(STEP, "step"), (CONTENT, "content"), (TOOL, "")],
    ids=["step", "content", "tool"],
)
def test_each_documented_field_is_known(tagged: Tagged, ending: str) -> None:
    for tag, message in tagged.variants.items():
        assert documented(tag, ending) <= message.names, tag


def test_each_documented_setting_is_known() -> None:
    either = {
        *types.CreateModelInteraction.model_fields,
        *types.CreateAgentInteraction.model_fields,
    }
    assert {camel(name) for name in either} == INTERACTION.names
    assert {camel(name) for name in types.GenerationConfig.model_fields} == SETTINGS.names


def refusal(post: Any, **fields: Any) -> str:
    answer = post("interactions", {"model": "m", "input": "hi", **fields})
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    message: str = error["message"]
    return message


@pytest.mark.parametrize(
    "given",
    [
        "hi",
        WORDS,
        [WORDS],
        [{"type": "user_input", "content": [WORDS]}],
        {"type": "user_input", "content": WORDS},
    ],
)
def test_words_are_a_users_step(given: Any) -> None:
    faults = Faults()
    assert steps_of(given, faults) == [{"type": "user_input", "content": [WORDS]}]
    assert faults.found == []


def test_contents_between_steps_are_a_users_words() -> None:
    faults = Faults()
    picture = {"type": "image", "data": "YQ==", "mime_type": "image/png"}
    found = steps_of([WORDS, picture, CALL, RESULT, WORDS], faults)
    assert [step["type"] for step in found] == [
        "user_input",
        "function_call",
        "function_result",
        "user_input",
    ]
    assert len(found[0]["content"]) == 2
    assert faults.found == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"input": None}, "input: must be specified"),
        ({"input": []}, "input: must be specified"),
        ({"model": ""}, "model: must be specified"),
        ({"input": [{"type": "user_input", "content": []}]}, "input[0].content: must not be empty"),
        ({"input": [{"type": "dance"}]}, "Invalid value at 'input[0]' (Step)"),
        ({"input": 5}, "Invalid value at 'input[0]' (Step), 5"),
        ({"input": [{**WORDS, "x": 1}]}, "Unknown name \"x\" at 'input[0]'"),
        ({"input": [WORDS, CALL]}, "function calls have no result: 1"),
        ({"input": [CALL, WORDS, RESULT]}, "function calls have no result: 1"),
        ({"input": [RESULT]}, "input[0].call_id: no function call has the id '1'"),
        ({"input": [{**CALL, "id": ""}]}, "input[0]: a function call has an id and a name"),
        ({"background": True, "store": False}, "background: needs store"),
        ({"tools": [{"type": "magic"}]}, "Invalid value at 'tools[0]' (Tool)"),
        ({"tools": [{"type": "function", "x": 1}]}, "Unknown name \"x\" at 'tools[0]'"),
        ({"generation_config": {"top_k": 3}}, "Unknown name \"top_k\" at 'generation_config'"),
        (
            {"generation_config": {"thinking_level": "much"}},
            "Invalid value at 'generation_config.thinking_level'",
        ),
    ],
)
def test_wrong_requests_are_refused(fields: dict[str, Any], told: str, post: Any) -> None:
    assert told in refusal(post, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"input": [WORDS, CALL, RESULT]},
        {"input": [WORDS, {"type": "google_search_call", "id": "1", "arguments": {"queries": []}}]},
        {"input": [WORDS, {"type": "thought", "signature": "YQ=="}, CALL, RESULT]},
        {"agent": "deep-research", "model": None},
        {"response_format": {"type": "object"}, "response_mime_type": "application/json"},
        {"tools": [{"type": "google_search"}, {"type": "function", "name": "f"}]},
        {"generation_config": {"tool_choice": "any", "seed": 1, "thinking_level": "LOW"}},
    ],
)
def test_other_requests_are_taken(fields: dict[str, Any], post: Any) -> None:
    answer = post("interactions", {"model": "m", "input": "hi", **fields})
    assert answer.status_code == 200, answer.text


def test_an_interaction_before_it_must_be_there(post: Any) -> None:
    answer = post("interactions", {"model": "m", "input": "hi", "previous_interaction_id": "x"})
    assert answer.status_code == 404
