"""Request fields: only what was set, in Gemini's names, with extra's last word."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, Message, ToolRegistry, ToolSchema, UnsupportedFeatureError
from racto.providers.google.fields import encode_fields, encode_tool, merged
from racto.providers.kits import Omissions, Turn, UnsupportedFeatureWarning


class City(BaseModel):
    name: str


class Chain(BaseModel):
    after: Chain


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


def fields(**config: Any) -> dict[str, Any]:
    asked = ChatConfig(user_message="x", **config)
    turn = Turn(
        model="m", messages=[Message.user("x")], config=asked, tool_choice=asked.tool_choice
    )
    return encode_fields(turn, Omissions(asked.on_unsupported, provider="google"))


def settings(**config: Any) -> dict[str, Any]:
    found: dict[str, Any] = fields(**config)["generationConfig"]
    return found


def test_what_is_not_set_is_not_sent() -> None:
    assert fields() == {"generationConfig": {"maxOutputTokens": 4096}}


def test_what_is_set_is_sent() -> None:
    made = settings(
        temperature=0.0, top_p=0.5, top_k=4, seed=1, stop=("a", "b"), presence_penalty=1,
        frequency_penalty=-1, logprobs=3, max_tokens=9,
    )  # fmt: skip
    assert made == {
        "maxOutputTokens": 9, "temperature": 0.0, "topP": 0.5, "topK": 4, "seed": 1,
        "stopSequences": ["a", "b"], "presencePenalty": 1.0, "frequencyPenalty": -1.0,
        "responseLogprobs": True, "logprobs": 3,
    }  # fmt: skip
    assert settings(logprobs=0) == {"maxOutputTokens": 4096, "responseLogprobs": True}


@pytest.mark.parametrize(
    ("config", "made"),
    [
        ({"native_thinking": True}, {"includeThoughts": True}),
        (
            {"native_thinking": True, "thinking_budget": 9},
            {"includeThoughts": True, "thinkingBudget": 9},
        ),
        ({"reasoning_effort": "xhigh"}, {"thinkingLevel": "XHIGH"}),
        (
            {"reasoning_effort": "low", "native_thinking": True},
            {"includeThoughts": True, "thinkingLevel": "LOW"},
        ),
    ],
)
def test_thinking_is_shown_and_limited_as_asked(
    config: dict[str, Any], made: dict[str, Any]
) -> None:
    assert settings(**config)["thinkingConfig"] == made


def test_a_budget_that_nobody_gave_is_not_sent() -> None:
    assert "thinkingConfig" not in settings(thinking_budget=9)
    assert "thinkingBudget" not in settings(native_thinking=True)["thinkingConfig"]


@pytest.mark.parametrize(
    ("config", "feature"),
    [
        ({"cache": "5m"}, "cache"),
        ({"tools": ToolRegistry([add]), "parallel_tool_calls": False}, "parallel_tool_calls"),
        (
            {"native_thinking": True, "thinking_budget": 9, "reasoning_effort": "low"},
            "thinking_budget",
        ),
        ({"response_model": Chain}, "response_model (strict)"),
    ],
)
def test_what_gemini_cannot_take_raises_warns_or_is_dropped(
    config: dict[str, Any], feature: str
) -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        fields(**config)
    assert caught.value.feature == feature
    with pytest.warns(UnsupportedFeatureWarning, match="google cannot take"):
        fields(on_unsupported="warn", **config)
    assert fields(on_unsupported="drop", **config)["generationConfig"]["maxOutputTokens"] == 4096


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        ("auto", None),
        ("required", {"mode": "ANY"}),
        ("none", {"mode": "NONE"}),
        ("add", {"mode": "ANY", "allowedFunctionNames": ["add"]}),
    ],
)
def test_tools_and_how_they_may_be_called(choice: str, config: dict[str, Any] | None) -> None:
    made = fields(tools=ToolRegistry([add]), tool_choice=choice, parallel_tool_calls=True)
    ((function,),) = [tool["functionDeclarations"] for tool in made["tools"]]
    assert (function["name"], function["description"]) == ("add", "Add two numbers.")
    assert function["parametersJsonSchema"]["properties"]["b"]["default"] == 2
    assert made.get("toolConfig") == (config and {"functionCallingConfig": config})


def test_no_tools_are_no_field() -> None:
    assert fields(tools=ToolRegistry()) == fields()


@pytest.mark.parametrize(("choice", "mode"), [("auto", "VALIDATED"), ("required", "ANY")])
def test_strict_tools_are_validated(choice: Literal["auto", "required"], mode: str) -> None:
    registry = ToolRegistry()
    registry.add(ToolSchema(name="f", json_schema={"type": "object"}, strict=True), lambda: 1)
    made = fields(tools=registry, tool_choice=choice)
    assert made["toolConfig"]["functionCallingConfig"]["mode"] == mode


def test_a_strict_tool_that_gemini_cannot_enforce_is_refused() -> None:
    schema = {"type": "object", "not": {"required": ["a"]}}
    tool = ToolSchema(name="f", json_schema=schema, strict=True)
    with pytest.raises(UnsupportedFeatureError, match=r"\$: not"):
        encode_tool(tool, Omissions("raise", provider="google"))
    loose = encode_tool(tool, Omissions("drop", provider="google"))
    assert loose == {"name": "f", "parametersJsonSchema": schema}


@pytest.mark.parametrize("name", ["1st", "a/b", "-x"])
def test_a_tool_name_that_gemini_refuses_is_refused_early(name: str) -> None:
    with pytest.raises(UnsupportedFeatureError, match="register it with another"):
        encode_tool(ToolSchema(name=name), Omissions("drop", provider="google"))
    assert encode_tool(ToolSchema(name="server.tool-2"), Omissions("raise", provider="google"))


def test_structured_replies_are_asked_for_natively() -> None:
    made = settings(response_model=City)
    assert made["responseMimeType"] == "application/json"
    assert made["responseJsonSchema"]["required"] == ["name"]


def test_extra_is_merged_and_wins() -> None:
    body = {"a": 1, "generationConfig": {"topP": 0.1, "topK": 2}, "tools": [{"f": []}]}
    extra = {
        "a": 2,
        "generationConfig": {"topP": 0.2, "candidateCount": 2},
        "tools": [{"googleSearch": {}}],
        "labels": {"team": "x"},
    }
    assert merged(body, extra) == {
        "a": 2,
        "generationConfig": {"topP": 0.2, "topK": 2, "candidateCount": 2},
        "tools": [{"f": []}, {"googleSearch": {}}],
        "labels": {"team": "x"},
    }
    assert body["generationConfig"] == {"topP": 0.1, "topK": 2}
