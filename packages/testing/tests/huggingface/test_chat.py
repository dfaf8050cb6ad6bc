"""The official client chats, whole and in pieces, and wrong chats are refused as TGI does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import OverloadedError

from racto.core import Usage
from racto.testing import Failure, HuggingFaceServer, Reply, ToolCall

USER = {"role": "user", "content": "hi"}
LOOK = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}


def test_a_question_is_answered(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    used = Usage(input_tokens=10, output_tokens=5)
    huggingface_server.say(["Hel", "lo"], usage=used)
    said = client.chat_completion([USER], max_tokens=5, temperature=0.5, seed=1, stop=["x"])
    (choice,) = said.choices
    assert (choice.message.content, choice.finish_reason) == ("Hello", "stop")
    assert (said.usage.prompt_tokens, said.usage.completion_tokens) == (10, 5)
    assert huggingface_server.last.path == "/v1/chat/completions"


async def test_async_clients_get_the_same(
    huggingface_server: HuggingFaceServer, async_client: AsyncInferenceClient
) -> None:
    huggingface_server.add(*(Reply(text=str(number)) for number in range(8)))
    said = await asyncio.gather(*(async_client.chat_completion([USER]) for _ in range(8)))
    assert {each.choices[0].message.content for each in said} == set("01234567")


def test_a_stream_comes_in_pieces(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    huggingface_server.say(["Hel", "lo"])
    options: Any = {"include_usage": True}
    chunks = list(client.chat_completion([USER], stream=True, stream_options=options))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(text or "" for text in texts) == "Hello"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 15


async def test_an_async_stream_does_too(
    huggingface_server: HuggingFaceServer, async_client: AsyncInferenceClient
) -> None:
    huggingface_server.say(["Hel", "lo"])
    stream = await async_client.chat_completion([USER], stream=True)
    texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(texts) == "Hello"


def test_tools_are_called_and_answered(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    huggingface_server.say(tool_calls=[ToolCall(name="look", arguments={"a": 1})])
    tools: Any = [LOOK]
    message = client.chat_completion([USER], tools=tools).choices[0].message
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert (call.function.name, call.function.arguments) == ("look", '{"a":1}')
    asked = {
        "role": "assistant",
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": "look", "arguments": call.function.arguments},
            }
        ],
    }
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    said = client.chat_completion([USER, asked, result], tools=tools)
    assert said.choices[0].message.content == "ok"


def test_thinking_is_shown(huggingface_server: HuggingFaceServer, client: InferenceClient) -> None:
    huggingface_server.say("x", thinking="hm")
    message: Any = client.chat_completion([USER]).choices[0].message
    assert message.reasoning_content == "hm"


def test_a_stream_may_fail_in_its_middle(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    huggingface_server.say("a", failure_after=Failure(kind="overloaded"))
    stream = iter(client.chat_completion([USER], stream=True))
    seen = [next(stream).choices[0].delta.content, next(stream).choices[0].delta.content]
    assert seen == ["", "a"]
    with pytest.raises(OverloadedError, match="Model is overloaded"):
        next(stream)


def test_a_server_of_one_model_does_not_ask_for_its_name(post: Callable[..., Any]) -> None:
    for path in ("/v1/chat/completions", "/models/org/m/v1/chat/completions"):
        answer = post(path, {"messages": [USER]}).json()
        assert (answer["model"], answer["choices"][0]["message"]["content"]) == ("tgi", "ok")


@pytest.mark.parametrize(
    "fields",
    [
        {"response_format": {"type": "json_object", "value": {"type": "object"}}},
        {"response_format": {"type": "regex", "value": "a+"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        {"tool_prompt": "Use:", "tools": [LOOK]},
        {"logit_bias": [0.5], "repetition_penalty": 1.1, "top_k": 5},
        {"logit_bias": {"5": 1}},
        {"logprobs": True, "top_logprobs": 5},
        {"response_format": None},
    ],
)
def test_fields_of_tgi_are_taken(fields: dict[str, Any], post: Callable[..., Any]) -> None:
    answer = post("/v1/chat/completions", {"model": "m", "messages": [USER], **fields})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"tempature": 1}, "Unrecognized request argument supplied: tempature"),
        ({"temperature": 5}, "temperature"),
        ({"top_k": 0}, "top_k"),
        ({"repetition_penalty": "x"}, "repetition_penalty"),
        ({"response_format": {"type": "poem", "value": "x"}}, "response_format.type"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "tool_call_id": "1", "content": "x"}]}, "tool"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_wrong_chats_are_refused(
    fields: dict[str, Any], told: str, refuse: Callable[..., str]
) -> None:
    said = refuse(**fields)
    assert said.startswith("Input validation error: ")
    assert told in said


def test_a_body_is_an_object(post: Callable[..., Any]) -> None:
    for body in (b"{", b"[]"):
        assert post("/v1/chat/completions", body).status_code == 422
