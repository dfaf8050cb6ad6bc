"""Fields of a request: what is set is sent, what cannot be sent is said."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from pydantic import BaseModel, Field

from racto.core import ChatConfig, ToolRegistry, ToolSchema, UnsupportedFeatureError
from racto.providers.kits import Omissions, Turn, UnsupportedFeatureWarning
from racto.providers.ollama.fields import encode_fields, encode_tool


class City(BaseModel):
    name: str = Field(description="As its people call it.")


def weather(city: str) -> str:
    """Tell the weather."""
    return city


TOOLS = ToolRegistry([weather])


def fields(stream: bool = False, tool_choice: str = "auto", **config: Any) -> dict[str, Any]:
    made = ChatConfig(user_message="hi", tool_choice=tool_choice, **config)
    turn = Turn(model="m", messages=(), config=made, tool_choice=tool_choice, stream=stream)
    return encode_fields(turn, Omissions(made.on_unsupported, provider="ollama"))


def test_only_what_is_set_is_sent() -> None:
    assert fields() == {"model": "m", "stream": False, "options": {"num_predict": 4096}}
    assert fields(stream=True)["stream"] is True


def test_sampling_goes_into_the_options() -> None:
    sent = fields(
        temperature=0.0,
        top_p=0.9,
        top_k=40,
        seed=7,
        stop=("END",),
        presence_penalty=0.5,
        frequency_penalty=-0.5,
        max_tokens=12,
    )
    assert sent["options"] == {
        "temperature": 0.0,
        "top_p": 0.9,
        "top_k": 40,
        "seed": 7,
        "stop": ["END"],
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
        "num_predict": 12,
    }


def test_extra_has_the_last_word_and_options_are_merged() -> None:
    extra = {"options": {"num_ctx": 16384, "temperature": 1.0}, "keep_alive": "1h", "stream": None}
    sent = fields(temperature=0.2, extra=extra)
    assert sent["options"] == {"num_predict": 4096, "num_ctx": 16384, "temperature": 1.0}
    assert sent["keep_alive"] == "1h"
    assert sent["stream"] is None
    assert extra["options"] == {"num_ctx": 16384, "temperature": 1.0}


def test_logprobs_are_asked_for() -> None:
    assert {"logprobs": True, "top_logprobs": 3}.items() <= fields(logprobs=3).items()
    assert fields(logprobs=0)["top_logprobs"] == 0


@pytest.mark.parametrize(
    ("config", "think"),
    [
        ({"native_thinking": True}, True),
        ({"native_thinking": True, "reasoning_effort": "high"}, "high"),
        ({"reasoning_effort": "low"}, "low"),
        ({"reasoning_effort": "none"}, False),
    ],
)
def test_thinking_is_a_switch_or_a_level(config: dict[str, Any], think: Any) -> None:
    assert fields(**config)["think"] == think


def test_a_reply_is_given_a_format() -> None:
    assert fields(response_model=City)["format"]["properties"]["name"]["type"] == "string"


def test_beside_tools_there_is_no_format() -> None:
    assert "format" not in fields(response_model=City, tools=TOOLS)
    # Nothing is offered, so nothing is in the way.
    assert "format" in fields(response_model=City, tools=TOOLS, tool_choice="none")


def test_tools_are_offered_unless_none_may_be_called() -> None:
    (tool,) = fields(tools=TOOLS)["tools"]
    assert tool["type"] == "function"
    assert tool["function"]["name"] == "weather"
    assert tool["function"]["description"] == "Tell the weather."
    assert tool["function"]["parameters"]["required"] == ["city"]
    assert "tools" not in fields(tools=TOOLS, tool_choice="none")
    assert "tools" not in fields(tools=ToolRegistry())


@pytest.mark.parametrize(
    ("config", "feature"),
    [
        ({"tools": TOOLS, "tool_choice": "required"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": "weather"}, "tool_choice"),
        ({"tools": TOOLS, "parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"cache": "5m"}, "cache"),
        ({"native_thinking": True, "thinking_budget": 100}, "thinking_budget"),
    ],
)
def test_what_it_cannot_do_follows_the_policy(config: dict[str, Any], feature: str) -> None:
    with pytest.raises(UnsupportedFeatureError, match=feature) as caught:
        fields(**config)
    assert caught.value.feature == feature
    with pytest.warns(UnsupportedFeatureWarning, match=feature):
        fields(on_unsupported="warn", **config)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fields(on_unsupported="drop", **config)


def test_a_tool_whose_schema_must_hold_is_refused() -> None:
    strict = ToolSchema(name="pay", strict=True, json_schema={"type": "object", "properties": {}})
    with pytest.raises(UnsupportedFeatureError, match=r"tools\.pay\.strict"):
        encode_tool(strict, Omissions("raise", provider="ollama"))
