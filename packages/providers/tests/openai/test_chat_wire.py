"""Chat Completions of compatible servers, with the habits that they really have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    FinishReason,
    Message,
    ReasoningPart,
    StreamTruncatedError,
    ToolRegistry,
    UnsupportedFeatureError,
    UsageState,
)
from racto.providers.openai import COMPATIBLE, DEEPSEEK, ChatDialect, OpenAIDeveloperKit
from racto.testing import OpenAIServer, ToolCall
from racto.testing.openai import Quirks

Open = Callable[..., tuple[OpenAIServer, OpenAIDeveloperKit]]
CALLS = [ToolCall(name="weather", arguments={"city": city}) for city in ("Rome", "Oslo")]


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


TOOLS = ChatConfig(user_message="?", tools=ToolRegistry([weather]))


@pytest.fixture
def open_kit() -> Iterator[Open]:
    """Starts a server with some habits, and makes a kit that talks to it."""
    made: list[Any] = []

    def open_kit(
        dialect: ChatDialect = COMPATIBLE, **quirks: bool
    ) -> tuple[OpenAIServer, OpenAIDeveloperKit]:
        server = OpenAIServer(key=None, quirks=Quirks(any_field=True, **quirks))
        kit = OpenAIDeveloperKit("m", base_url=server.url, dialect=dialect)
        made.extend((kit, server))
        return server, kit

    yield open_kit
    for each in made:
        each.close()


@pytest.mark.parametrize(
    "quirks",
    [
        {"no_index": True},
        {"no_call_ids": True},
        {"whole_calls": True},
        {"no_index": True, "whole_calls": True},
        {"no_index": True, "whole_calls": True, "no_call_ids": True},
    ],
    ids=lambda quirks: " ".join(quirks),
)
def test_calls_are_told_apart_however_they_are_numbered(
    open_kit: Open, quirks: dict[str, bool]
) -> None:
    server, kit = open_kit(**quirks)
    server.say("Wait.", tool_calls=CALLS)
    final = list(kit.stream(TOOLS))[-1]
    assert [call.arguments["city"] for call in final.tool_calls] == ["Rome", "Oslo"]
    assert len({call.id for call in final.tool_calls} - {""}) == 2
    assert final.finish_reason is FinishReason.TOOL_CALL
    server.say(tool_calls=CALLS)
    assert len({call.id for call in kit.chat(TOOLS).tool_calls} - {""}) == 2


def test_calls_without_ids_can_be_answered(open_kit: Open) -> None:
    server, kit = open_kit(no_call_ids=True)
    server.say(tool_calls=CALLS)
    server.say("Sunny.")
    config = TOOLS.model_copy(update={"auto_execute_tools": True})
    assert kit.chat(config).content == "Sunny."
    turns = server.last.json["messages"]
    asked = [call["id"] for call in turns[1]["tool_calls"]]
    assert [turn["tool_call_id"] for turn in turns[2:]] == asked


def test_a_server_that_never_says_why_ends_with_done(open_kit: Open) -> None:
    server, kit = open_kit(replace(COMPATIBLE, sends_finish_reason=False), no_finish_reason=True)
    server.say("Hello")
    assert list(kit.stream(TOOLS))[-1].finish_reason is FinishReason.STOP
    _, strict = open_kit(no_finish_reason=True)
    with pytest.raises(StreamTruncatedError):
        list(strict.stream(TOOLS))


def test_a_stream_without_done_ends_with_its_reason(open_kit: Open) -> None:
    server, kit = open_kit(no_done=True)
    server.say("Hello")
    assert list(kit.stream(TOOLS))[-1].finish_reason is FinishReason.STOP


def test_usage_that_was_not_told_is_unknown(open_kit: Open) -> None:
    _, kit = open_kit(no_usage=True)
    assert kit.chat(TOOLS).usage.state is UsageState.UNKNOWN
    assert list(kit.stream(TOOLS))[-1].usage.state is UsageState.UNKNOWN


def test_thinking_is_shown_and_comes_back_where_it_must(open_kit: Open) -> None:
    server, kit = open_kit(DEEPSEEK, reasoning_content=True)
    server.say("So.", thinking=["I ", "ponder."])
    response = list(kit.stream(TOOLS))[-1].response
    assert response is not None
    assert (response.content, response.thinking) == ("So.", "I ponder.")
    kit.chat(ChatConfig(user_message="more", history=(Message.user("hi"), response.message)))
    assert server.last.json["messages"][1]["reasoning_content"] == "I ponder."
    others = ReasoningPart(text="Not mine.", provider="openai")
    turns = (Message.user("hi"), Message.assistant("So.", reasoning=[others]))
    kit.chat(ChatConfig(user_message="more", history=turns))
    assert "reasoning_content" not in server.last.json["messages"][1]


def test_a_field_that_the_server_lacks_is_refused_or_noted(open_kit: Open) -> None:
    _, kit = open_kit(DEEPSEEK)
    with pytest.raises(UnsupportedFeatureError, match="seed"):
        kit.chat(ChatConfig(user_message="hi", seed=1))
    config = ChatConfig(user_message="hi", seed=1, on_unsupported="drop")
    assert kit.chat(config).dropped == ("seed",)
