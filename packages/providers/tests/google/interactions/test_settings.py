"""The fields of an interaction: only what was set, and what it lacks is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, Message, ToolRegistry, ToolSchema, UnsupportedFeatureError
from racto.providers.google.interactions.settings import encode_settings
from racto.providers.kits import Omissions, Turn


class City(BaseModel):
    name: str


def add(a: int) -> int:
    """Add."""
    return a


def settings(*, stream: bool = False, **config: Any) -> dict[str, Any]:
    asked = ChatConfig(user_message="x", **config)
    turn = Turn(
        model="m",
        messages=[Message.user("x")],
        config=asked,
        tool_choice=asked.tool_choice,
        stream=stream,
    )
    return encode_settings(turn, Omissions(asked.on_unsupported, provider="google"))


def test_nothing_is_stored_and_what_is_not_set_is_not_sent() -> None:
    plain = {"model": "m", "store": False, "generation_config": {"max_output_tokens": 4096}}
    assert settings() == plain
    assert settings(stream=True) == plain | {"stream": True}


def test_what_is_set_is_sent() -> None:
    made = settings(
        temperature=0.5, top_p=0.25, seed=3, stop=("a",), max_tokens=9, native_thinking=True,
        reasoning_effort="low",
    )  # fmt: skip
    assert made["generation_config"] == {
        "temperature": 0.5, "top_p": 0.25, "seed": 3, "stop_sequences": ["a"],
        "max_output_tokens": 9, "thinking_level": "low", "thinking_summaries": "auto",
    }  # fmt: skip


def test_a_structured_reply_is_asked_for_natively() -> None:
    form = settings(response_model=City)["response_format"]
    assert (form["type"], form["mime_type"]) == ("text", "application/json")
    assert form["schema"]["required"] == ["name"]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", None),
        ("none", "none"),
        ("required", "any"),
        ("add", {"allowed_tools": {"mode": "any", "tools": ["add"]}}),
    ],
)
def test_tools_and_how_they_may_be_called(choice: str, sent: Any) -> None:
    made = settings(tools=ToolRegistry([add]), tool_choice=choice)
    (tool,) = made["tools"]
    assert (tool["type"], tool["name"], tool["description"]) == ("function", "add", "Add.")
    assert tool["parameters"]["required"] == ["a"]
    assert made["generation_config"].get("tool_choice") == sent


def test_strict_tools_are_validated() -> None:
    registry = ToolRegistry()
    registry.add(ToolSchema(name="f", json_schema={"type": "object"}, strict=True), lambda: 1)
    made = settings(tools=registry)
    assert made["generation_config"]["tool_choice"] == "validated"
    assert "description" not in made["tools"][0]


@pytest.mark.parametrize(
    "config",
    [
        {"top_k": 3},
        {"presence_penalty": 0.5},
        {"frequency_penalty": 0.5},
        {"logprobs": 1},
        {"cache": "5m"},
        {"native_thinking": True, "thinking_budget": 9},
        {"tools": ToolRegistry([add]), "parallel_tool_calls": False},
    ],
)
def test_what_an_interaction_lacks_raises_or_is_dropped(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedFeatureError):
        settings(**config)
    made = settings(on_unsupported="drop", **config)
    assert made["generation_config"].keys() <= {"max_output_tokens", "thinking_summaries"}
