"""The Responses API over a server that checks requests: what is asked, and what comes back."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    FinishReason,
    ImagePart,
    Message,
    RactoFile,
    StreamTruncatedError,
    ToolRegistry,
    Usage,
    UsageState,
)
from racto.core.logprobs import TokenLogprob
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, Failure, OpenAIServer, Reply, ToolCall

Make = Callable[..., OpenAIDeveloperKit]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class City(BaseModel):
    name: str


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


def photo(city: str) -> ImagePart:
    """Show a city."""
    return ImagePart(data=PNG)


@pytest.fixture
def kit(make_kit: Make) -> OpenAIDeveloperKit:
    """A kit that speaks the Responses API."""
    return make_kit(api="responses")


@pytest.fixture(params=["whole", "stream", "async stream"])
def ask(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Asks for a reply, whole or in a stream, and returns the response."""

    def ask(kit: OpenAIDeveloperKit, config: ChatConfig) -> Any:
        if request.param == "whole":
            return kit.chat(config)
        if request.param == "stream":
            return list(kit.stream(config))[-1].response
        return asyncio.run(_read(kit, config))

    return ask


async def _read(kit: OpenAIDeveloperKit, config: ChatConfig) -> Any:
    response = [chunk async for chunk in kit.astream(config)][-1].response
    await kit.aclose()
    return response


def test_nothing_is_stored_and_nothing_is_asked_that_was_not_set(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Any
) -> None:
    usage = Usage(input_tokens=5, cache_read_tokens=3, output_tokens=4, reasoning_tokens=2)
    server.say(["Hel", "lo"], usage=usage)
    response = ask(kit, ChatConfig(user_message="hi", system="Be brief."))
    assert (response.content, response.finish_reason) == ("Hello", FinishReason.STOP)
    assert response.usage.model_copy(update={"cost": None}) == usage
    asked = server.last.json
    assert server.last.path == "/v1/responses"
    assert asked["input"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]
    assert asked["store"] is False
    assert asked.keys() - {"stream"} == {"model", "input", "max_output_tokens", "store"}


def test_a_tool_loop_keeps_ids_and_signed_thinking(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Any
) -> None:
    calls = [
        ToolCall(id="call_a", name="weather", arguments={"city": "Rome"}),
        ToolCall(id="call_b", name="photo", arguments={"city": "Rome"}),
    ]
    server.say("Wait.", thinking=["I ", "ponder."], signature="sealed", tool_calls=calls)
    server.say("Sunny.")
    config = ChatConfig(
        user_message="Rome?",
        tools=ToolRegistry([weather, photo]),
        auto_execute_tools=True,
        native_thinking=True,
        reasoning_effort="low",
    )
    assert ask(kit, config).content == "Sunny."
    first, second = (request.json for request in server.requests)
    assert first["reasoning"] == {"effort": "low", "summary": "auto"}
    assert first["include"] == ["reasoning.encrypted_content"]
    question, thought, words, *others = second["input"]
    assert question == {"role": "user", "content": "Rome?"}
    assert thought["encrypted_content"] == "sealed"
    assert thought["summary"][0]["text"] == "I ponder."
    assert words == {"role": "assistant", "content": "Wait."}
    assert [(item["type"], item["call_id"]) for item in others] == [
        ("function_call", "call_a"),
        ("function_call", "call_b"),
        ("function_call_output", "call_a"),
        ("function_call_output", "call_b"),
    ]
    assert others[2]["output"] == "sunny in Rome"
    assert others[3]["output"][0]["type"] == "input_image"


def test_a_whole_reply_and_a_stream_leave_the_same_history(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    note = {"type": "url_citation", "url": "https://e.org", "title": "t", "start_index": 0,
            "end_index": 5}  # fmt: skip
    reply = Reply(text=["Hel", "lo"], thinking="Hm.", signature="sealed", citations=[note])
    server.add(reply, reply)
    config = ChatConfig(user_message="hi", native_thinking=True)
    whole = kit.chat(config)
    streamed = list(kit.stream(config))[-1].response
    assert streamed is not None
    without_ids = [
        [part.model_dump(exclude={"id"}) for part in response.parts]
        for response in (whole, streamed)
    ]
    assert without_ids[0] == without_ids[1]
    assert (whole.thinking, streamed.thinking) == ("Hm.", "Hm.")
    turns = (Message.user("hi"), streamed.message)
    kit.chat(ChatConfig(user_message="more", history=turns))
    assert "sealed" in server.last.body.decode()


@pytest.mark.parametrize(
    ("reply", "finish", "raw"),
    [
        (Reply(text="x", finish=FinishReason.LENGTH), FinishReason.LENGTH, "max_output_tokens"),
        (
            Reply(text="x", finish=FinishReason.CONTENT_FILTER),
            FinishReason.CONTENT_FILTER,
            "content_filter",
        ),
        (Reply(refusal="I will not."), FinishReason.REFUSAL, "completed"),
    ],
)
def test_every_end_is_told(
    server: OpenAIServer,
    kit: OpenAIDeveloperKit,
    ask: Any,
    reply: Reply,
    finish: FinishReason,
    raw: str,
) -> None:
    server.add(reply)
    response = ask(kit, ChatConfig(user_message="hi"))
    assert (response.finish_reason, response.raw_finish_reason) == (finish, raw)
    assert response.refusal == reply.refusal


def test_files_logprobs_and_a_structured_reply_travel(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Any
) -> None:
    tokens = [TokenLogprob(token='{"name": "Rome"}', logprob=-0.25)]
    server.say('{"name": "Rome"}', logprobs=tokens)
    files = (
        RactoFile(PNG, "image/png", "a.png"),
        RactoFile(b"%PDF-1.4", "application/pdf", "a.pdf"),
        RactoFile(b"plain", "text/plain", "a.txt"),
    )
    config = ChatConfig(user_message="?", attachments=files, response_model=City, logprobs=1)
    response = ask(kit, config)
    assert response.parsed == {"name": "Rome"}
    assert [token.logprob for token in response.logprobs] == [-0.25]
    kinds = [block["type"] for block in server.last.json["input"][0]["content"]]
    assert kinds == ["input_image", "input_file", "input_text", "input_text"]


def test_a_conversation_can_lie_with_the_server(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    first = kit.chat(ChatConfig(user_message="hi", extra={"store": True}))
    extra = {"store": True, "previous_response_id": first.response_id}
    assert kit.chat(ChatConfig(user_message="more", extra=extra)).content == "ok"
    assert server.last.json["input"] == [{"role": "user", "content": "more"}]


def test_a_stream_that_fails_keeps_its_words_and_its_usage(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.say(["Hel", "lo"], conduct=Conduct(cut_after=6))
    with pytest.raises(StreamTruncatedError) as cut:
        list(kit.stream(ChatConfig(user_message="hi")))
    partial = cut.value.partial
    assert "Hello".startswith(partial.content)
    assert partial.usage.state is UsageState.UNKNOWN
    server.say("Hel", failure_after=Failure(kind="rate_limited"))
    with pytest.raises(Exception, match="Rate limit") as failed:
        list(kit.stream(ChatConfig(user_message="hi")))
    assert failed.value.partial.content == "Hel"  # type: ignore[attr-defined]


def test_model_names_are_the_servers(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    server.say("ok", model="m-2026-11-22")
    assert kit.chat(ChatConfig(user_message="hi", model="m")).model == "m-2026-11-22"
