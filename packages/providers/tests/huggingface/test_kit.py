"""The kit against a server that checks requests: replies, streams, tools, and bad days."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    ConfigurationError,
    ContextLengthError,
    FinishReason,
    ImagePart,
    InvalidResponseError,
    LLMResponse,
    Message,
    MessageRole,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoFile,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ResponseModelValidationError,
    ServerError,
    StreamChunk,
    StreamTruncatedError,
    TokenLogprob,
    ToolRegistry,
    UnsupportedFeatureError,
    Usage,
    UsageState,
)
from racto.core.embeddings import EmbeddingConfig
from racto.providers.huggingface import HuggingFaceDeveloperKit, roots
from racto.providers.huggingface.connection import TOKEN_VARIABLES
from racto.providers.openai import COMPATIBLE
from racto.testing import Conduct, Failure, HuggingFaceServer, ToolCall

Make = Callable[..., HuggingFaceDeveloperKit]
Ask = Callable[[HuggingFaceDeveloperKit, ChatConfig], LLMResponse]
Read = Callable[[HuggingFaceDeveloperKit, ChatConfig], list[StreamChunk]]
Server = HuggingFaceServer
Kit = HuggingFaceDeveloperKit

HI = ChatConfig(user_message="hi")


class City(BaseModel):
    name: str
    people: int


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


TOOLS = ToolRegistry([weather])


def test_a_reply_is_whole(huggingface_server: Server, kit: Kit, ask: Ask) -> None:
    usage = Usage(input_tokens=9, output_tokens=4)
    huggingface_server.say("Hello", thinking="Hm.", usage=usage)
    response = ask(kit, ChatConfig(user_message="hi", seed=7, stop=("END",)))
    assert (response.content, response.thinking) == ("Hello", "Hm.")
    assert (response.usage.input_tokens, response.usage.output_tokens) == (9, 4)
    assert response.finish_reason is FinishReason.STOP
    assert (response.provider, response.model) == ("huggingface", "the/model")
    sent = huggingface_server.last
    assert sent.path == "/v1/chat/completions"
    assert (sent.json["seed"], sent.json["stop"], sent.json["max_tokens"]) == (7, ["END"], 4096)


def test_a_stream_has_one_final_chunk_the_last(
    huggingface_server: Server, kit: Kit, read: Read
) -> None:
    usage = Usage(input_tokens=9, output_tokens=4)
    huggingface_server.say(["Hel", "lo"], thinking=["H", "m."], usage=usage)
    chunks = read(kit, HI)
    assert [chunk.is_final for chunk in chunks].count(True) == 1
    assert "".join(chunk.delta.text for chunk in chunks) == "Hello"
    final = chunks[-1].response
    assert final is not None
    assert (final.content, final.thinking) == ("Hello", "Hm.")
    assert (final.usage.total_tokens, final.usage.state) == (13, UsageState.MEASURED)


def test_tools_run_until_the_model_answers(huggingface_server: Server, kit: Kit, ask: Ask) -> None:
    calls = [
        ToolCall(name="weather", arguments={"city": "Rome"}, id="c1"),
        ToolCall(name="weather", arguments='{"city": ', id="c2"),
    ]
    huggingface_server.say(tool_calls=calls)
    huggingface_server.say("Sunny.")
    config = ChatConfig(
        user_message="?", tools=TOOLS, auto_execute_tools=True, tool_choice="weather"
    )
    assert ask(kit, config).content == "Sunny."
    first, last = (request.json for request in huggingface_server.requests)
    assert first["tool_choice"]["function"]["name"] == "weather"
    assert "tool_choice" not in last
    _, said, sunny, malformed = last["messages"]
    assert [call["id"] for call in said["tool_calls"]] == ["c1", "c2"]
    assert (sunny["tool_call_id"], sunny["content"]) == ("c1", "sunny in Rome")
    assert malformed["tool_call_id"] == "c2"
    assert "JSON" in malformed["content"]


def test_parallel_calls_of_a_stream_are_assembled_once(
    huggingface_server: Server, kit: Kit, read: Read
) -> None:
    calls = [ToolCall(name="weather", arguments={"city": city}) for city in ("Rome", "Oslo")]
    huggingface_server.say(tool_calls=calls)
    final = read(kit, ChatConfig(user_message="?", tools=TOOLS))[-1]
    assert [call.arguments["city"] for call in final.tool_calls] == ["Rome", "Oslo"]
    assert final.finish_reason is FinishReason.TOOL_CALL


def test_a_reply_that_does_not_fit_is_mended(
    huggingface_server: Server, kit: Kit, ask: Ask
) -> None:
    huggingface_server.say('{"name": "Rome"}')
    huggingface_server.say('{"name": "Rome", "people": 2800000}')
    response = ask(kit, ChatConfig(user_message="?", response_model=City))
    assert response.parsed == {"name": "Rome", "people": 2800000}
    question, said, repair = huggingface_server.last.json["messages"]
    assert (question["content"], said["content"]) == ("?", '{"name": "Rome"}')
    assert "people" in repair["content"]
    form = huggingface_server.last.json["response_format"]
    assert form["json_schema"]["schema"]["required"] == ["name", "people"]
    huggingface_server.say("{", finish=FinishReason.LENGTH)
    with pytest.raises(ResponseModelValidationError, match="max_tokens"):
        ask(kit, ChatConfig(user_message="?", response_model=City))


def test_images_are_sent_as_bytes_or_by_url(huggingface_server: Server, kit: Kit, ask: Ask) -> None:
    image = RactoFile(b"\x89PNG", "image/png")
    link = ImagePart(url="https://example.com/a.png")
    history = (Message(role=MessageRole.USER, content=(link,)), Message.assistant("A dog."))
    ask(kit, ChatConfig(user_message="And this?", attachments=(image,), history=history))
    first, _, second = huggingface_server.last.json["messages"]
    assert first["content"][0]["image_url"]["url"] == "https://example.com/a.png"
    data = second["content"][0]["image_url"]["url"].removeprefix("data:image/png;base64,")
    assert base64.b64decode(data) == b"\x89PNG"


def test_logprobs_come_through(huggingface_server: Server, kit: Kit, ask: Ask, read: Read) -> None:
    tokens = (TokenLogprob(token="He", logprob=-0.1),)
    config = ChatConfig(user_message="hi", logprobs=2)
    for _ in range(2):
        huggingface_server.say("He", logprobs=tokens)
    for found in (ask(kit, config), read(kit, config)[-1].response):
        assert found is not None
        assert found.logprobs is not None
        assert found.logprobs[0].logprob == -0.1


@pytest.mark.parametrize(
    ("kind", "error", "attempts"),
    [
        ("bad_request", RactoGatewayError, 1),
        ("unauthorized", RactoGatewayAuthError, 1),
        ("forbidden", PermissionDeniedError, 1),
        ("quota_exhausted", QuotaExhaustedError, 1),
        ("not_found", NotFoundError, 1),
        ("rate_limited", RateLimitError, 3),
        ("overloaded", OverloadedError, 3),
        ("server_error", ServerError, 3),
    ],
)
def test_failures_have_classes_and_only_passing_ones_are_retried(
    huggingface_server: Server,
    kit: Kit,
    ask: Ask,
    kind: Any,
    error: type[Exception],
    attempts: int,
) -> None:
    huggingface_server.default = Failure(kind=kind)
    with pytest.raises(error) as caught:
        ask(kit, HI)
    assert isinstance(caught.value, RactoGatewayError)
    assert caught.value.provider == "huggingface"
    assert len(huggingface_server.requests) == attempts


def test_an_overflow_names_limit_and_count(huggingface_server: Server, kit: Kit, ask: Ask) -> None:
    huggingface_server.fail("context_overflow", limit=4096, count=5000)
    with pytest.raises(ContextLengthError) as caught:
        ask(kit, HI)
    assert (caught.value.limit, caught.value.count) == (4096, 5000)


def test_a_model_that_is_being_loaded_is_waited_for(
    huggingface_server: Server, kit: Kit, ask: Ask
) -> None:
    huggingface_server.fail("overloaded", retry_after=0.05)
    assert ask(kit, HI).attempts == 2
    huggingface_server.fail("overloaded", retry_after=3600)
    with pytest.raises(OverloadedError, match="loading") as caught:
        ask(kit, HI)
    assert caught.value.retry_after == 3600.0


def test_a_stream_that_is_cut_keeps_what_had_come(
    huggingface_server: Server, kit: Kit, read: Read
) -> None:
    huggingface_server.say(["Hel", "lo", "!"], conduct=Conduct(cut_after=3))
    with pytest.raises(StreamTruncatedError) as caught:
        read(kit, HI)
    assert caught.value.partial.content == "Hello"
    assert len(huggingface_server.requests) == 1


def test_an_error_in_mid_stream_keeps_what_had_come(
    huggingface_server: Server, kit: Kit, read: Read
) -> None:
    huggingface_server.say(["Hel", "lo"], failure_after=Failure(kind="server_error"))
    with pytest.raises(ServerError, match="Incomplete generation") as caught:
        read(kit, HI)
    assert caught.value.partial.content == "Hello"


@pytest.mark.parametrize("body", [b"<html>", b"[]", {"choices": []}])
def test_a_reply_of_another_shape_is_an_error(
    huggingface_server: Server, kit: Kit, ask: Ask, body: Any
) -> None:
    huggingface_server.say(body=body)
    with pytest.raises(InvalidResponseError):
        ask(kit, HI)


def test_the_key_is_sent_and_never_printed(make_kit: Make, ask: Ask) -> None:
    key = "no-known-shape-4711"
    with HuggingFaceServer(key=key) as server:
        kit = make_kit(base_url=server.url, token=None, api_key=key)
        assert ask(kit, HI).content == "ok"
        server.fail("unauthorized", message=f"the token {key} is not known")
        with pytest.raises(RactoGatewayAuthError, match="HF_TOKEN") as caught:
            ask(kit, HI)
        assert key not in str(caught.value) + repr(caught.value) + repr(kit) + repr(vars(kit))
        with pytest.raises(RactoGatewayAuthError):
            ask(make_kit(base_url=server.url, token="wrong"), HI)
        assert len(server.requests) == 3


@pytest.mark.parametrize("variable", TOKEN_VARIABLES)
def test_the_token_may_come_from_the_environment(
    huggingface_server: Server, make_kit: Make, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for each in TOKEN_VARIABLES:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(variable, "test-key")
    with pytest.raises(RactoGatewayAuthError, match="own servers"):
        make_kit(token=None).chat(HI)
    assert "authorization" not in huggingface_server.last.headers
    monkeypatch.setattr(roots, "ROUTER", huggingface_server.url)
    assert make_kit(token=None, base_url=None).chat(HI).content == "ok"


async def test_the_router_wants_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in TOKEN_VARIABLES:
        monkeypatch.delenv(each, raising=False)
    kit = HuggingFaceDeveloperKit()
    with pytest.raises(RactoGatewayAuthError, match="HF_TOKEN"):
        kit.chat(HI)
    with pytest.raises(RactoGatewayAuthError, match="base_url="):
        await kit.achat(HI)
    await kit.aclose()
    with pytest.raises(ConfigurationError, match="one of them"):
        HuggingFaceDeveloperKit(token="a", api_key="b")


def test_who_pays_and_who_answers_are_told(
    huggingface_server: Server, make_kit: Make, ask: Ask
) -> None:
    kit = make_kit(provider="groq", bill_to="us", headers={"X-Trace": "7"})
    ask(kit, HI)
    sent = huggingface_server.last
    assert sent.json["model"] == "the/model:groq"
    assert (sent.headers["x-hf-bill-to"], sent.headers["x-trace"]) == ("us", "7")
    assert next(iter(json.loads(sent.body))) == "model"


def test_a_tgi_needs_no_model_and_another_server_a_dialect(
    huggingface_server: Server, make_kit: Make
) -> None:
    make_kit(None).chat(HI)
    assert huggingface_server.last.json["model"] == "tgi"
    make_kit(dialect=COMPATIBLE).chat(ChatConfig(user_message="hi", top_k=3))
    assert huggingface_server.last.json["top_k"] == 3
    assert HuggingFaceDeveloperKit(token="t").model


async def test_a_stream_that_is_cancelled_hangs_up(huggingface_server: Server, kit: Kit) -> None:
    huggingface_server.say(["a"] * 1000, conduct=Conduct(pause=0.005))
    begun = asyncio.Event()

    async def reading() -> None:
        async for _ in kit.astream(HI):
            begun.set()

    task = asyncio.create_task(reading())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await huggingface_server.await_until(lambda: huggingface_server.open_connections == 0)
    await kit.aclose()


def test_the_kit_embeds_as_the_server_does(huggingface_server: Server, make_kit: Make) -> None:
    kit = make_kit(embedding_model="embedder")
    reply = kit.embed(EmbeddingConfig(texts=["a", "b"], dimensions=4))
    assert [len(vector.embedding) for vector in reply.vectors] == [4, 4]
    assert (reply.provider, reply.model) == ("huggingface", "embedder")
    assert reply.usage.state is UsageState.MEASURED
    assert huggingface_server.last.path == "/v1/embeddings"
    with pytest.raises(UnsupportedFeatureError):
        kit.embed(EmbeddingConfig(texts=["a"], input_type="query"))


def test_a_model_that_a_router_shall_choose_needs_one() -> None:
    with pytest.raises(ConfigurationError, match="router="):
        HuggingFaceDeveloperKit("auto")
