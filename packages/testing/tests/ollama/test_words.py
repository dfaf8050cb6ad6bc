"""The official client asks for words, whole and line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import ollama
import pytest

from racto.core import FinishReason, Usage
from racto.core.logprobs import TokenLogprob
from racto.testing import Failure, OllamaServer, Reply, ToolCall

USER = {"role": "user", "content": "hi"}


def look(city: str, days: list[int]) -> str:
    """Looks at the weather.

    Args:
        city: Where.
        days: When.
    """
    return f"rain in {city} on {days}"


def test_a_question_is_answered(ollama_server: OllamaServer, client: ollama.Client) -> None:
    ollama_server.say(
        ["Hel", "lo"],
        thinking="hm",
        usage=Usage(input_tokens=7, cache_read_tokens=3, output_tokens=5),
    )
    said = client.chat("m", messages=[USER])
    assert (said.message.role, said.message.content) == ("assistant", "Hello")
    assert said.message.thinking == "hm"
    assert (said.model, said.done, said.done_reason) == ("m", True, "stop")
    assert (said.prompt_eval_count, said.eval_count) == (10, 5)
    assert said.total_duration
    assert said.load_duration
    assert said.prompt_eval_duration
    assert said.eval_duration
    spent = said.load_duration + said.prompt_eval_duration + said.eval_duration
    assert said.total_duration == spent


async def test_async_clients_get_the_same(
    ollama_server: OllamaServer, async_client: ollama.AsyncClient
) -> None:
    ollama_server.add(*(Reply(text=str(number)) for number in range(8)))
    said = await asyncio.gather(*(async_client.chat("m", messages=[USER]) for _ in range(8)))
    assert {each.message.content for each in said} == set("01234567")


def test_a_stream_comes_line_by_line(ollama_server: OllamaServer, client: ollama.Client) -> None:
    calls = [ToolCall(name="f", arguments={"a": 1}), ToolCall(name="g", id="mine")]
    ollama_server.say(["Hel", "lo"], thinking=["a", "b"], tool_calls=calls)
    lines = list(client.chat("m", messages=[USER], stream=True, think="low"))
    assert [line.message.thinking for line in lines[:2]] == ["a", "b"]
    assert [line.message.content for line in lines[2:4]] == ["Hel", "lo"]
    found = [call for line in lines for call in line.message.tool_calls or ()]
    assert [(call.function.name, call.function.arguments) for call in found] == [
        ("f", {"a": 1}),
        ("g", {}),
    ]
    assert [line.done for line in lines] == [False] * 6 + [True]
    assert (lines[-1].done_reason, lines[-1].eval_count) == ("stop", 5)
    assert all(line.eval_count is None for line in lines[:-1])


async def test_an_async_stream_does_too(
    ollama_server: OllamaServer, async_client: ollama.AsyncClient
) -> None:
    ollama_server.say(["Hel", "lo"])
    stream = await async_client.chat("m", messages=[USER], stream=True)
    assert [line.message.content async for line in stream] == ["Hel", "lo", ""]


def test_a_stream_is_what_comes_when_nobody_asks(
    ollama_server: OllamaServer, post: Callable[..., Any]
) -> None:
    ollama_server.say(["a", "b"])
    answer = post("/api/chat", {"model": "m", "messages": [USER]})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(answer.text.splitlines()) == 3


def test_calls_have_an_id_only_when_they_were_given_one(
    ollama_server: OllamaServer, post: Callable[..., Any]
) -> None:
    ollama_server.say(tool_calls=[ToolCall(name="f"), ToolCall(name="g", id="mine")])
    answer = post("/api/chat", {"model": "m", "messages": [USER], "stream": False}).json()
    first, second = answer["message"]["tool_calls"]
    assert first == {"function": {"index": 0, "name": "f", "arguments": {}}}
    assert second["id"] == "mine"


def test_tools_are_called_and_answered(ollama_server: OllamaServer, client: ollama.Client) -> None:
    arguments = {"city": "Bonn", "days": [1]}
    ollama_server.add(Reply(tool_calls=[ToolCall(name="look", arguments=arguments)]))
    messages: list[Any] = [USER]
    message = client.chat("m", messages=messages, tools=[look]).message
    (call,) = message.tool_calls or ()
    told = look(**call.function.arguments)
    messages += [message, {"role": "tool", "content": told, "tool_name": "look"}]
    assert client.chat("m", messages=messages, tools=[look]).message.content == "ok"


@pytest.mark.parametrize("think", [None, True, "high", "max"])
def test_thinking_is_shown_unless_it_was_turned_off(
    think: Any, ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.default = Reply(text="x", thinking="hm")
    assert client.chat("m", messages=[USER], think=think).message.thinking == "hm"
    assert client.chat("m", messages=[USER], think=False).message.thinking is None


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text="x"), "stop"),
        (Reply(tool_calls=[ToolCall(name="f")]), "stop"),
        (Reply(text="x", finish=FinishReason.LENGTH), "length"),
        (Reply(text="x", raw_finish="load"), "load"),
    ],
)
def test_each_outcome_has_a_reason(
    reply: Reply, reason: str, ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.add(reply)
    assert client.chat("m", messages=[USER]).done_reason == reason


def test_words_of_a_refusal_are_words(ollama_server: OllamaServer, client: ollama.Client) -> None:
    ollama_server.say(refusal="no")
    assert client.chat("m", messages=[USER]).message.content == "no"


def test_a_prompt_is_completed(ollama_server: OllamaServer, client: ollama.Client) -> None:
    ollama_server.add(Reply(text=["a", "b"], thinking="hm"), Reply(text=["a", "b"], thinking="hm"))
    said = client.generate("m", "hi", think=True)
    assert (said.response, said.thinking) == ("ab", "hm")
    lines = list(client.generate("m", "hi", stream=True))
    assert [line.response for line in lines] == ["", "a", "b", ""]
    assert (lines[0].thinking, lines[-1].done) == ("hm", True)


def test_a_request_that_says_nothing_loads_the_model(client: ollama.Client) -> None:
    assert client.generate("m").done_reason == "load"
    assert [model.name for model in client.ps().models] == ["m:latest"]
    assert client.chat("m", keep_alive=0).done_reason == "unload"
    assert client.ps().models == []


def test_probabilities_are_told_when_they_were_asked_for(
    ollama_server: OllamaServer, client: ollama.Client
) -> None:
    best = TokenLogprob(token="a", logprob=-0.5)
    tokens = [TokenLogprob(token="a", logprob=-0.5, alternatives=(best, best)), best]
    ollama_server.default = Reply(text=["a", "a"], logprobs=tokens)
    assert client.chat("m", messages=[USER]).logprobs is None
    first, second = client.chat("m", messages=[USER], logprobs=True, top_logprobs=1).logprobs or ()
    assert (first.token, first.logprob, len(first.top_logprobs or ())) == ("a", -0.5, 1)
    assert second.top_logprobs == []
    lines = client.chat("m", messages=[USER], logprobs=True, stream=True)
    assert [len(line.logprobs or ()) for line in lines] == [1, 1, 0]
    ollama_server.default = Reply(text="aa", logprobs=tokens)
    lines = client.chat("m", messages=[USER], logprobs=True, stream=True)
    assert [len(line.logprobs or ()) for line in lines] == [0, 2]


def test_a_stream_may_fail_in_its_middle(
    ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.say("a", failure_after=Failure(kind="server_error"))
    stream = client.chat("m", messages=[USER], stream=True)
    assert next(stream).message.content == "a"
    with pytest.raises(ollama.ResponseError, match="llama runner process has terminated"):
        next(stream)


def test_a_call_that_is_no_json_fails(ollama_server: OllamaServer, client: ollama.Client) -> None:
    broken = Reply(text="a", tool_calls=[ToolCall(name="f", arguments='{"a": ')])
    ollama_server.add(broken, broken)
    with pytest.raises(ollama.ResponseError, match="error parsing tool call: raw=") as caught:
        client.chat("m", messages=[USER])
    assert caught.value.status_code == 500
    stream = client.chat("m", messages=[USER], stream=True)
    assert next(stream).message.content == "a"
    with pytest.raises(ollama.ResponseError, match="error parsing tool call"):
        next(stream)


def test_lines_may_be_of_the_tests_own_making(
    ollama_server: OllamaServer, post: Callable[..., Any]
) -> None:
    ollama_server.say(events=[{"a": 1}, "broken"])
    assert post("/api/chat", {"model": "m", "messages": [USER]}).text == '{"a":1}\nbroken\n'
    ollama_server.say(body={"a": 1})
    answer = post("/api/chat", {"model": "m", "messages": [USER], "stream": False})
    assert answer.json() == {"a": 1}
