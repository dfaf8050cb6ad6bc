"""Ports: free ones, taken ones, and ends that leave nothing open."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from mcp import Client
from mcp.client.sse import sse_client

from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer


async def test_a_taken_port_is_told() -> None:
    server = RactoMCPServer("ports")
    async with server.listening() as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match="cannot listen on"):
            async with server.listening(port=port):
                pytest.fail("two servers on one port")


async def test_the_end_of_the_block_ends_open_sessions() -> None:
    server = RactoMCPServer("ports")
    begun = asyncio.Event()

    @server.tool
    async def forever() -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    listening = server.listening()
    address = await listening.__aenter__()
    async with Client(sse_client(f"{address}/sse"), mode="legacy") as client:
        call = asyncio.create_task(client.call_tool("forever"))
        await begun.wait()
        await listening.__aexit__(None, None, None)
        with pytest.raises(Exception, match=r"(?i)closed"):
            await call
    async with httpx2.AsyncClient() as web:
        with pytest.raises(httpx2.ConnectError):
            await web.get(address)


async def test_arun_can_be_cancelled(capsys) -> None:
    server = RactoMCPServer("ports")
    task = asyncio.create_task(server.arun("streamable-http", port=0))
    printed = ""
    for _ in range(1000):
        await asyncio.sleep(0.01)
        if printed := capsys.readouterr().err:
            break
    assert printed.startswith("ports listens on http://127.0.0.1:")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_unknown_transport_is_told() -> None:
    with pytest.raises(ConfigurationError, match="streamable-http"):
        await RactoMCPServer("ports").arun("carrier-pigeon")  # type: ignore[arg-type]


async def test_strangers_are_not_served_by_accident() -> None:
    with pytest.raises(ConfigurationError, match=r"0\.0\.0\.0"):
        await RactoMCPServer("ports").arun("sse", host="0.0.0.0", port=0)
