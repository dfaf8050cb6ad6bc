"""One kit under load: threads, loops, cancellation, many calls on few connections."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    RactoFile,
    RactoGatewayTimeoutError,
    StreamTruncatedError,
    UnsupportedFeatureError,
    Usage,
)
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, Incoming, OpenAIServer, Reply

HI = ChatConfig(user_message="hi")


def _echo(request: Incoming) -> Reply:
    return Reply(text=request.json["messages"][-1]["content"])


async def test_sync_then_async_on_one_kit(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    assert kit.chat(HI).content == "ok"
    assert (await kit.achat(HI)).content == "ok"
    assert (await asyncio.to_thread(kit.chat, HI)).content == "ok"
    await kit.aclose()


def test_65_calls_are_one_connection(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    for _ in range(65):
        kit.chat(HI)
    assert server.connections == 1

    async def many() -> None:
        for _ in range(65):
            await kit.achat(HI)

    asyncio.run(many())
    assert server.connections == 2


def test_several_loops_one_after_the_other_leave_nothing_open(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    for _ in range(4):
        assert asyncio.run(kit.achat(HI)).content == "ok"
    gc.collect()
    assert server.connections == 4
    assert server.wait_until(lambda: server.open_connections == 0)


def test_several_loops_at_once(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    answers: list[Any] = []

    async def ask() -> None:
        answers.extend(await asyncio.gather(*(kit.achat(HI) for _ in range(5))))

    threads = [threading.Thread(target=lambda: asyncio.run(ask())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.content for answer in answers] == ["ok"] * 15


def test_many_threads(server: OpenAIServer, kit: OpenAIDeveloperKit) -> None:
    server.when(_echo)
    answers: dict[int, Any] = {}

    def ask(number: int) -> None:
        answers[number] = kit.chat(ChatConfig(user_message=str(number))).content

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: str(number) for number in range(24)}
    assert server.connections <= 24


async def test_a_wide_fan_of_calls_needs_no_more_connections_than_calls(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    for _ in range(3):
        await asyncio.gather(*(kit.achat(HI) for _ in range(20)))
    assert server.connections <= 20
    await kit.aclose()


async def test_cancelling_a_call_leaves_no_connection(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    server.say("late", conduct=Conduct(delay=3.0))
    task = asyncio.create_task(kit.achat(HI))
    assert await server.await_until(lambda: len(server.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await kit.achat(HI)).content == "ok"
    await kit.aclose()
    assert await server.await_until(lambda: server.open_connections == 0)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_body_that_trickles_in_meets_the_deadline(
    server: OpenAIServer, kit: OpenAIDeveloperKit, voice: str
) -> None:
    server.default = Reply(text="slow", conduct=Conduct(pause=0.05))
    config = ChatConfig(user_message="hi", timeout=0.4)
    with pytest.raises(RactoGatewayTimeoutError):
        kit.chat(config) if voice == "sync" else asyncio.run(kit.achat(config))


async def test_closing_gives_connections_back_and_the_kit_opens_new_ones(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    kit.chat(HI)
    await kit.achat(HI)
    await kit.aclose()
    await kit.aclose()
    assert await server.await_until(lambda: server.open_connections == 0)
    assert kit.chat(HI).content == "ok"
    with kit:
        kit.chat(HI)
    assert await server.await_until(lambda: server.open_connections == 0)
    async with kit:
        await kit.achat(HI)


async def test_spans_are_open_during_the_call_and_tell_of_retries(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit]
) -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    kit = make_kit(tracer=tracer, metrics=metrics)
    server.fail("overloaded")
    server.say("ok", conduct=Conduct(delay=0.05))
    await kit.achat(ChatConfig(user_message="hi", metadata={"team": "a"}))
    (span,) = tracer.spans
    assert span.name == "chat the-model"
    assert span.duration is not None
    assert span.duration >= 0.05
    assert span.attributes["gen_ai.usage.input_tokens"] == 10
    assert span.attributes["racto.metadata.team"] == "a"
    assert [event.name for event in span.events] == ["retry"]
    assert metrics.total("racto.client.retries") == 1
    assert len(metrics.values("gen_ai.client.operation.duration")) == 1
    assert sum(metrics.values("gen_ai.client.token.usage")) == 15
    await kit.aclose()


def test_streams_are_traced_with_their_usage_and_first_chunk(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit]
) -> None:
    tracer, metrics = RecordingTracer(capture_content=True), RecordingMetrics()
    kit = make_kit(tracer=tracer, metrics=metrics)
    server.say("a", usage=Usage(input_tokens=2, output_tokens=1))
    server.say("a", conduct=Conduct(cut_after=2))
    list(kit.stream(HI))
    with pytest.raises(StreamTruncatedError):
        list(kit.stream(HI))
    whole, cut = tracer.spans
    assert whole.attributes["gen_ai.usage.output_tokens"] == 1
    assert "hi" in whole.attributes["gen_ai.input.messages"][0]
    assert whole.error is None
    assert cut.error is not None
    assert len(metrics.values("gen_ai.client.operation.time_to_first_chunk")) == 2
    assert len(metrics.values("gen_ai.client.operation.duration")) == 2


def test_a_request_that_cannot_be_put_together_leaves_no_span_open(
    make_kit: Callable[..., OpenAIDeveloperKit],
) -> None:
    tracer = RecordingTracer()
    kit = make_kit(tracer=tracer)
    file = RactoFile("größe".encode("latin-1"), "text/plain", "a.txt")
    config = ChatConfig(user_message="?", attachments=(file,))
    for attempt in (lambda: kit.chat(config), lambda: list(kit.stream(config))):
        with pytest.raises(UnsupportedFeatureError):
            attempt()
    assert all(span.duration is not None for span in tracer.spans)
