"""Request fields: only what was set, in the names of the dialect, with extra's last word."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, Message, ToolRegistry, UnsupportedFeatureError
from racto.providers.kits import Omissions, Turn
from racto.providers.openai import COMPATIBLE, OPENAI, ChatDialect
from racto.providers.openai.fields import encode_fields


class City(BaseModel):
    name: str


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


def fields(dialect: ChatDialect = OPENAI, *, stream: bool = False, **config: Any) -> dict[str, Any]:
    asked = ChatConfig(user_message="x", **config)
    turn = Turn(
        model="m",
        messages=[Message.user("x")],
        config=asked,
        tool_choice=asked.tool_choice,
        stream=stream,
    )
    return encode_fields(turn, dialect, Omissions(asked.on_unsupported, provider="openai"))


def test_what_is_not_set_is_not_sent() -> None:
    assert fields() == {"model": "m", "max_completion_tokens": 4096}
    assert fields(COMPATIBLE) == {"model": "m", "max_tokens": 4096}


def test_what_is_set_is_sent() -> None:
    made = fields(
        temperature=0.0, top_p=0.5, seed=1, stop=("a", "b"), presence_penalty=1, frequency_penalty=-1,
        logprobs=3, reasoning_effort="low", max_tokens=9, cache="1h",
    )  # fmt: skip
    assert made == {
        "model": "m", "max_completion_tokens": 9, "temperature": 0.0, "top_p": 0.5, "seed": 1,
        "stop": ["a", "b"], "presence_penalty": 1.0, "frequency_penalty": -1.0, "logprobs": True,
        "top_logprobs": 3, "reasoning_effort": "low", "prompt_cache_retention": "24h",
    }  # fmt: skip


def test_streams_ask_for_usage_where_the_server_takes_it() -> None:
    assert fields(stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in fields(ChatDialect(stream_usage=False), stream=True)


@pytest.mark.parametrize(
    "config",
    [{"top_k": 5}, {"native_thinking": True}, {"native_thinking": True, "thinking_budget": 9}],
)
def test_what_openai_cannot_take_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedFeatureError):
        fields(**config)
    assert fields(on_unsupported="drop", **config) == fields()


def test_compatible_servers_take_other_fields() -> None:
    assert fields(COMPATIBLE, top_k=5)["top_k"] == 5
    assert fields(COMPATIBLE, native_thinking=True) == fields(COMPATIBLE)
    with pytest.raises(UnsupportedFeatureError, match="cache"):
        fields(COMPATIBLE, cache="5m")


def test_extra_is_sent_as_it_is_and_wins() -> None:
    made = fields(temperature=0.1, extra={"temperature": 0.2, "service_tier": "flex", "x": [1]})
    assert (made["temperature"], made["service_tier"], made["x"]) == (0.2, "flex", [1])
    custom = {"type": "custom", "custom": {"name": "c"}}
    made = fields(tools=ToolRegistry([add]), extra={"tools": [custom]})
    assert [tool["type"] for tool in made["tools"]] == ["function", "custom"]


def test_labels_are_sent_with_replies_that_are_stored() -> None:
    assert "metadata" not in fields(metadata={"team": "a"})
    assert fields(metadata={"team": "a"}, extra={"store": True})["metadata"] == {"team": "a"}


def test_tools() -> None:
    made = fields(tools=ToolRegistry([add]), tool_choice="add", parallel_tool_calls=False)
    (tool,) = made["tools"]
    assert tool["function"]["name"] == "add"
    assert tool["function"]["description"] == "Add two numbers."
    assert tool["function"]["parameters"]["properties"]["b"]["default"] == 2
    assert "strict" not in tool["function"]
    assert made["tool_choice"] == {"type": "function", "function": {"name": "add"}}
    assert made["parallel_tool_calls"] is False
    assert fields(tools=ToolRegistry([add]), tool_choice="required")["tool_choice"] == "required"
    assert "tool_choice" not in fields(tools=ToolRegistry([add]))
    assert "tools" not in fields(tools=ToolRegistry())


def test_a_structured_reply_is_asked_for_by_its_schema() -> None:
    made = fields(response_model=City)["response_format"]
    assert made["type"] == "json_schema"
    assert (made["json_schema"]["name"], made["json_schema"]["strict"]) == ("City", True)
    assert "strict" not in fields(COMPATIBLE, response_model=City)["response_format"]["json_schema"]


def test_what_a_dialect_lacks_is_refused() -> None:
    with pytest.raises(UnsupportedFeatureError, match="seed"):
        fields(ChatDialect(lacks=frozenset(["seed"])), seed=1)
