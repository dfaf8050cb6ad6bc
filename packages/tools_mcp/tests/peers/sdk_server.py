"""A server written with the SDK alone: what our client must get along with.

python sdk_server.py stdio
python sdk_server.py streamable-http PORT
"""

from __future__ import annotations

import asyncio
import base64
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Weather(BaseModel):
    """What the weather is like."""

    city: str
    degrees: float


class Trip(BaseModel):
    """What a person is asked."""

    place: str
    nights: int


def make_server() -> MCPServer:
    """A server with something of everything."""
    server = MCPServer("sdk-peer", version="1.2.3", title="A peer", instructions="Use it well.")
    cancelled = threading.Event()

    @server.tool()
    async def add(a: int, b: int) -> int:
        """Add two integers."""
        return a + b

    @server.tool()
    async def weather(city: str) -> Weather:
        """Tell the weather."""
        return Weather(city=city, degrees=21.5)

    @server.tool()
    async def big(size: int) -> str:
        """Answer with so many characters."""
        return "x" * size

    @server.tool()
    async def slow(seconds: float, ctx: Context) -> str:
        """Take a while, and say how far it is."""
        steps = max(1, int(seconds * 20))
        try:
            for step in range(steps):
                await ctx.report_progress(step, steps, f"step {step}")
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "done"

    @server.tool()
    async def was_cancelled() -> bool:
        """Whether a slow call was cancelled."""
        return cancelled.is_set()

    @server.tool()
    async def fail() -> str:
        """Fail."""
        raise ToolError("no luck today")

    @server.tool(structured_output=False)
    async def media() -> list[Any]:
        """Answer with something of every kind."""
        picture = base64.b64encode(PIXEL).decode()
        held = types.TextResourceContents(uri="note://1", mime_type="text/plain", text="a note")
        blob = types.BlobResourceContents(
            uri="file:///a.pdf",
            mime_type="application/pdf",
            blob=base64.b64encode(b"%PDF").decode(),
        )
        return [
            types.TextContent(text="look"),
            types.ImageContent(data=picture, mime_type="image/png"),
            types.AudioContent(data=base64.b64encode(b"RIFF").decode(), mime_type="audio/wav"),
            types.EmbeddedResource(resource=held),
            types.EmbeddedResource(resource=blob),
            types.ResourceLink(uri="note://2", name="two", description="the next", size=12),
        ]

    @server.tool()
    async def grow(ctx: Context) -> str:
        """Gain a tool, and say so."""

        async def grown() -> str:
            """New."""
            return "grown"

        server.add_tool(grown)
        await ctx.notify_tools_changed()
        await ctx.session.send_tool_list_changed()
        return "ok"

    @server.tool()
    async def touch(ctx: Context) -> str:
        """Change a resource, and say so."""
        await ctx.notify_resource_updated("config://app")
        await ctx.session.send_resource_updated("config://app")
        return "ok"

    @server.tool()
    async def ask(ctx: Context) -> str:
        """Ask a person (a server request: older protocols only)."""
        answer = await ctx.elicit("Where to?", Trip)
        return f"{answer.action} {getattr(answer, 'data', None)}"

    @server.resource("config://app", mime_type="text/plain")
    def config() -> str:
        """The configuration."""
        return "colour = blue"

    @server.resource("picture://pixel", mime_type="image/png")
    def picture() -> bytes:
        """One pixel."""
        return PIXEL

    @server.resource("users://{name}/profile")
    def profile(name: str) -> str:
        """A user's profile."""
        return f"profile of {name}"

    @server.prompt()
    def greet(name: str, style: str = "kind") -> str:
        """Greet somebody."""
        return f"Greet {name} in a {style} way."

    @server.completion()
    async def complete(ref: Any, argument: Any, context: Any) -> types.Completion | None:
        if argument.name == "style":
            found = [one for one in ("kind", "keen", "cold") if one.startswith(argument.value)]
            return types.Completion(values=found)
        return None

    return server


def make_paged_server(count: int) -> Server[Any]:
    """A server with many tools, listed in pages of 100."""

    async def list_tools(
        _ctx: Any, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        begin = int(params.cursor) if params is not None and params.cursor else 0
        end = min(begin + 100, count)
        tools = [
            types.Tool(name=f"tool_{n}", input_schema={"type": "object", "properties": {}})
            for n in range(begin, end)
        ]
        following = str(end) if end < count else None
        return types.ListToolsResult(tools=tools, next_cursor=following)

    async def call_tool(_ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return types.CallToolResult(content=[types.TextContent(text=params.name)])

    @asynccontextmanager
    async def lifespan(_server: Server[Any]) -> AsyncIterator[dict[str, Any]]:
        yield {}

    return Server("paged", lifespan=lifespan, on_list_tools=list_tools, on_call_tool=call_tool)


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        make_server().run()
    else:
        make_server().run(sys.argv[1], port=int(sys.argv[2]))  # type: ignore[call-overload]
