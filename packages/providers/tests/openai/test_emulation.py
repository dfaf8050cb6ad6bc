"""Structured replies where there is no mode for them: by a tool that nobody sees, or in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, RootModel

from racto.core import (
    ChatConfig,
    FinishReason,
    RactoPrompt,
    ToolRegistry,
    UnsupportedFeatureError,
)
from racto.providers.openai import DEEPSEEK, OPENAI, OpenAIDeveloperKit
from racto.providers.openai.emulation import REPLY_TOOL
from racto.testing import OpenAIServer, ToolCall

Make = Callable[..., OpenAIDeveloperKit]
BY_TOOL, IN_WORDS = replace(OPENAI, structured="tool"), replace(OPENAI, structured="prompt")
AS_JSON = replace(OPENAI, structured="json_object")


class City(BaseModel):
    name: str


class Names(RootModel[list[str]]):
    pass


ASK = ChatConfig(user_message="Which city?", response_model=City)
ROME = ToolCall(id="c1", name=REPLY_TOOL, arguments={"name": "Rome"})


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


@pytest.fixture(params=["whole", "stream"])
def ask(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Asks for a reply, whole or in a stream."""

    def ask(kit: OpenAIDeveloperKit, config: ChatConfig = ASK) -> Any:
        if request.param == "whole":
            return kit.chat(config)
        chunks = list(kit.stream(config))
        response = chunks[-1].response
        assert response is not None
        assert "".join(chunk.delta.text for chunk in chunks) == (response.content or "")
        assert all(chunk.delta.tool_call_name != REPLY_TOOL for chunk in chunks)
        return response

    return ask


def test_a_reply_by_tool_arrives_as_text(server: OpenAIServer, make_kit: Make, ask: Any) -> None:
    server.say(tool_calls=[ROME])
    response = ask(make_kit(dialect=BY_TOOL))
    assert response.parsed == {"name": "Rome"}
    assert json.loads(response.content) == {"name": "Rome"}
    assert (response.finish_reason, response.tool_calls) == (FinishReason.STOP, [])
    assert [part.type for part in response.parts] == ["text"]
    asked = server.last.json
    assert "response_format" not in asked
    assert asked["tool_choice"]["function"]["name"] == REPLY_TOOL
    assert asked["tools"][0]["function"]["parameters"]["required"] == ["name"]


def test_other_tools_come_first(server: OpenAIServer, make_kit: Make, ask: Any) -> None:
    server.say(tool_calls=[ToolCall(id="c0", name="weather", arguments={"city": "Rome"})])
    server.say(tool_calls=[ROME])
    config = ASK.model_copy(update={"tools": ToolRegistry([weather]), "auto_execute_tools": True})
    assert ask(make_kit(dialect=BY_TOOL), config).parsed == {"name": "Rome"}
    first, second = (request.json for request in server.requests)
    assert first["tool_choice"] == second["tool_choice"] == "required"
    assert [tool["function"]["name"] for tool in first["tools"]] == ["weather", REPLY_TOOL]
    assert second["messages"][-1]["content"] == "sunny in Rome"


def test_a_reply_beside_another_call_waits_for_it(
    server: OpenAIServer, make_kit: Make, ask: Any
) -> None:
    calls = [ToolCall(id="c0", name="weather", arguments={"city": "Rome"}), ROME]
    server.say(tool_calls=calls)
    response = ask(
        make_kit(dialect=BY_TOOL), ASK.model_copy(update={"tools": ToolRegistry([weather])})
    )
    assert [call.name for call in response.tool_calls] == ["weather"]
    assert response.finish_reason is FinishReason.TOOL_CALL


def test_a_reply_by_tool_is_repaired_like_any_other(server: OpenAIServer, make_kit: Make) -> None:
    for arguments in ({"town": "Rome"}, '{"name": ', {"name": "Rome"}):
        server.say(tool_calls=[ToolCall(name=REPLY_TOOL, arguments=arguments)])
    response = make_kit(dialect=BY_TOOL).chat(ASK)
    assert (response.parsed, response.attempts) == ({"name": "Rome"}, 3)
    said = [turn["content"] for turn in server.last.json["messages"]]
    assert json.loads(said[1]) == {"town": "Rome"}
    assert said[3] == '{"name": '


def test_a_tool_that_was_switched_off_still_leaves_the_reply(
    server: OpenAIServer, make_kit: Make
) -> None:
    server.say(tool_calls=[ROME])
    config = ASK.model_copy(update={"tools": ToolRegistry([weather]), "tool_choice": "none"})
    make_kit(dialect=BY_TOOL).chat(config)
    assert server.last.json["tool_choice"]["function"]["name"] == REPLY_TOOL


def test_arguments_are_an_object(make_kit: Make) -> None:
    config = ChatConfig(user_message="?", response_model=Names)
    with pytest.raises(UnsupportedFeatureError, match="Names is no object"):
        make_kit(dialect=BY_TOOL).chat(config)


@pytest.mark.parametrize("dialect", [IN_WORDS, AS_JSON])
def test_the_schema_is_told_in_words(
    server: OpenAIServer, make_kit: Make, ask: Any, dialect: Any
) -> None:
    server.say('Gladly: {"name": "Rome"}')
    kit = make_kit(dialect=dialect)
    assert ask(kit).parsed == {"name": "Rome"}
    asked = server.last.json
    wanted = {"type": "json_object"} if dialect is AS_JSON else None
    assert asked.get("response_format") == wanted
    system, question = asked["messages"]
    assert '"required": ["name"]' in system["content"]
    assert question == {"role": "user", "content": "Which city?"}
    server.say('{"name": "Rome"}')
    ask(kit, ASK.model_copy(update={"system": "Be brief."}))
    assert server.last.json["messages"][0]["content"].startswith("Be brief.\n\nWhen you give")


def test_a_prompt_that_tells_the_schema_is_enough(server: OpenAIServer, make_kit: Make) -> None:
    server.say('{"name": "Rome"}')
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=City)
    make_kit(dialect=IN_WORDS).chat(ChatConfig(user_message="?", prompt=prompt))
    (system, _) = server.last.json["messages"]
    assert system["content"] == prompt.compile()


def test_deepseek_gets_json_in_words_and_its_thinking_back() -> None:
    assert (DEEPSEEK.structured, DEEPSEEK.reasoning_field) == ("json_object", "reasoning_content")
