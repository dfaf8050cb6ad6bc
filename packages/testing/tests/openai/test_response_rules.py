"""What a Responses request must keep, and the words with which it is refused."""

from __future__ import annotations

from typing import Any

import openai
import pytest

PATH = "/responses"
FUNCTION = {"type": "function", "name": "f", "parameters": None, "strict": False}
LOOSE = {"type": "object", "properties": {"x": {"type": "string", "default": "y"}}}


def ask(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "input": "hi", **fields}


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"input": "hi"}, None, "must provide a model parameter"),
        ({"model": "m"}, "input", "must be provided"),
        (ask(stream_options={}), "stream_options", "only allowed when 'stream' is enabled"),
        (ask(conversation="c", previous_response_id="r"), None, "Mutually exclusive"),
        (ask(background=True, store=False), "background", "requires 'store'"),
        (ask(tool_choice="required"), "tool_choice", "must be specified with 'tools'"),
        (
            ask(tools=[FUNCTION], tool_choice={"type": "function", "name": "g"}),
            "tool_choice",
            "'g' not found in 'tools'",
        ),
        (
            ask(tools=[FUNCTION | {"parameters": LOOSE, "strict": True}]),
            "tools[0].parameters",
            "Invalid schema for function 'f': In context=(), 'additionalProperties' is required",
        ),
        (ask(tools=[FUNCTION | {"parameters": {}}]), "tools[0].parameters", "got 'type: \"None\"'"),
        (
            ask(
                text={
                    "format": {"type": "json_schema", "name": "x", "schema": LOOSE, "strict": True}
                }
            ),
            "text.format.schema",
            "Invalid schema for response_format 'x'",
        ),
        (ask(text={"format": {"type": "json_object"}}), "input", "must contain the word 'json'"),
        (ask(max_output_tokens=15), "max_output_tokens", "Expected a value >= 16, but got 15"),
        (ask(stop="x"), "stop", "Unknown parameter: 'stop'."),
        (ask(seed=1), "seed", "Unknown parameter: 'seed'."),
        (ask(include=["everything"]), "include[0]", "Invalid value: 'everything'"),
        (ask(reasoning={"effort": "huge"}), "reasoning.effort", "'xhigh', and 'max'"),
        (ask(tools=[{"type": "mcp"}]), "tools[0].server_label", "Missing required parameter"),
        (ask(tools=[{"type": "computer", "size": 1}]), "tools[0].size", "Unknown parameter"),
        (ask(tools=[{"type": "robot"}]), "tools[0].type", "'function', 'custom', 'file_search'"),
        (ask(tools=[{}]), "tools[0].type", "Missing required parameter"),
        (ask(tools=[5]), "tools[0]", "expected an object, but got an integer"),
    ],
)
def test_a_fault_is_named_with_its_place(
    refuse: Any, body: Any, param: str | None, words: str
) -> None:
    error = refuse(PATH, body)
    assert error["param"] == param
    assert words in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": {"id": "pmpt_1", "variables": {"x": "y"}}},
        ask(tools=[]),
        ask(tool_choice="none"),
        ask(input="as JSON", text={"format": {"type": "json_object"}}),
        ask(instructions="as JSON", text={"format": {"type": "json_object"}}),
        ask(stream=False, user="u", truncation="auto"),
        ask(tools=[FUNCTION | {"async": True, "output_schema": {}}]),
    ],
)
def test_what_fits_together_is_taken(client: openai.OpenAI, body: Any) -> None:
    client.post(PATH, body=body, cast_to=object)
