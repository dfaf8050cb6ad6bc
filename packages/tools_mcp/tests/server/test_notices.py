"""News of changes: streams of today's clients, sessions of older ones, from any thread."""

from __future__ import annotations

import asyncio
from typing import Any

import mcp_types as types
import pytest
from mcp.shared.subscriptions import PromptsListChanged, ResourceUpdated, ToolsListChanged

from racto.tools.mcp.server import RactoMCPServer


async def test_todays_clients_hear_what_they_listen_to(dial_modern) -> None:
    server = RactoMCPServer("notices")
    async with dial_modern(server) as client:
        wanted = {"tools_list_changed": True, "resource_subscriptions": ["a://b"]}
        async with client.listen(**wanted) as events:
            server.add_prompt(lambda: "x", name="unheard")
            server.notify_resource_updated("a://other")
            server.notify_resource_updated("a://b")
            await asyncio.to_thread(server.add_tool, lambda a: a, name="new")
            heard = [await anext(events), await anext(events)]
        assert heard == [ResourceUpdated(uri="a://b"), ToolsListChanged()]


async def test_a_stream_ends_in_order_with_the_server() -> None:
    from mcp import Client

    server = RactoMCPServer("notices")
    listening = server.listening()
    address = await listening.__aenter__()
    async with (
        Client(f"{address}/mcp") as client,
        client.listen(prompts_list_changed=True) as events,
    ):
        server.notify_changed("prompts")
        assert await anext(events) == PromptsListChanged()
        await listening.__aexit__(None, None, None)
        with pytest.raises(StopAsyncIteration):
            await anext(events)


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@pytest.mark.parametrize("wire", ["http-handshake", "sse-handshake"])
async def test_older_clients_hear_of_lists_and_of_what_they_watch(wire: str, request: Any) -> None:
    dial = request.getfixturevalue("dial_handshake" if wire == "http-handshake" else "dial_sse")
    server = RactoMCPServer("notices")
    server.add_resource("a://b", "text")
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def note(message: Any) -> None:
        heard.put_nowait(getattr(message, "root", message))

    async with dial(server, message_handler=note) as client:
        capabilities = client.server_capabilities
        assert capabilities.tools is not None
        assert capabilities.tools.list_changed
        assert capabilities.resources is not None
        assert capabilities.resources.subscribe
        # The session is known from its first request on, over whichever connection it came.
        await client.subscribe_resource("a://b")
        await asyncio.sleep(0.2)
        server.notify_resource_updated("a://other")
        server.notify_resource_updated("a://b")
        told = await heard.get()
        assert isinstance(told, types.ResourceUpdatedNotification)
        assert told.params.uri == "a://b"
        await asyncio.to_thread(server.add_tool, lambda a: a, name="new")
        assert isinstance(await heard.get(), types.ToolListChangedNotification)
        await client.unsubscribe_resource("a://b")
        server.notify_resource_updated("a://b")
        server.notify_changed("prompts")
        assert isinstance(await heard.get(), types.PromptListChangedNotification)
    server.notify_changed("tools")


async def test_without_clients_nothing_happens() -> None:
    server = RactoMCPServer("notices")
    server.notify_changed("resources")
    await asyncio.to_thread(server.notify_resource_updated, "a://b")
