"""Tools, strict and plain, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.core import ChatConfig, ToolRegistry, ToolSchema, UnsupportedFeatureError
from racto.core.testing.contracts.voices import Voice
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.tools import encode_tool
from racto.providers.kits import Omissions, WireRequest
from racto.testing import AnthropicServer, ToolCall

Encode = Callable[..., WireRequest]


def lookup(city: str, limit: int = 3) -> str:
    """Find a city."""
    return city * limit


def tool(policy: Any = "raise", **fields: Any) -> dict[str, Any]:
    schema = ToolSchema(**{"name": "f"} | fields)
    return encode_tool(schema, Omissions(policy, provider="anthropic"))


def choice(encode: Encode, wanted: str, parallel: bool | None = None) -> Any:
    registry = ToolRegistry()
    registry.register(lookup)
    config = ChatConfig(user_message="?", tools=registry, parallel_tool_calls=parallel)
    return encode(config, tool_choice=wanted).body.get("tool_choice")


def test_a_tool_is_told_with_its_whole_schema(encode: Encode) -> None:
    registry = ToolRegistry()
    registry.register(lookup)
    [told] = encode(ChatConfig(user_message="?", tools=registry)).body["tools"]
    assert (told["name"], told["description"]) == ("lookup", "Find a city.")
    assert told["input_schema"]["properties"]["limit"]["default"] == 3
    assert "strict" not in told


def test_no_tools_no_fields(encode: Encode) -> None:
    body = encode(ChatConfig(user_message="?", tools=ToolRegistry())).body
    assert not body.keys() & {"tools", "tool_choice"}


def test_a_strict_tool_is_sent_in_the_subset_that_is_enforced() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 1}}}
    told = tool(json_schema=schema, strict=True)
    assert told["strict"] is True
    assert told["input_schema"] == {
        "type": "object",
        "properties": {"a": {"type": "string", "description": "(at least 1 characters)"}},
        "additionalProperties": False,
    }
    assert tool(json_schema=schema, strict=False)["strict"] is False


def test_a_strict_tool_that_cannot_be_enforced_is_an_early_error() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object"}}}
    with pytest.raises(UnsupportedFeatureError, match=r"\$\.a: an object of any shape") as caught:
        tool(json_schema=schema, strict=True)
    assert caught.value.feature == "tools.f.strict"
    plain = tool("drop", json_schema=schema, strict=True)
    assert plain == {"name": "f", "input_schema": schema}


def test_a_name_that_the_api_does_not_allow_is_refused() -> None:
    with pytest.raises(UnsupportedFeatureError, match="another name="):
        tool(name="server.lookup")


@pytest.mark.parametrize(
    ("wanted", "parallel", "sent"),
    [
        ("auto", None, None),
        ("auto", False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", None, {"type": "any"}),
        ("required", True, {"type": "any", "disable_parallel_tool_use": False}),
        ("lookup", False, {"type": "tool", "name": "lookup", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
    ],
)
def test_choices(encode: Encode, wanted: str, parallel: bool | None, sent: Any) -> None:
    assert choice(encode, wanted, parallel) == sent


# -- over the wire -------------------------------------------------------------------------------


def registry() -> ToolRegistry:
    tools = ToolRegistry()

    @tools.register
    def people(city: str) -> dict[str, Any]:
        """How many people live in a city."""
        if city == "Atlantis":
            raise ValueError("it sank")
        return {"city": city, "people": 7}

    return tools


def rounds(server: AnthropicServer) -> list[list[dict[str, Any]]]:
    """What each turn of the last request holds, plain text apart."""
    turns = server.last.json["messages"]
    return [turn["content"] for turn in turns if not isinstance(turn["content"], str)]


def test_tools_run_and_their_answers_go_back_together_under_their_ids(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    asked = [
        ToolCall(name="people", arguments={"city": city}, id=f"toolu_{n}")
        for n, city in enumerate(["Rome", "Atlantis"])
    ]
    anthropic_server.say("Let me see.", thinking="hm", tool_calls=asked)
    anthropic_server.say("Seven.")
    response = chat(tools=registry(), auto_execute_tools=True, native_thinking=True)
    assert (response.content, response.attempts) == ("Seven.", 2)
    assert response.usage.total_tokens == 30
    assistant, results = rounds(anthropic_server)
    assert [block["type"] for block in assistant] == ["thinking", "text", "tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in results] == ["toolu_0", "toolu_1"]
    assert results[0]["content"] == '{"city":"Rome","people":7}'
    assert "is_error" not in results[0]
    assert results[1]["is_error"] is True
    assert "it sank" in results[1]["content"]


def test_malformed_arguments_are_told_to_the_model(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit, voice: Voice
) -> None:
    config = ChatConfig(user_message="?", tools=registry(), auto_execute_tools=True)
    anthropic_server.say(tool_calls=[ToolCall(name="people", arguments='{"city": "Rom')])
    anthropic_server.say("Sorry.")
    chunks = list(voice.iterate(kit, "stream", config))
    assert chunks[-1].accumulated_text == "Sorry."
    assistant, results = rounds(anthropic_server)
    assert assistant[0]["input"] == {"INVALID_JSON": '{"city": "Rom'}
    assert results[0]["is_error"] is True


def test_a_stream_goes_through_all_rounds_of_tools(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit, voice: Voice
) -> None:
    config = ChatConfig(user_message="?", tools=registry(), auto_execute_tools=True)
    anthropic_server.say(
        ["Let me ", "see. "], tool_calls=[ToolCall(name="people", arguments={"city": "Rome"})]
    )
    anthropic_server.say(["Sev", "en."])
    chunks = list(voice.iterate(kit, "stream", config))
    assert [chunk.is_final for chunk in chunks].count(True) == 1
    assert "".join(chunk.delta.text for chunk in chunks) == "Let me see. Seven."
    assert chunks[-1].usage.total_tokens == 30


def test_a_forced_tool_is_forced_once(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say(tool_calls=[ToolCall(name="people", arguments={"city": "Rome"})])
    chat(tools=registry(), tool_choice="people", auto_execute_tools=True)
    choices = [request.json.get("tool_choice") for request in anthropic_server.requests]
    assert choices == [{"type": "tool", "name": "people"}, None]
