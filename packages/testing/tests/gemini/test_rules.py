"""A well-typed request that breaks a rule is refused in the API's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Refuse = Callable[..., str]
Taken = Callable[..., Any]

LOOK = {"name": "look", "description": "Looks."}


def tools(*functions: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"functionDeclarations": list(functions)}]


def calling(**config: Any) -> dict[str, Any]:
    return {"functionCallingConfig": config}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"temperature": 2.1}, "temperature: temperature must be in the range [0.0, 2.0]."),
        ({"temperature": "NaN"}, "temperature: temperature must be in the range [0.0, 2.0]."),
        ({"topP": -0.1}, "top_p: top_p must be in the range [0.0, 1.0]."),
        ({"topK": 0}, "top_k: top_k must be positive."),
        ({"maxOutputTokens": 0}, "max_output_tokens: max_output_tokens must be positive."),
        ({"candidateCount": 9}, "candidate_count: candidate_count must be in the range [1, 8]."),
        (
            {"presencePenalty": 3},
            "presence_penalty: presence_penalty must be in the range [-2.0, 2.0].",
        ),
        ({"stopSequences": list("abcdef")}, "stop_sequences: at most 5 stop sequences are allowed"),
        ({"logprobs": 2}, "logprobs: can only be set if response_logprobs is true"),
        (
            {"logprobs": 21, "responseLogprobs": True},
            "logprobs: logprobs must be in the range [0, 20].",
        ),
        (
            {"responseMimeType": "text/html"},
            "response_mime_type: allowed mimetypes are `text/plain`, `application/json`,"
            " `application/xml`, `application/yaml` and `text/x.enum`.",
        ),
        (
            {"responseSchema": {"type": "STRING"}},
            "response_schema: only allowed when response_mime_type is 'application/json' or"
            " 'text/x.enum'",
        ),
        (
            {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "STRING"},
                "responseJsonSchema": {},
            },
            "response_schema: only one of response_schema and response_json_schema can be set",
        ),
    ],
)
def test_settings_keep_their_ranges(settings: dict[str, Any], told: str, refuse: Refuse) -> None:
    said = refuse(generationConfig=settings)
    assert said == f"* GenerateContentRequest.generation_config.{told}\n"


def test_all_faults_are_told_at_once(refuse: Refuse) -> None:
    said = refuse(contents=[], generationConfig={"temperature": 3, "topK": -1})
    assert [line.split(":")[0] for line in said.splitlines()] == [
        "* GenerateContentRequest.contents",
        "* GenerateContentRequest.generation_config.temperature",
        "* GenerateContentRequest.generation_config.top_k",
    ]


@pytest.mark.parametrize(
    ("thinking", "told"),
    [
        (
            {"thinkingBudget": 5, "thinkingLevel": "LOW"},
            "You can only set only one of thinking budget and thinking level.",
        ),
        (
            {"thinkingBudget": -2},
            "The thinking budget -2 is invalid. Please choose a value between 0 and 32768.",
        ),
    ],
)
def test_thinking_has_one_limit(thinking: dict[str, Any], told: str, refuse: Refuse) -> None:
    assert refuse(generationConfig={"thinkingConfig": thinking}) == told


@pytest.mark.parametrize("name", ["", "1st", "a b", "a" * 129, "ä"])
def test_functions_have_proper_names(name: str, refuse: Refuse) -> None:
    said = refuse(tools=tools({**LOOK, "name": name}))
    assert said.startswith(
        "* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name."
    )


@pytest.mark.parametrize("name", ["look", "_x", "a.b:c-d", "a" * 128])
def test_other_names_are_taken(name: str, taken: Taken) -> None:
    taken(tools=tools({**LOOK, "name": name}))


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (
            {"parameters": {"type": "STRING"}, "parametersJsonSchema": None},
            "parameters.type: must be OBJECT",
        ),
        (
            {"parametersJsonSchema": {"type": "string"}},
            "parameters_json_schema: must describe an object",
        ),
        ({"parametersJsonSchema": "x"}, "parameters_json_schema: must be a JSON Schema"),
        (
            {
                "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
                "parametersJsonSchema": {"type": "object"},
            },
            "parameters: only one of parameters and parameters_json_schema can be set",
        ),
        (
            {"parameters": {"type": "OBJECT", "properties": {}}},
            "parameters.properties: should be non-empty for OBJECT type",
        ),
    ],
)
def test_functions_take_objects(function: dict[str, Any], told: str, refuse: Refuse) -> None:
    said = refuse(tools=tools({**LOOK, **function}))
    assert said == f"* GenerateContentRequest.tools[0].function_declarations[0].{told}\n"


def test_a_tool_is_something(refuse: Refuse) -> None:
    assert "tools[0].tool_type: required one_of 'tool_type'" in refuse(tools=[{}])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"tools": tools(LOOK, LOOK)}, "Duplicate function declaration found: look"),
        (
            {"toolConfig": calling(mode="ANY")},
            "Function calling config is set without function_declarations.",
        ),
        (
            {"tools": tools(LOOK), "toolConfig": calling(allowedFunctionNames=["look"])},
            "allowed_function_names can only be set when the function calling mode is ANY.",
        ),
        (
            {"tools": tools(LOOK), "toolConfig": calling(mode="ANY", allowedFunctionNames=["x"])},
            "allowed_function_names holds a function that is not declared: x",
        ),
    ],
)
def test_calls_are_of_declared_functions(fields: dict[str, Any], told: str, refuse: Refuse) -> None:
    assert refuse(**fields) == told


def test_a_full_request_is_taken(taken: Taken) -> None:
    taken(
        systemInstruction={"parts": {"text": "Be brief."}},
        tools=[*tools(LOOK), {"googleSearch": {}}, {"codeExecution": {}}, {"urlContext": {}}],
        toolConfig=calling(mode="ANY", allowedFunctionNames=["look"]),
        safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        generationConfig={
            "temperature": 0.5,
            "topP": 1,
            "topK": 3.0,
            "seed": 7,
            "maxOutputTokens": "100",
            "stopSequences": ["x"],
            "responseLogprobs": True,
            "logprobs": 2,
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object", "additionalProperties": False},
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": -1},
        },
        labels={"a": "b"},
        serviceTier="flex",
        store=False,
    )
