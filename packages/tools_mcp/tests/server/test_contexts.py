"""What a tool learns of its call, and what it sends while it runs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from racto.core import ToolRegistry, portals
from racto.core.signatures import Injected
from racto.tools.mcp.server import RactoMCPServer, ToolContext

pytestmark = pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")


async def test_a_context_tells_who_calls(dial_all) -> None:
    server = RactoMCPServer("contexts")

    @server.tool
    def who(context: ToolContext) -> dict[str, Any]:
        return {
            "client": context.client_name,
            "version": context.protocol_version,
            "user": context.user,
            "id": context.request_id,
            "host": context.headers.get("host", ""),
        }

    info = types.Implementation(name="probe", version="1")
    async with dial_all(server, client_info=info) as client:
        found = (await client.call_tool("who")).structured_content
        assert found["client"] == "probe"
        assert found["version"] == client.protocol_version
        assert found["user"] is None
        assert found["id"]
        assert found["host"].startswith("127.0.0.1:")


async def test_a_registrys_own_tool_may_ask_for_it(dial_modern) -> None:
    registry = ToolRegistry()

    @registry.register
    def version(context: Injected[ToolContext], twice: bool = False) -> str:
        return context.protocol_version * (2 if twice else 1)

    async with dial_modern(RactoMCPServer.from_registry(registry)) as client:
        (tool,) = (await client.list_tools()).tools
        assert list(tool.input_schema["properties"]) == ["twice"]
        result = await client.call_tool("version")
        assert result.content[0].text == client.protocol_version


async def test_progress_comes_from_threads_loops_and_other_loops(dial_all) -> None:
    server = RactoMCPServer("contexts")

    @server.tool
    def threaded(context: ToolContext) -> str:
        for step in range(3):
            context.report_progress(step, 3, f"step {step}")
        return "done"

    @server.tool
    async def awaited(context: ToolContext) -> str:
        await context.areport_progress(0, 3, "step 0")
        context.report_progress(1, 3, "step 1")
        context.report_progress(2, 3, "step 2")
        return "done"

    @server.tool
    def elsewhere(context: ToolContext) -> str:
        for step in range(3):
            portals.wait(lambda s=step: context.areport_progress(s, 3, f"step {s}"))
        return "done"

    async with dial_all(server) as client:
        for name in ("threaded", "awaited", "elsewhere"):
            seen: asyncio.Queue[tuple[float, float | None, str | None]] = asyncio.Queue()

            async def note(
                progress: float, total: float | None, message: str | None, seen: Any = seen
            ) -> None:
                seen.put_nowait((progress, total, message))

            result = await client.call_tool(name, progress_callback=note)
            assert result.content[0].text == "done"
            told = sorted([await seen.get() for _ in range(3)])
            assert told == [(float(step), 3.0, f"step {step}") for step in range(3)]
            # Without a callback there is nobody to tell, which is no error.
            assert not (await client.call_tool(name)).is_error


async def test_logs_go_to_clients_that_take_them(dial_all) -> None:
    server = RactoMCPServer("contexts")

    @server.tool
    def log(context: ToolContext) -> str:
        context.log("debug", "small")
        context.log("warning", {"large": True})
        return "done"

    @server.tool
    async def alog(context: ToolContext) -> str:
        await context.alog("debug", "small")
        await context.alog("warning", {"large": True})
        return "done"

    seen: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def note(params: types.LoggingMessageNotificationParams) -> None:
        seen.put_nowait((params.level, params.data))

    async with dial_all(server, logging_callback=note, log_level="info") as client:
        for name in ("log", "alog"):
            await client.call_tool(name)
            assert await seen.get() == ("warning", {"large": True})
        assert seen.empty()


async def test_an_older_client_sets_the_level(dial_handshake) -> None:
    server = RactoMCPServer("contexts")

    @server.tool
    async def log(context: ToolContext) -> str:
        for level in ("debug", "info", "error"):
            await context.alog(level, level)
        return "done"

    seen: asyncio.Queue[str] = asyncio.Queue()

    async def note(params: types.LoggingMessageNotificationParams) -> None:
        seen.put_nowait(params.level)

    async with dial_handshake(server, logging_callback=note) as client:
        await client.set_logging_level("error")
        await client.call_tool("log")
        await client.set_logging_level("debug")
        await client.call_tool("log")
        told = [await seen.get() for _ in range(4)]
    assert sorted(told) == ["debug", "error", "error", "info"]


async def test_todays_client_that_does_not_ask_gets_no_logs(dial_modern) -> None:
    server = RactoMCPServer("contexts")

    @server.tool
    async def log(context: ToolContext) -> str:
        await context.alog("error", "large")
        return "done"

    seen: list[Any] = []

    async def note(params: types.LoggingMessageNotificationParams) -> None:
        seen.append(params)

    async with dial_modern(server, logging_callback=note) as client:
        await client.call_tool("log")
        await client.call_tool("log")
    assert seen == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_token_names_the_user(mode: str) -> None:
    server = RactoMCPServer("contexts", auth={"s3cret-a": "ann", "s3cret-b": "bob"})

    @server.tool
    def who(context: ToolContext) -> str:
        return str(context.user)

    async with server.listening() as address:
        for token, user in (("s3cret-a", "ann"), ("s3cret-b", "bob")):
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(headers=headers) as web:
                transport = streamable_http_client(f"{address}/mcp", http_client=web)
                async with Client(transport, mode=mode) as client:
                    assert (await client.call_tool("who")).content[0].text == user
