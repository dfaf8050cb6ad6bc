"""The bare SDK: a session that one task owns, and calls on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from peer import ARGUMENTS, TOOL, command, started


def stdio(calls: int) -> Callable[[], int]:
    """Calls one after the other on an open stdio session."""
    loop, client = _opened_stdio()

    async def work() -> int:
        for _ in range(calls):
            await client.call_tool(TOOL, ARGUMENTS)
        return calls

    return lambda: loop.run_until_complete(work())


def http(width: int) -> Callable[[], int]:
    """So many calls at once over streamable HTTP."""
    url, _process = started()
    loop, client = _opened(url)

    async def work() -> int:
        await asyncio.gather(*(client.call_tool(TOOL, ARGUMENTS) for _ in range(width)))
        return width

    return lambda: loop.run_until_complete(work())


def big(size: int) -> Callable[[], int]:
    """One large result over stdio."""
    loop, client = _opened_stdio()

    async def work() -> int:
        result = await client.call_tool("big", {"size": size})
        return len(result.content[0].text)

    return lambda: loop.run_until_complete(work())


def _opened_stdio() -> tuple[asyncio.AbstractEventLoop, Any]:
    from mcp import StdioServerParameters

    program, *arguments = command()
    return _opened(StdioServerParameters(command=program, args=arguments))


def _opened(target: Any) -> tuple[asyncio.AbstractEventLoop, Any]:
    from mcp import Client

    loop = asyncio.new_event_loop()
    ready = loop.create_future()

    async def own() -> None:
        async with Client(target) as client:
            # Else each call would list the tools for itself, to check the answers' schema.
            await client.list_tools()
            ready.set_result(client)
            await asyncio.Event().wait()

    _owners.append(loop.create_task(own()))
    return loop, loop.run_until_complete(ready)


_owners: list[Any] = []
