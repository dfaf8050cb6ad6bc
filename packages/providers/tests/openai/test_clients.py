"""Both libraries that carry async calls: few connections, every break told, nothing left open."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from racto.core import (
    APIConnectionError,
    ChatConfig,
    RactoGatewayTimeoutError,
    RetryPolicy,
    StreamTruncatedError,
)
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, OpenAIServer, Reply

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., OpenAIDeveloperKit]


@pytest.fixture(params=["httpx2", "aiohttp"])
def make(request: pytest.FixtureRequest, make_kit: Make) -> Make:
    """Makes kits whose async calls are carried by either library."""
    return lambda **options: make_kit(http=request.param, **options)


async def test_calls_of_any_number_share_64_connections(server: OpenAIServer, make: Make) -> None:
    async with make(api="responses") as kit:
        replies = await asyncio.gather(*(kit.achat(HI) for _ in range(150)))
        assert [reply.content for reply in replies] == ["ok"] * 150
        assert server.connections <= 64
        assert kit.chat(HI).content == "ok"
    assert await server.await_until(lambda: server.open_connections == 0)


async def test_a_read_stream_gives_its_connection_back(server: OpenAIServer, make: Make) -> None:
    async with make() as kit:
        for _ in range(5):
            assert [chunk async for chunk in kit.astream(HI)][-1].is_final
        assert server.connections == 1


async def test_a_server_that_is_not_there_is_a_connection_error(make: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for root in (f"http://127.0.0.1:{port}/v1", "http://no-such-host.invalid/v1"):
        async with make(base_url=root, retry=ONCE) as kit:
            with pytest.raises(
                APIConnectionError, match=r"the connection( to http:.*)? failed"
            ) as caught:
                await kit.achat(HI)
            assert caught.value.retryable


@pytest.mark.parametrize(
    "conduct",
    [Conduct(reset=True), Conduct(garbage=b"\x00 no HTTP\r\n\r\n"), Conduct(cut_after=20)],
    ids=["reset", "garbage", "cut"],
)
async def test_a_connection_that_breaks_is_a_connection_error(
    server: OpenAIServer, make: Make, conduct: Conduct
) -> None:
    server.default = Reply(text="lost", conduct=conduct)
    async with make(retry=ONCE) as kit:
        with pytest.raises(APIConnectionError, match=r"the connection( to http:.*)? failed"):
            await kit.achat(HI)


async def test_a_stream_that_is_cut_is_a_truncation(server: OpenAIServer, make: Make) -> None:
    server.say(["Hel", "lo"], conduct=Conduct(cut_after=2))
    async with make() as kit:
        with pytest.raises(StreamTruncatedError) as caught:
            async for _ in kit.astream(HI):
                pass
    assert caught.value.partial.content == "Hel"


async def test_silence_is_a_timeout(server: OpenAIServer, make: Make) -> None:
    server.default = Reply(text="late", conduct=Conduct(delay=30.0))
    async with make(timeout=0.3) as kit:
        with pytest.raises(RactoGatewayTimeoutError):
            await kit.achat(HI)


async def test_a_cancelled_call_leaves_no_connection(server: OpenAIServer, make: Make) -> None:
    server.say("late", conduct=Conduct(delay=30.0))
    async with make() as kit:
        task = asyncio.create_task(kit.achat(HI))
        assert await server.await_until(lambda: len(server.requests) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await server.await_until(lambda: server.open_connections == 0)
        assert (await kit.achat(HI)).content == "ok"


async def test_a_stream_that_is_left_hangs_up(server: OpenAIServer, make: Make) -> None:
    server.say(["piece"] * 200, conduct=Conduct(pause=0.02))
    async with make() as kit:
        stream = kit.astream(HI)
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        assert await server.await_until(lambda: server.open_connections == 0)


def test_each_loop_has_a_client_of_its_own(server: OpenAIServer, make: Make) -> None:
    kit = make()
    for _ in range(3):
        assert asyncio.run(kit.achat(HI)).content == "ok"
    assert server.connections == 3
    assert server.wait_until(lambda: server.open_connections == 0)
