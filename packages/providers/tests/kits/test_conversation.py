"""Rounds of tools and repairs: the conversation grows, and nothing said is lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    DeadlineExceededError,
    FinishReason,
    InvalidResponseError,
    RactoFile,
    RactoGatewayError,
    RateLimitError,
    ResponseModelValidationError,
    RetryPolicy,
    ToolRegistry,
    UnsupportedFeatureError,
)
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, OpenAIServer, Reply, ToolCall

Make = Callable[..., OpenAIDeveloperKit]


class City(BaseModel):
    name: str
    people: int


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


async def population(city: str) -> int:
    """Count the people."""
    await asyncio.sleep(0)
    return len(city) * 1000


def call(call_id: str, name: str, arguments: Any) -> ToolCall:
    return ToolCall(id=call_id, name=name, arguments=arguments)


def tools() -> ToolRegistry:
    return ToolRegistry([weather, population])


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Chats in either voice."""

    def chat(kit: OpenAIDeveloperKit, config: ChatConfig) -> Any:
        if request.param == "sync":
            return kit.chat(config)
        return asyncio.run(kit.achat(config))

    return chat


def test_tools_run_and_their_answers_go_back_under_their_ids(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    calls = [call("c1", "weather", {"city": "Rome"}), call("c2", "population", {"city": "Rome"})]
    server.say("Let me see.", tool_calls=calls)
    server.say("Sunny, and 4000 people.")
    config = ChatConfig(user_message="Rome?", tools=tools(), auto_execute_tools=True)
    response = ask(kit, config)
    assert response.content == "Sunny, and 4000 people."
    assert response.attempts == 2
    assert response.usage.total_tokens == 30
    sent = server.last.json["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert sent[0]["content"] == "Rome?"
    assert sent[1]["content"] == "Let me see."
    assert [call["id"] for call in sent[1]["tool_calls"]] == ["c1", "c2"]
    answers = {message["tool_call_id"]: message["content"] for message in sent[2:]}
    assert answers == {"c1": "sunny in Rome", "c2": "4000"}


def test_calls_of_one_turn_run_at_once(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(name: str) -> str:
        """Wait for the other call."""
        together.wait()
        return name

    server.say(tool_calls=[call("a", "meet", {"name": "x"}), call("b", "meet", {"name": "y"})])
    config = ChatConfig(user_message="go", tools=ToolRegistry([meet]), auto_execute_tools=True)
    assert kit.chat(config).content == "ok"


def test_wrong_arguments_go_back_to_the_model(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    server.say(tool_calls=[call("c1", "weather", '{"city": '), call("c2", "weather", {"town": 1})])
    server.say(tool_calls=[call("c3", "nonsense", {})])
    server.say("done")
    config = ChatConfig(user_message="Rome?", tools=tools(), auto_execute_tools=True)
    assert ask(kit, config).content == "done"
    _, second, third = (request.json["messages"] for request in server.requests)
    first = [message["content"] for message in second if message["role"] == "tool"]
    assert "not one JSON object" in first[0]
    assert "city" in first[1]
    # Malformed arguments are replayed as the model wrote them.
    assert second[1]["tool_calls"][0]["function"]["arguments"] == '{"city": '
    assert "no tool 'nonsense'" in third[-1]["content"]


def test_without_auto_execution_the_calls_are_the_callers(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.say(tool_calls=[call("c1", "weather", {"city": "Rome"})])
    response = kit.chat(ChatConfig(user_message="Rome?", tools=tools()))
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert response.tool_calls[0].arguments == {"city": "Rome"}
    assert len(server.requests) == 1


def test_rounds_are_limited_and_a_forced_tool_is_forced_once(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.default = Reply(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    config = ChatConfig(
        user_message="Rome?",
        tools=tools(),
        auto_execute_tools=True,
        max_tool_turns=2,
        tool_choice="weather",
    )
    response = kit.chat(config)
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert len(server.requests) == 3
    forced = {"type": "function", "function": {"name": "weather"}}
    assert [each.json.get("tool_choice") for each in server.requests] == [forced, None, None]


def test_a_repair_keeps_conversation_attachments_and_settings(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    for text in ("Rome has many.", '{"name": "Rome"}', '{"name": "Rome", "people": 3}'):
        server.say(text)
    picture = RactoFile(b"\x89PNG", "image/png", "rome.png")
    config = ChatConfig(
        user_message="Which?", attachments=(picture,), response_model=City, seed=7, temperature=0.5
    )
    response = ask(kit, config)
    assert response.parsed == {"name": "Rome", "people": 3}
    assert response.attempts == 3
    assert response.usage.total_tokens == 45
    first, last = server.requests[0].json, server.last.json
    assert (last["seed"], last["temperature"]) == (7, 0.5)
    assert last["response_format"] == first["response_format"]
    roles = [message["role"] for message in last["messages"]]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    assert last["messages"][0] == first["messages"][0]
    assert last["messages"][0]["content"][0]["type"] == "image_url"
    assert last["messages"][1]["content"] == "Rome has many."
    assert "people" in last["messages"][4]["content"]


def test_a_reply_that_stays_wrong_is_an_error(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.default = Reply(text='{"name": "Rome"}')
    config = ChatConfig(user_message="?", response_model=City, max_validation_retries=1)
    with pytest.raises(ResponseModelValidationError, match="people") as caught:
        kit.chat(config)
    assert caught.value.attempts == 2
    assert caught.value.raw_response == '{"name": "Rome"}'
    assert caught.value.__cause__ is caught.value.last_error


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (Reply(text='{"name": "R', finish=FinishReason.LENGTH), "max_tokens"),
        (Reply(refusal="I will not."), "refused"),
        (Reply(finish=FinishReason.CONTENT_FILTER), "filter"),
    ],
)
def test_hopeless_replies_are_not_repaired(
    server: OpenAIServer, kit: OpenAIDeveloperKit, said: Reply, word: str
) -> None:
    server.add(said)
    with pytest.raises(ResponseModelValidationError, match=word):
        kit.chat(ChatConfig(user_message="?", response_model=City))
    assert len(server.requests) == 1


def test_a_slow_down_is_obeyed_and_counted(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    server.fail("rate_limited", headers={"retry-after-ms": "30"})
    server.fail("overloaded", headers={"retry-after": "0.03"})
    response = ask(kit, ChatConfig(user_message="hi"))
    assert (response.content, response.attempts) == ("ok", 3)


def test_a_wait_beyond_the_deadline_is_not_waited(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.fail("rate_limited", retry_after=60)
    with pytest.raises(RateLimitError) as caught:
        kit.chat(ChatConfig(user_message="hi", timeout=5.0))
    assert caught.value.retry_after == 60.0
    assert len(server.requests) == 1


def test_one_deadline_covers_retries_and_repairs(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(retry=RetryPolicy(attempts=1))
    server.default = Reply(text="no", conduct=Conduct(delay=0.3))
    with pytest.raises((DeadlineExceededError, TimeoutError)):
        kit.chat(
            ChatConfig(user_message="?", response_model=City, max_validation_retries=5, timeout=0.8)
        )
    assert len(server.requests) < 5


def test_a_text_file_in_another_encoding_is_refused(kit: OpenAIDeveloperKit) -> None:
    file = RactoFile("größe".encode("latin-1"), "text/plain", "a.txt")
    with pytest.raises(UnsupportedFeatureError, match="UTF-8"):
        kit.chat(ChatConfig(user_message="?", attachments=(file,)))


@pytest.mark.parametrize("reason", [FinishReason.LENGTH, FinishReason.CONTENT_FILTER])
def test_calls_of_a_reply_that_is_not_whole_are_not_run(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any], reason: FinishReason
) -> None:
    ran: list[str] = []

    def delete(path: str) -> str:
        """Delete a folder."""
        ran.append(path)
        return "gone"

    server.say(tool_calls=[call("c1", "delete", {"path": "/"})], finish=reason)
    config = ChatConfig(user_message="?", tools=ToolRegistry([delete]), auto_execute_tools=True)
    response = ask(kit, config)
    assert (response.finish_reason, ran, len(server.requests)) == (reason, [], 1)
    assert response.tool_calls[0].arguments == {"path": "/"}


def test_a_reply_that_stays_wrong_tells_what_it_cost(
    server: OpenAIServer, make_kit: Make, ask: Callable[..., Any]
) -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    server.default = Reply(text='{"name": "Rome"}')
    config = ChatConfig(user_message="?", response_model=City, max_validation_retries=1)
    with pytest.raises(ResponseModelValidationError) as caught:
        ask(make_kit(tracer=tracer, metrics=metrics), config)
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens == 30
    assert caught.value.partial.content == '{"name": "Rome"}'
    assert sum(metrics.values("gen_ai.client.token.usage")) == 30
    assert tracer.spans[0].attributes["gen_ai.usage.output_tokens"] == 10


def test_an_error_after_paid_rounds_tells_what_they_cost(
    server: OpenAIServer, make_kit: Make, ask: Callable[..., Any]
) -> None:
    metrics = RecordingMetrics()
    server.say(tool_calls=[call("c1", "weather", {"city": "Rome"})])
    server.fail("bad_request")
    config = ChatConfig(user_message="?", tools=tools(), auto_execute_tools=True)
    with pytest.raises(RactoGatewayError) as caught:
        ask(make_kit(metrics=metrics), config)
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens == 15
    assert [made.name for made in caught.value.partial.tool_calls] == ["weather"]
    assert sum(metrics.values("gen_ai.client.token.usage")) == 15


def test_an_error_before_anything_was_paid_tells_of_no_usage(
    server: OpenAIServer, make_kit: Make
) -> None:
    metrics = RecordingMetrics()
    server.fail("bad_request")
    with pytest.raises(RactoGatewayError) as caught:
        make_kit(metrics=metrics).chat(ChatConfig(user_message="hi"))
    assert (caught.value.usage, caught.value.partial) == (None, None)
    assert metrics.values("gen_ai.client.token.usage") == []


async def test_async_tools_are_cancelled_at_the_deadline(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    ends: list[str] = []

    async def dream() -> str:
        """Sleep long."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        return "awake"

    server.say(tool_calls=[call("c1", "dream", {})])
    config = ChatConfig(
        user_message="?", tools=ToolRegistry([dream]), auto_execute_tools=True, timeout=1.0
    )
    with pytest.raises(DeadlineExceededError, match="tools") as caught:
        await kit.achat(config)
    assert ends == ["cancelled"]
    assert caught.value.partial.tool_calls[0].name == "dream"
    assert caught.value.usage is not None
    await kit.aclose()


def test_blocking_tools_that_are_late_end_the_request_when_they_return(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    started: list[int] = []

    def dawdle(number: int) -> str:
        """Take too long."""
        started.append(number)
        time.sleep(1.2)
        return "done"

    # More than run at once: those that wait for their turn never get it.
    calls = [call(f"c{number}", "dawdle", {"number": number}) for number in range(10)]
    server.say(tool_calls=calls)
    config = ChatConfig(
        user_message="?", tools=ToolRegistry([dawdle]), auto_execute_tools=True, timeout=1.0
    )
    with pytest.raises(DeadlineExceededError, match="tools") as caught:
        kit.chat(config)
    assert sorted(started) == list(range(8))
    assert len(caught.value.partial.tool_calls) == 10
    assert len(server.requests) == 1


def test_whatever_a_wire_trips_over_is_an_invalid_response(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any], monkeypatch: Any
) -> None:
    def trip(*_: Any) -> None:
        raise KeyError("choices")

    monkeypatch.setattr(type(kit._wire), "decode", trip)
    with pytest.raises(InvalidResponseError, match="KeyError: 'choices'") as caught:
        ask(kit, ChatConfig(user_message="hi"))
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.provider == "openai"
