"""Streams through a server: one final chunk, nothing lost, cuts and errors told with what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, closing
from typing import Any, cast

import httpx2
import pytest

from racto.core import (
    ChatConfig,
    FinishReason,
    OverloadedError,
    RetryPolicy,
    StreamChunk,
    StreamTruncatedError,
    ToolRegistry,
    Usage,
    UsageState,
)
from racto.providers.google import GoogleDeveloperKit
from racto.testing import Conduct, Failure, GeminiServer, ToolCall

Make = Callable[..., GoogleDeveloperKit]
HI = ChatConfig(user_message="hi", native_thinking=True)


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def gathered(kit: GoogleDeveloperKit, voice: str, config: ChatConfig = HI) -> Any:
    if voice == "sync":
        return list(kit.stream(config))
    return [chunk async for chunk in kit.astream(config)]


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


async def test_a_stream_hands_out_every_piece_once(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    usage = Usage(input_tokens=5, cache_read_tokens=3, output_tokens=9, reasoning_tokens=4)
    server.say(["The ", "sea."], thinking=["Hm, ", "well."], signature="sig", usage=usage)
    *chunks, last = await gathered(kit, voice)
    assert [chunk.delta.thinking for chunk in chunks if chunk.is_thinking] == ["Hm, ", "well."]
    assert [chunk.delta.text for chunk in chunks if chunk.delta.text] == ["The ", "sea."]
    assert [chunk.is_final for chunk in (*chunks, last)] == [False] * len(chunks) + [True]
    assert (last.accumulated_text, last.accumulated_thinking) == ("The sea.", "Hm, well.")
    assert last.finish_reason is FinishReason.STOP
    got = last.usage
    assert (got.input_tokens, got.cache_read_tokens) == (5, 3)
    assert (got.output_tokens, got.reasoning_tokens) == (9, 4)
    await kit.aclose()


async def test_parallel_calls_are_assembled_once_and_run(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    calls = [
        ToolCall(name="add", arguments={"a": 1, "b": 2}, id=""),
        ToolCall(name="add", arguments={"a": 1, "b": 2}, id=""),
        ToolCall(name="add", arguments={"a": "x"}),
    ]
    server.say(tool_calls=calls, signature="proof")
    server.say("3 and 3")
    config = ChatConfig(user_message="?", tools=ToolRegistry([add]), auto_execute_tools=True)
    *chunks, last = await gathered(kit, voice, config)
    opened = [chunk.delta.tool_call_id for chunk in chunks if chunk.delta.tool_call_name]
    assert len(opened) == len(set(opened)) == 3
    assert last.accumulated_text == "3 and 3"
    answers = [part["functionResponse"] for part in server.last.json["contents"][-1]["parts"]]
    assert [answer["id"] for answer in answers] == opened
    assert [answer["response"] for answer in answers[:2]] == [{"output": "3"}] * 2
    # The model is told what was wrong, and may mend it.
    assert "b" in answers[2]["response"]["error"]
    await kit.aclose()


async def test_arguments_in_fragments_are_one_call(
    server: GeminiServer, make_kit: Make, voice: str
) -> None:
    kit = make_kit(vertexai=True, project="p", api_key=server.key)
    arguments = {"a": 1, "b": 2, "notes": [{"text": "héllo"}, None, True]}
    server.say(tool_calls=[ToolCall(name="add", arguments=arguments)])
    fragments = {"functionCallingConfig": {"streamFunctionCallArguments": True}}
    config = ChatConfig(
        user_message="?", tools=ToolRegistry([add]), extra={"toolConfig": fragments}
    )
    last: StreamChunk = (await gathered(kit, voice, config))[-1]
    assert [call.arguments for call in last.tool_calls] == [arguments]
    await kit.aclose()


@pytest.mark.parametrize("reset", [False, True])
async def test_a_cut_stream_is_an_error_that_keeps_what_came(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str, reset: bool
) -> None:
    server.say(["The ", "sea ", "is"], conduct=Conduct(cut_after=2, reset=reset))
    with pytest.raises(StreamTruncatedError) as caught:
        await gathered(kit, voice)
    partial = caught.value.partial
    assert partial.content == "The sea "
    assert partial.usage.state is UsageState.PARTIAL
    assert partial.usage.prompt_tokens == 10
    assert len(server.requests) == 1
    await kit.aclose()


async def test_a_stream_that_ends_without_a_reason_is_an_error(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    content = {"role": "model", "parts": [{"text": "The "}]}
    server.say(events=[{"candidates": [{"content": content}]}])
    with pytest.raises(StreamTruncatedError, match="finish reason") as caught:
        await gathered(kit, voice)
    assert caught.value.partial.content == "The "
    await kit.aclose()


async def test_an_error_in_mid_stream_is_told_by_its_body(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: str
) -> None:
    server.say(["The ", "sea"], failure_after=Failure(kind="overloaded"))
    with pytest.raises(OverloadedError) as caught:
        await gathered(kit, voice)
    assert not caught.value.retryable
    assert caught.value.partial.content == "The sea"
    assert caught.value.partial.usage.prompt_tokens == 10
    assert len(server.requests) == 1
    await kit.aclose()


def test_an_error_before_the_first_piece_is_retried(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say(failure_after=Failure(kind="overloaded"))
    server.say("at last")
    assert list(kit.stream(HI))[-1].accumulated_text == "at last"


def test_bare_json_at_the_end_of_a_stream_is_its_error(make_kit: Make) -> None:
    def answer(request: Any) -> Any:
        first = b'data: {"candidates": [{"content": {"parts": [{"text": "The "}]}}]}\r\n\r\n'
        error = b'{\n  "error": {\n    "code": 503,\n    "message": "busy"\n  }\n}\n'
        headers = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=headers, content=first + error)

    kit = make_kit(retry=RetryPolicy(attempts=1))
    dialer = kit._transport._dialer  # type: ignore[attr-defined]
    dialer.client = lambda: httpx2.Client(transport=httpx2.MockTransport(answer))
    with pytest.raises(OverloadedError, match="busy") as caught:
        list(kit.stream(HI))
    assert caught.value.partial.content == "The "


async def test_leaving_a_stream_hangs_up(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    words = ["word "] * 500
    server.say(words, conduct=Conduct(pause=0.01))
    with closing(cast("Generator[StreamChunk]", kit.stream(HI))) as chunks:
        next(chunks)
    assert server.wait_until(lambda: server.open_connections == 0)
    server.say(words, conduct=Conduct(pause=0.01))
    async with aclosing(cast("AsyncGenerator[StreamChunk]", kit.astream(HI))) as stream:
        await anext(stream)
    assert await server.await_until(lambda: server.open_connections == 0)
    assert kit.chat(HI).content == "ok"
    await kit.aclose()


async def test_cancelling_a_stream_closes_its_connection(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say(["word "] * 500, conduct=Conduct(pause=0.01))
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in kit.astream(HI):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await server.await_until(lambda: server.open_connections == 0)
    assert (await kit.achat(HI)).content == "ok"
    await kit.aclose()
