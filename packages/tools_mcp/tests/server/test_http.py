"""The ASGI app: hostile requests, mounting, session limits, several loops."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.sse import sse_client
from starlette.applications import Starlette
from starlette.routing import Mount

from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer, ServerLimits
from racto.tools.mcp.server.listening import Listening

ACCEPT = {"Accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    },
}


def serving(**limits: Any) -> RactoMCPServer:
    server = RactoMCPServer("http", limits=ServerLimits(**limits))
    server.add_tool(lambda a: a, name="same")
    return server


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:80.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({}, 200),
    ],
)
async def test_rebound_names_and_foreign_pages_get_nothing(
    headers: dict[str, str], status: int
) -> None:
    async with serving().listening() as address, httpx2.AsyncClient() as web:
        answer = await web.post(f"{address}/mcp", json=HELLO, headers={**ACCEPT, **headers})
        assert answer.status_code == status
        if status != 200:
            assert (await web.get(f"{address}/sse", headers=headers)).status_code == status
            posted = await web.post(f"{address}/messages/", json=PING, headers=headers)
            assert posted.status_code == status


async def test_large_bodies_are_refused() -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 100

    server = serving(max_request_bytes=1000)
    async with server.listening() as address, httpx2.AsyncClient() as web:
        for path in ("mcp", "messages/?session_id=" + "0" * 32):
            for content in (b"x" * 1001, pieces()):
                answer = await web.post(
                    f"{address}/{path}",
                    content=content,
                    headers={**ACCEPT, "Content-Type": "application/json"},
                )
                assert answer.status_code == 413, path


async def test_sessions_are_limited() -> None:
    async with serving(max_sessions=1).listening() as address, httpx2.AsyncClient() as web:
        assert (await web.post(f"{address}/mcp", json=HELLO, headers=ACCEPT)).status_code == 200
        assert (await web.post(f"{address}/mcp", json=HELLO, headers=ACCEPT)).status_code == 503
        async with Client(sse_client(f"{address}/sse"), mode="legacy") as client:
            assert (await web.get(f"{address}/sse")).status_code == 503
            await client.list_tools()
        assert (await web.post(f"{address}/sse")).status_code == 405


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_it_works_mounted_in_an_app_that_knows_nothing_of_it(mode: str) -> None:
    inner = serving().get_asgi_app()
    outer = Starlette(routes=[Mount("/tools", app=inner)])
    end = inner.state.end_sessions
    async with Listening(outer, host="127.0.0.1", port=0, before_stop=end) as address:
        for target in (f"{address}/tools/mcp", sse_client(f"{address}/tools/sse")):
            async with Client(target, mode=mode) as client:
                result = await client.call_tool("same", {"a": "x"})
                assert result.content[0].text == "x"


def test_one_app_serves_one_loop_after_the_other() -> None:
    app = serving().get_asgi_app()

    async def once() -> None:
        end = app.state.end_sessions
        async with (
            Listening(app, host="127.0.0.1", port=0, before_stop=end) as address,
            Client(f"{address}/mcp", mode="legacy") as client,
        ):
            assert not (await client.call_tool("same", {"a": 1})).is_error

    asyncio.run(once())
    asyncio.run(once())


def test_an_app_for_strangers_needs_tokens() -> None:
    with pytest.raises(ConfigurationError, match=r"tools\.example"):
        serving().get_asgi_app(allowed_hosts=["tools.example"])
    serving().get_asgi_app(allowed_hosts=["tools.example"], allow_unauthenticated=True)
