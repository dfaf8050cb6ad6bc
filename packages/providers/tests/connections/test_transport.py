"""The transport alone: replies with their ids, deadlines, silences, and ends that hang up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.core import (
    Deadline,
    DeadlineExceededError,
    InvalidResponseError,
    RactoGatewayTimeoutError,
)
from racto.providers.connections import HTTPTransport, transport as room
from racto.providers.kits import WireRequest
from racto.providers.openai.clients import OpenAIDialer
from racto.providers.openai.connection import connect
from racto.testing import Conduct, OpenAIServer, Reply

BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
ASKED = WireRequest(path="/chat/completions", body=BODY)
STREAMED = WireRequest(path="/chat/completions", body={**BODY, "stream": True})


@pytest.fixture
def make(server: OpenAIServer) -> Iterator[Callable[..., HTTPTransport]]:
    """Makes transports to the server, and closes them."""
    made: list[HTTPTransport] = []

    def make(**options: Any) -> HTTPTransport:
        made.append(connect("openai", api_key=server.key, base_url=server.url, **options).transport)
        return made[-1]

    yield make
    for transport in made:
        transport.close()


async def test_a_reply_keeps_its_id_and_headers(
    server: OpenAIServer, make: Callable[..., HTTPTransport]
) -> None:
    transport = make()
    server.say("ok", headers={"openai-processing-ms": "7"})
    reply = transport.send(ASKED, Deadline())
    assert str(reply.request_id).startswith("req_")
    assert reply.headers["openai-processing-ms"] == "7"
    assert (await transport.asend(ASKED, Deadline())).request_id != reply.request_id
    await transport.aclose()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_deadline_that_has_passed_is_not_waited_for(
    server: OpenAIServer, make: Callable[..., HTTPTransport], voice: str
) -> None:
    transport, late = make(), Deadline.after(0.0)
    with pytest.raises((DeadlineExceededError, RactoGatewayTimeoutError)):
        transport.send(ASKED, late) if voice == "sync" else asyncio.run(
            transport.asend(ASKED, late)
        )
    assert server.requests == []


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_loading_an_sdk_does_not_count(
    server: OpenAIServer,
    make: Callable[..., HTTPTransport],
    monkeypatch: pytest.MonkeyPatch,
    voice: str,
) -> None:
    monkeypatch.setattr(OpenAIDialer, "load", lambda _: time.sleep(1.0))
    transport, soon = make(), Deadline.after(0.9)
    reply = (
        transport.send(ASKED, soon)
        if voice == "sync"
        else asyncio.run(transport.asend(ASKED, soon))
    )
    assert b"ok" in reply.body


@pytest.mark.parametrize("http", ["httpx2", "aiohttp"])
async def test_a_silence_longer_than_allowed_is_a_timeout(
    server: OpenAIServer, make: Callable[..., HTTPTransport], http: str
) -> None:
    transport = make(read_timeout=0.2, http=http)
    server.default = Reply(text=["a", "b"], conduct=Conduct(pause=5.0))
    if http == "httpx2":
        with pytest.raises(RactoGatewayTimeoutError, match="in time"):
            transport.send(ASKED, Deadline())
    with pytest.raises(RactoGatewayTimeoutError, match="in time"):
        await transport.asend(ASKED, Deadline())
    events = await transport.aopen(STREAMED, Deadline())
    with pytest.raises(RactoGatewayTimeoutError, match="in time"):
        async for _ in events:
            pass
    await events.aclose()
    await transport.aclose()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_reply_without_end_is_left(
    server: OpenAIServer,
    make: Callable[..., HTTPTransport],
    monkeypatch: pytest.MonkeyPatch,
    voice: str,
) -> None:
    monkeypatch.setattr(room, "LARGEST_REPLY", 1000)
    server.default = Reply(text="x" * 2000)
    transport = make()
    with pytest.raises(InvalidResponseError, match="longer than 1000 bytes"):
        transport.send(ASKED, Deadline()) if voice == "sync" else asyncio.run(
            transport.asend(ASKED, Deadline())
        )


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_read_stream_gives_its_connection_back(
    server: OpenAIServer, make: Callable[..., HTTPTransport], voice: str
) -> None:
    transport = make()

    def read() -> None:
        events = transport.open(STREAMED, Deadline())
        while next(events) != "[DONE]":
            pass
        events.close(drain=True)

    async def aread() -> None:
        for _ in range(5):
            events = await transport.aopen(STREAMED, Deadline())
            while await anext(events) != "[DONE]":
                pass
            await events.aclose(drain=True)

    if voice == "async":
        asyncio.run(aread())
    else:
        for _ in range(5):
            read()
    assert server.connections == 1


def test_reading_a_stream_starts_no_thread(
    server: OpenAIServer, make: Callable[..., HTTPTransport], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = make()
    transport.send(ASKED, Deadline())
    monkeypatch.setattr(threading.Thread, "start", None)
    events = transport.open(STREAMED, Deadline())
    while next(events) != "[DONE]":
        pass
    events.close(drain=True)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_server_that_never_ends_its_stream_is_not_waited_for(
    server: OpenAIServer, make: Callable[..., HTTPTransport], voice: str
) -> None:
    """The end of the words is the end, though the server keeps the response open for minutes."""
    transport = make()
    server.say(events=["[DONE]", "never"], conduct=Conduct(pause=60.0))

    async def aread() -> None:
        events = await transport.aopen(STREAMED, Deadline())
        await anext(events)
        await events.aclose(drain=True)

    if voice == "async":
        asyncio.run(aread())
    else:
        events = transport.open(STREAMED, Deadline())
        next(events)
        events.close(drain=True)
    assert server.wait_until(lambda: server.open_connections == 0)
