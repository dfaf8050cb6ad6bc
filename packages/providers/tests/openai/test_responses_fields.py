"""Fields of a request to the Responses API: only what was set, with extra's last word."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, Message, ToolRegistry, ToolSchema, UnsupportedFeatureError
from racto.providers.kits import Omissions, Turn
from racto.providers.openai import COMPATIBLE, OPENAI, ChatDialect
from racto.providers.openai.responses_fields import encode_fields, encode_tool

PLAIN = {"model": "m", "max_output_tokens": 4096, "store": False}


class City(BaseModel):
    name: str


class Counts(BaseModel):
    by_name: dict[str, int]


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


def fields(
    dialect: ChatDialect = OPENAI, *, model: str = "m", stream: bool = False, **config: Any
) -> dict[str, Any]:
    asked = ChatConfig(user_message="x", **config)
    turn = Turn(
        model=model,
        messages=[Message.user("x")],
        config=asked,
        tool_choice=asked.tool_choice,
        stream=stream,
    )
    return encode_fields(turn, dialect, Omissions(asked.on_unsupported, provider="openai"))


def test_what_is_not_set_is_not_sent_and_nothing_is_stored() -> None:
    assert fields() == PLAIN
    assert fields(stream=True) == {**PLAIN, "stream": True}


def test_what_is_set_is_sent() -> None:
    made = fields(temperature=0.0, top_p=0.5, logprobs=3, max_tokens=9, cache="1h")
    assert made == {
        "model": "m",
        "max_output_tokens": 9,
        "store": False,
        "temperature": 0.0,
        "top_p": 0.5,
        "top_logprobs": 3,
        "include": ["message.output_text.logprobs"],
        "prompt_cache_retention": "24h",
    }


@pytest.mark.parametrize(
    "config",
    [
        {"seed": 1},
        {"stop": ("a",)},
        {"presence_penalty": 0.5},
        {"frequency_penalty": 0.5},
        {"top_k": 5},
    ],
)
def test_what_the_api_does_not_know_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedFeatureError, match='api="chat"') as caught:
        fields(**config)
    assert [caught.value.feature] == list(config)
    assert fields(on_unsupported="drop", **config) == PLAIN


def test_thinking_is_a_summary_of_some_effort() -> None:
    proof = {"include": ["reasoning.encrypted_content"]}
    assert fields(reasoning_effort="low") == {**PLAIN, "reasoning": {"effort": "low"}, **proof}
    made = fields(native_thinking=True, reasoning_effort="high")
    assert made["reasoning"] == {"effort": "high", "summary": "auto"}
    with pytest.raises(UnsupportedFeatureError, match="reasoning_effort"):
        fields(native_thinking=True, thinking_budget=9)


def test_proof_of_reasoning_is_asked_of_models_that_reason() -> None:
    assert fields(model="gpt-5.4-mini")["include"] == ["reasoning.encrypted_content"]
    # This one refuses requests that ask for it.
    assert "include" not in fields(model="gpt-4o")
    assert "include" not in fields(reasoning_effort="none")


def test_extra_has_the_last_word_field_by_field() -> None:
    made = fields(
        response_model=City,
        reasoning_effort="low",
        tools=ToolRegistry([add]),
        extra={
            "text": {"verbosity": "low"},
            "reasoning": {"context": "all_turns"},
            "tools": [{"type": "web_search"}],
            "store": True,
            "previous_response_id": "resp_1",
            "include": ["web_search_call.results"],
        },
    )
    assert made["text"]["verbosity"] == "low"
    assert made["text"]["format"]["name"] == "City"
    assert made["reasoning"] == {"effort": "low", "context": "all_turns"}
    assert [tool["type"] for tool in made["tools"]] == ["function", "web_search"]
    assert (made["store"], made["previous_response_id"]) == (True, "resp_1")
    assert made["include"] == ["web_search_call.results"]


def test_labels_are_sent_with_replies_that_are_stored() -> None:
    assert "metadata" not in fields(metadata={"team": "a"})
    assert fields(metadata={"team": "a"}, extra={"store": True})["metadata"] == {"team": "a"}


def test_tools_are_strict_only_when_they_ask_for_it() -> None:
    made = fields(tools=ToolRegistry([add]), tool_choice="add", parallel_tool_calls=False)
    (tool,) = made["tools"]
    assert tool["type"] == "function"
    assert (tool["name"], tool["description"]) == ("add", "Add two numbers.")
    assert tool["strict"] is False
    assert made["tool_choice"] == {"type": "function", "name": "add"}
    assert made["parallel_tool_calls"] is False
    assert fields(tools=ToolRegistry([add]), tool_choice="required")["tool_choice"] == "required"
    assert "tool_choice" not in fields(tools=ToolRegistry([add]))
    assert "tools" not in fields(tools=ToolRegistry())
    schema = {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}
    strict = encode_tool(
        ToolSchema(name="f", json_schema=schema, strict=True),
        OPENAI,
        Omissions("raise", provider="openai"),
    )
    assert strict["strict"] is True
    assert strict["parameters"]["required"] == ["a"]


def test_structured_replies_are_strict_where_they_can_be() -> None:
    described = fields(response_model=City)["text"]["format"]
    assert (described["type"], described["name"]) == ("json_schema", "City")
    assert described["strict"] is True
    with pytest.raises(UnsupportedFeatureError, match=r"\$\.by_name"):
        fields(response_model=Counts)
    loose = fields(response_model=Counts, on_unsupported="drop")["text"]["format"]
    assert "strict" not in loose


def test_a_cache_without_control_is_told() -> None:
    with pytest.raises(UnsupportedFeatureError, match="cache"):
        fields(COMPATIBLE, cache="5m")
    assert fields(cache="5m") == PLAIN
