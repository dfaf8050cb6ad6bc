"""Streams: one final chunk, errors that keep what had arrived, connections that are given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    APIConnectionError,
    BadRequestError,
    ChatConfig,
    DeadlineExceededError,
    FinishReason,
    InvalidResponseError,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    ResponseModelValidationError,
    StreamBuilder,
    StreamChunk,
    StreamDelta,
    StreamTruncatedError,
    ToolRegistry,
    Usage,
    UsageState,
)
from racto.core.telemetry import RecordingMetrics
from racto.providers import FallbackKit
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, Failure, OpenAIServer, Reply, ToolCall

HI = ChatConfig(user_message="hi")


class City(BaseModel):
    name: str


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


def chunk(delta: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


async def _all(chunks: AsyncIterator[Any]) -> list[Any]:
    return [chunk async for chunk in chunks]


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    """Reads a whole stream in either voice."""

    def reading(kit: OpenAIDeveloperKit, config: ChatConfig = HI) -> list[Any]:
        if request.param == "sync":
            return list(kit.stream(config))
        return asyncio.run(_all(kit.astream(config)))

    return reading


def test_text_arrives_and_the_last_chunk_is_final(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.say(["Hel", "lo", " 世界"], usage=Usage(input_tokens=7, output_tokens=3))
    chunks = read(kit)
    assert [chunk.delta.text for chunk in chunks] == ["Hel", "lo", " 世界", ""]
    assert [chunk.is_final for chunk in chunks] == [False, False, False, True]
    assert chunks[1].accumulated_text == "Hello"
    final = chunks[-1]
    assert final.finish_reason is FinishReason.STOP
    assert final.response.content == "Hello 世界"
    assert final.usage.total_tokens == 10
    assert server.last.json["stream_options"] == {"include_usage": True}


def test_tool_calls_are_assembled_once(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.say(
        tool_calls=[
            ToolCall(id="call_0", name="weather", arguments='{"city": "Rome"}'),
            ToolCall(id="call_1", name="weather", arguments='{"city": "Oslo"}'),
        ]
    )
    chunks = read(kit, ChatConfig(user_message="?", tools=ToolRegistry([weather])))
    calls = chunks[-1].tool_calls
    assert [(call.id, call.arguments) for call in calls] == [
        ("call_0", {"city": "Rome"}),
        ("call_1", {"city": "Oslo"}),
    ]
    assert chunks[-1].finish_reason is FinishReason.TOOL_CALL
    assert all(not chunk.tool_calls for chunk in chunks[:-1])
    pieces = "".join(chunk.delta.tool_call_args_fragment or "" for chunk in chunks)
    assert len(pieces) == len('{"city": "Rome"}{"city": "Oslo"}')


def test_tools_run_between_the_rounds_of_one_stream(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    call = ToolCall(id="c1", name="weather", arguments={"city": "Rome"})
    server.say("Wait. ", tool_calls=[call], usage=Usage(input_tokens=5, output_tokens=5))
    server.say("Sunny.", usage=Usage(input_tokens=9, output_tokens=1))
    config = ChatConfig(user_message="?", tools=ToolRegistry([weather]), auto_execute_tools=True)
    chunks = read(kit, config)
    assert "".join(chunk.delta.text for chunk in chunks) == "Wait. Sunny."
    assert [chunk.is_final for chunk in chunks].count(True) == 1
    assert chunks[-1].response.content == "Sunny."
    assert chunks[-1].usage.total_tokens == 20
    assert server.last.json["messages"][-1] == {
        "role": "tool",
        "tool_call_id": "c1",
        "content": "sunny in Rome",
    }


@pytest.mark.parametrize("done", [[], ["[DONE]"], None], ids=["ends", "says it is done", "cut"])
def test_a_cut_stream_is_an_error_with_what_had_arrived(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any], done: Any
) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "weather", "arguments": '{"ci'}}
    events = [chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk({"tool_calls": [call]})]
    how = Conduct(cut_after=3) if done is None else Conduct()
    server.say(events=[*events, *(done or ["[DONE]"] if done is None else done)], conduct=how)
    with pytest.raises(StreamTruncatedError) as caught:
        read(kit)
    partial = caught.value.partial
    assert partial.content == "Hello"
    assert partial.tool_calls[0].is_malformed
    assert partial.usage.state is not UsageState.MEASURED
    assert not caught.value.retryable
    assert len(server.requests) == 1


def test_a_stream_that_breaks_before_its_first_chunk_is_opened_again(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.say("lost", conduct=Conduct(cut_after=1))
    server.say(events=[chunk({"role": "assistant"})])
    server.say("fine")
    chunks = read(kit)
    assert chunks[-1].response.content == "fine"
    assert chunks[-1].response.attempts == 3


def test_an_error_in_the_first_event_is_retried(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    busy = {"error": {"message": "busy", "type": "overloaded_error"}}
    server.say(events=[busy])
    server.say("fine")
    assert read(kit)[-1].response.content == "fine"


def test_an_error_in_mid_stream_is_mapped_and_keeps_the_partial_reply(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.say("Hel", failure_after=Failure(kind="overloaded", message="busy, overloaded"))
    with pytest.raises(OverloadedError, match="busy") as caught:
        read(kit)
    assert not caught.value.retryable
    assert caught.value.partial.content == "Hel"
    assert len(server.requests) == 1


def test_a_key_refused_in_mid_stream_keeps_the_partial_reply(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    refused = {"error": {"message": "expired", "code": 401}}
    server.say(events=[chunk({"content": "Hel"}), refused])
    with pytest.raises(RactoGatewayAuthError) as caught:
        read(kit)
    assert caught.value.partial.content == "Hel"
    assert not caught.value.retryable


def test_garbage_in_mid_stream_is_an_error(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    for event in ("{not json", "[1]", '{"choices": [7]}', '{"choices": 7}'):
        server.say(events=[chunk({"content": "a"}), event])
        with pytest.raises(InvalidResponseError):
            read(kit)


def test_a_page_instead_of_a_stream_is_an_error(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.fail(status=200, body=b"<html>hello", headers={"content-type": "text/html"})
    with pytest.raises(InvalidResponseError, match=r"text/html.*<html>"):
        read(kit)
    server.fail("quota_exhausted", status=200)
    with pytest.raises(QuotaExhaustedError):
        read(kit)


def test_a_structured_stream_is_parsed_or_fails_at_its_end(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    config = ChatConfig(user_message="?", response_model=City)
    server.say(['{"name"', ': "Rome"}'])
    server.say("{}")
    assert read(kit, config)[-1].parsed == {"name": "Rome"}
    with pytest.raises(ResponseModelValidationError):
        read(kit, config)
    assert len(server.requests) == 2


def test_leaving_a_stream_hangs_up(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    server.say(["piece"] * 200, conduct=Conduct(pause=0.02))
    for _ in kit.stream(HI):
        break
    assert server.wait_until(lambda: server.open_connections == 0)
    assert kit.chat(HI).content == "ok"


async def test_cancelling_a_stream_hangs_up(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    server.say(["piece"] * 200, conduct=Conduct(pause=0.02))
    begun = asyncio.Event()

    async def reader() -> None:
        async for _ in kit.astream(HI):
            begun.set()

    task = asyncio.create_task(reader())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await server.await_until(lambda: server.open_connections == 0)
    await kit.aclose()


async def test_read_streams_share_one_connection(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.default = Reply(text=["a", "b"])
    for _ in range(10):
        assert len(list(kit.stream(HI))) == 3
    assert server.connections == 1
    for _ in range(10):
        assert len(await _all(kit.astream(HI))) == 3
    assert server.connections == 2
    await kit.aclose()


def test_a_server_that_is_not_there_is_a_connection_error(
    make_kit: Callable[..., OpenAIDeveloperKit], read: Callable[..., Any]
) -> None:
    with pytest.raises(APIConnectionError):
        read(make_kit(base_url="http://127.0.0.1:9/v1"))


def test_signs_of_life_are_no_first_chunk(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    """Events without words may come for ever; the timeout holds until the words begin."""
    pings = Reply(events=[chunk({"role": "assistant"})] * 2000, conduct=Conduct(pause=0.02))
    server.add(pings)
    with pytest.raises(RactoGatewayTimeoutError):
        read(kit, ChatConfig(user_message="hi", timeout=0.6))
    server.add(pings, Reply(text="fine"))
    both: Any = FallbackKit([kit, kit], timeout=2.0, retries=0)
    assert read(both)[-1].response.content == "fine"


def test_once_begun_a_stream_may_take_longer_than_the_timeout(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    server.say(["word "] * 30, conduct=Conduct(pause=0.05))
    chunks = read(kit, ChatConfig(user_message="hi", timeout=1.0))
    assert chunks[-1].response.content == "word " * 30


def test_what_a_stream_had_cost_is_told_when_a_later_round_breaks(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit], read: Callable[..., Any]
) -> None:
    metrics = RecordingMetrics()
    server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    server.fail("bad_request")
    config = ChatConfig(user_message="?", tools=ToolRegistry([weather]), auto_execute_tools=True)
    with pytest.raises(BadRequestError) as caught:
        read(make_kit(metrics=metrics), config)
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens == 15
    assert caught.value.partial.tool_calls[0].name == "weather"
    assert sum(metrics.values("gen_ai.client.token.usage")) == 15


def test_leaving_a_stream_tells_what_its_rounds_had_cost(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit]
) -> None:
    metrics = RecordingMetrics()
    server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    server.say(["Sunny", "."])
    config = ChatConfig(user_message="?", tools=ToolRegistry([weather]), auto_execute_tools=True)
    stream: Any = make_kit(metrics=metrics).stream(config)
    for piece in stream:
        if piece.delta.text:
            break
    stream.close()
    assert sum(metrics.values("gen_ai.client.token.usage")) == 15


def test_a_stream_left_at_its_final_chunk_is_counted_once(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit]
) -> None:
    metrics = RecordingMetrics()
    stream: Any = make_kit(metrics=metrics).stream(HI)
    while not next(stream).is_final:
        pass
    stream.close()
    assert sum(metrics.values("gen_ai.client.token.usage")) == 15


def test_a_round_after_the_deadline_keeps_the_reply_before_it(
    server: OpenAIServer, kit: OpenAIDeveloperKit, read: Callable[..., Any]
) -> None:
    call = ToolCall(name="weather", arguments={"city": "Rome"})
    server.say(["Let ", "me ", "see."] * 10, tool_calls=[call], conduct=Conduct(pause=0.05))
    config = ChatConfig(
        user_message="?", tools=ToolRegistry([weather]), auto_execute_tools=True, timeout=1.0
    )
    with pytest.raises(DeadlineExceededError) as caught:
        read(kit, config)
    assert caught.value.partial.content == "Let me see." * 10
    assert caught.value.partial.tool_calls[0].name == "weather"
    assert caught.value.usage is not None


class Tripping:
    """An assembler that trips over the second event, and over its own pieces after that."""

    is_done = False

    def __init__(self, how: str) -> None:
        self._builder = StreamBuilder(provider="p")
        self._how = how

    def push(self, event: str) -> list[StreamChunk]:
        if event == "bad":
            raise AttributeError("'int' object has no attribute 'get'")
        return [self._builder.add(StreamDelta(text=event))]

    def final(self) -> StreamChunk:
        return self._builder.final()

    def cut(self, why: str) -> StreamTruncatedError:
        if self._how == "cut too":
            raise TypeError("a piece is no text")
        return self._builder.truncated(why)


@pytest.mark.parametrize("how", ["push alone", "cut too"])
def test_whatever_an_assembler_trips_over_keeps_what_was_shown(
    server: OpenAIServer,
    kit: OpenAIDeveloperKit,
    read: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    monkeypatch.setattr(type(kit._wire), "assembler", lambda *_: Tripping(how))
    for events, shown in ((["Hel", "bad"], "Hel"), (["bad"], None)):
        server.say(events=[*events, "[DONE]"])
        with pytest.raises(InvalidResponseError, match="AttributeError") as caught:
            read(kit)
        assert isinstance(caught.value.__cause__, AttributeError)
        partial = caught.value.partial
        assert (partial and partial.content) == shown
