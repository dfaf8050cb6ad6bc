"""The kit against a server that checks requests: replies, streams, tools, and bad days."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    APIConnectionError,
    ChatConfig,
    ConfigurationError,
    ContextLengthError,
    FinishReason,
    InvalidResponseError,
    LLMResponse,
    NotFoundError,
    OverloadedError,
    RactoFile,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ReasoningPart,
    ResponseModelValidationError,
    RetryPolicy,
    ServerError,
    StreamChunk,
    StreamTruncatedError,
    TokenLogprob,
    ToolRegistry,
    Usage,
    UsageState,
)
from racto.core.embeddings import EmbeddingConfig
from racto.providers.ollama import OllamaDeveloperKit
from racto.testing import Conduct, Failure, OllamaServer, ToolCall

Make = Callable[..., OllamaDeveloperKit]
Ask = Callable[[OllamaDeveloperKit, ChatConfig], LLMResponse]
Read = Callable[[OllamaDeveloperKit, ChatConfig], list[StreamChunk]]

HI = ChatConfig(user_message="hi")


class City(BaseModel):
    name: str
    people: int


def weather(city: str, days: int = 1) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


async def news() -> str:
    """Tell the news."""
    raise LookupError("no paper today")


TOOLS = ToolRegistry([weather, news])


def test_a_reply_is_whole(ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask) -> None:
    ollama_server.say("Hello", thinking="Hm.", usage=Usage(input_tokens=9, output_tokens=4))
    response = ask(kit, ChatConfig(user_message="hi", native_thinking=True, seed=7))
    assert (response.content, response.thinking) == ("Hello", "Hm.")
    assert (response.usage.input_tokens, response.usage.output_tokens) == (9, 4)
    assert response.usage.state is UsageState.MEASURED
    assert response.finish_reason is FinishReason.STOP
    assert (response.provider, response.model) == ("ollama", "the-model")
    sent = ollama_server.last.json
    assert (sent["think"], sent["options"]["seed"], sent["stream"]) == (True, 7, False)


def test_a_stream_has_one_final_chunk_the_last(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, read: Read
) -> None:
    usage = Usage(input_tokens=9, output_tokens=4)
    ollama_server.say(["Hel", "lo", " 世界"], thinking=["H", "m."], usage=usage)
    chunks = read(kit, ChatConfig(user_message="hi", native_thinking=True))
    assert [chunk.is_final for chunk in chunks].count(True) == 1
    assert "".join(chunk.delta.text for chunk in chunks) == "Hello 世界"
    assert "".join(chunk.delta.thinking for chunk in chunks) == "Hm."
    final = chunks[-1].response
    assert final is not None
    assert (final.content, final.thinking) == ("Hello 世界", "Hm.")
    assert (final.usage.total_tokens, final.usage.state) == (13, UsageState.MEASURED)


def test_cached_tokens_are_counted_apart(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask, read: Read
) -> None:
    counts = {"prompt_eval_count": 9, "prompt_eval_cached_count": 6, "eval_count": 4}
    last = {"message": {"content": "a"}, "done": True, "done_reason": "stop", **counts}
    ollama_server.say(body=last)
    ollama_server.say(events=[last])
    for found in (ask(kit, HI).usage, read(kit, HI)[-1].usage):
        assert (found.input_tokens, found.cache_read_tokens, found.output_tokens) == (3, 6, 4)


def test_tools_run_until_the_model_answers(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    ollama_server.say(
        thinking="Look it up.",
        tool_calls=[
            ToolCall(name="weather", arguments={"city": "Rome"}),
            ToolCall(name="news"),
            ToolCall(name="weather", arguments={"city": "Oslo", "days": "x"}),
        ],
    )
    ollama_server.say("Sunny.")
    config = ChatConfig(
        user_message="?", tools=TOOLS, auto_execute_tools=True, native_thinking=True
    )
    response = ask(kit, config)
    assert response.content == "Sunny."
    assert response.usage.total_tokens == 30
    question, said, *answers = ollama_server.last.json["messages"]
    assert question == {"role": "user", "content": "?"}
    assert said["thinking"] == "Look it up."
    assert [call["function"]["arguments"] for call in said["tool_calls"]] == [
        {"city": "Rome"},
        {},
        {"city": "Oslo", "days": "x"},
    ]
    assert [answer["tool_name"] for answer in answers] == ["weather", "news", "weather"]
    assert answers[0]["content"] == "sunny in Rome"
    assert "no paper today" in answers[1]["content"]
    assert "days" in answers[2]["content"]


def test_parallel_calls_of_a_stream_are_assembled_once(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, read: Read
) -> None:
    calls = [ToolCall(name="weather", arguments={"city": city}) for city in ("Rome", "Oslo")]
    ollama_server.say("Wait. ", tool_calls=calls)
    chunks = read(kit, ChatConfig(user_message="?", tools=TOOLS))
    final = chunks[-1]
    assert [call.arguments["city"] for call in final.tool_calls] == ["Rome", "Oslo"]
    assert len({call.id for call in final.tool_calls}) == 2
    assert final.finish_reason is FinishReason.TOOL_CALL
    assert not any(chunk.tool_calls for chunk in chunks[:-1])


def test_tools_run_between_the_rounds_of_one_stream(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, read: Read
) -> None:
    ollama_server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    ollama_server.say(["Sun", "ny."])
    chunks = read(kit, ChatConfig(user_message="?", tools=TOOLS, auto_execute_tools=True))
    assert chunks[-1].response is not None
    assert chunks[-1].response.content == "Sunny."
    assert [chunk.is_final for chunk in chunks].count(True) == 1
    assert ollama_server.last.json["messages"][-1]["content"] == "sunny in Rome"


def test_a_reply_that_does_not_fit_is_mended(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    ollama_server.say('{"name": "Rome"}')
    ollama_server.say('{"name": "Rome", "people": 2800000}')
    image = RactoFile(b"\x89PNG", "image/png")
    config = ChatConfig(user_message="?", response_model=City, attachments=(image,))
    response = ask(kit, config)
    assert response.parsed == {"name": "Rome", "people": 2800000}
    assert response.attempts == 2
    system, question, said, repair = ollama_server.last.json["messages"]
    assert '"people"' in system["content"]
    assert [base64.b64decode(each) for each in question["images"]] == [b"\x89PNG"]
    assert said["content"] == '{"name": "Rome"}'
    assert "people" in repair["content"]
    assert ollama_server.last.json["format"]["required"] == ["name", "people"]


def test_a_reply_that_stays_wrong_is_an_error(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    ollama_server.say("{", finish=FinishReason.LENGTH)
    with pytest.raises(ResponseModelValidationError, match="max_tokens"):
        ask(kit, ChatConfig(user_message="?", response_model=City))


def test_logprobs_and_finish_reasons_come_through(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask, read: Read
) -> None:
    other = TokenLogprob(token="Hi", logprob=-2.0)
    tokens = (TokenLogprob(token="He", logprob=-0.1, alternatives=(other,)),)
    config = ChatConfig(user_message="hi", logprobs=1)
    ollama_server.say("He", logprobs=tokens, finish=FinishReason.LENGTH)
    ollama_server.say("He", logprobs=tokens, raw_finish="something new")
    whole = ask(kit, config)
    assert whole.logprobs is not None
    assert whole.logprobs[0].logprob == -0.1
    assert whole.finish_reason is FinishReason.LENGTH
    streamed = read(kit, config)[-1].response
    assert streamed is not None
    assert streamed.logprobs is not None
    assert streamed.logprobs[0].token == "He"
    assert streamed.finish_reason is FinishReason.UNKNOWN
    assert streamed.raw_finish_reason == "something new"


def test_thinking_goes_back_in_the_next_turn(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    ollama_server.say("One.", thinking="Count.")
    first = ask(kit, ChatConfig(user_message="Count.", native_thinking=True))
    assert isinstance(first.message.parts[0], ReasoningPart)
    ask(kit, ChatConfig(user_message="On.", history=(first.message,)))
    assert ollama_server.last.json["messages"][0]["thinking"] == "Count."


@pytest.mark.parametrize(
    ("kind", "error", "attempts"),
    [
        ("bad_request", RactoGatewayError, 1),
        ("unauthorized", RactoGatewayAuthError, 1),
        ("not_found", NotFoundError, 1),
        ("rate_limited", RateLimitError, 3),
        ("overloaded", OverloadedError, 3),
        ("server_error", ServerError, 3),
    ],
)
def test_failures_have_classes_and_only_passing_ones_are_retried(
    ollama_server: OllamaServer,
    kit: OllamaDeveloperKit,
    ask: Ask,
    kind: Any,
    error: type[Exception],
    attempts: int,
) -> None:
    ollama_server.default = Failure(kind=kind)
    with pytest.raises(error) as caught:
        ask(kit, HI)
    assert isinstance(caught.value, RactoGatewayError)
    assert caught.value.provider == "ollama"
    assert len(ollama_server.requests) == attempts


def test_an_overflow_names_limit_and_count(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    told = "request (5000 tokens) exceeds the available context size (4096 tokens)"
    ollama_server.fail("context_overflow", message=told)
    with pytest.raises(ContextLengthError, match="num_ctx") as caught:
        ask(kit, HI)
    assert (caught.value.limit, caught.value.count) == (4096, 5000)


def test_a_wait_that_is_too_long_is_told(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask
) -> None:
    ollama_server.fail("rate_limited", retry_after=3600)
    with pytest.raises(RateLimitError) as caught:
        ask(kit, HI)
    assert caught.value.retry_after == 3600.0
    assert len(ollama_server.requests) == 1


def test_a_stream_that_is_cut_keeps_what_had_come(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, read: Read
) -> None:
    ollama_server.say(["Hel", "lo", "!"], conduct=Conduct(cut_after=2))
    with pytest.raises(StreamTruncatedError) as caught:
        read(kit, HI)
    assert caught.value.partial.content == "Hello"
    assert caught.value.partial.usage.state is UsageState.UNKNOWN
    assert len(ollama_server.requests) == 1


def test_an_error_in_mid_stream_keeps_what_had_come(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, read: Read
) -> None:
    gone = Failure(kind="server_error", message="llama runner process has terminated")
    ollama_server.say(["Hel", "lo"], failure_after=gone)
    with pytest.raises(ServerError, match="terminated") as caught:
        read(kit, HI)
    assert caught.value.partial.content == "Hello"
    assert len(ollama_server.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", {"message": {"content": "Hel"}}])
def test_a_reply_of_another_shape_is_an_error(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit, ask: Ask, body: Any
) -> None:
    ollama_server.say(body=body)
    with pytest.raises(InvalidResponseError):
        ask(kit, HI)


def test_a_server_that_is_not_there_can_be_started(make_kit: Make, ask: Ask) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kit = make_kit(base_url=f"127.0.0.1:{port}", retry=RetryPolicy(attempts=1))
    with pytest.raises(APIConnectionError, match="ollama serve"):
        ask(kit, HI)


def test_the_key_is_sent_and_never_printed(make_kit: Make, ask: Ask) -> None:
    key = "no-known-shape-4711"
    with OllamaServer(key=key) as server:
        kit = make_kit(base_url=server.url, api_key=key)
        assert ask(kit, HI).content == "ok"
        assert server.last.headers["authorization"] == f"Bearer {key}"
        server.fail("unauthorized", message=f"the key {key} is not known")
        with pytest.raises(RactoGatewayAuthError, match="OLLAMA_API_KEY") as caught:
            ask(kit, HI)
        assert key not in str(caught.value) + repr(caught.value) + repr(kit) + repr(vars(kit))
        with pytest.raises(RactoGatewayAuthError):
            ask(make_kit(base_url=server.url, api_key="wrong"), HI)


async def test_a_stream_that_is_cancelled_hangs_up(
    ollama_server: OllamaServer, kit: OllamaDeveloperKit
) -> None:
    ollama_server.say(["a"] * 1000, conduct=Conduct(pause=0.005))
    begun = asyncio.Event()

    async def reading() -> None:
        async for _ in kit.astream(HI):
            begun.set()

    task = asyncio.create_task(reading())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ollama_server.await_until(lambda: ollama_server.open_connections == 0)
    await kit.aclose()


def test_settings_reach_the_server(ollama_server: OllamaServer, make_kit: Make, ask: Ask) -> None:
    kit = make_kit(keep_alive="10m", truncate=True, headers={"x-trace": "7"})
    ask(kit, ChatConfig(user_message="hi", extra={"options": {"num_ctx": 8192}}))
    sent = ollama_server.last
    assert sent.json["keep_alive"] == "10m"
    assert "truncate" not in sent.json
    assert sent.json["options"]["num_ctx"] == 8192
    assert sent.headers["x-trace"] == "7"


def test_the_kit_embeds(ollama_server: OllamaServer, make_kit: Make) -> None:
    kit = make_kit(embedding_model="nomic-embed-text")
    reply = kit.embed(EmbeddingConfig(texts=["a", "b"], dimensions=4))
    assert [len(vector.embedding) for vector in reply.vectors] == [4, 4]
    assert (reply.provider, reply.model) == ("ollama", "nomic-embed-text")
    assert ollama_server.last.json["truncate"] is False


def test_models_come_from_the_catalog() -> None:
    assert OllamaDeveloperKit().model


def test_a_model_that_a_router_shall_choose_needs_one() -> None:
    with pytest.raises(ConfigurationError, match="router="):
        OllamaDeveloperKit("auto")
