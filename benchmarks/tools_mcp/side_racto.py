"""racto's client: calls through a tool registry on the session that is open."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from peer import ARGUMENTS, TOOL, command, started

_IMPORT = (
    "import time, pydantic, racto.core; t = time.process_time(); import racto.tools.mcp; "
    "print((time.process_time() - t) * 1000)"
)


def stdio(calls: int) -> Callable[[], int]:
    """Calls one after the other through a registry on an open stdio session."""
    loop, _client, registry = _opened_stdio()
    call = _call()

    async def work() -> int:
        for _ in range(calls):
            await registry.aexecute(call)
        return calls

    return lambda: loop.run_until_complete(work())


def stdio_blocking(calls: int) -> Callable[[], int]:
    """The same from plain functions, by way of the private loop."""
    from racto.tools.mcp import RactoMCPClient

    client = RactoMCPClient(_stdio_config())
    client.open()
    registry, call = client.to_registry_sync(), _call()

    def work() -> int:
        for _ in range(calls):
            registry.execute(call)
        return calls

    return work


def http(width: int) -> Callable[[], int]:
    """So many calls at once through a registry over streamable HTTP."""
    from racto.tools.mcp import MCPClientConfig

    url, _process = started()
    loop, _client, registry = _opened(MCPClientConfig.from_target(url))
    call = _call()

    async def work() -> int:
        answers = await asyncio.gather(*(registry.aexecute(call) for _ in range(width)))
        assert not any(answer.is_error for answer in answers)
        return width

    return lambda: loop.run_until_complete(work())


def big(size: int) -> Callable[[], int]:
    """One large result over stdio."""
    loop, client, _registry = _opened_stdio()

    async def work() -> int:
        return len((await client.call_tool("big", {"size": size})).content)

    return lambda: loop.run_until_complete(work())


def import_cost() -> Callable[[], float]:
    """Milliseconds of CPU that the import takes beside racto.core, in a fresh interpreter."""

    def work() -> float:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT], check=True, capture_output=True, text=True
        )
        return float(done.stdout)

    return work


def _call() -> Any:
    from racto.core import ToolCallResult

    return ToolCallResult(id="call-1", name=TOOL, arguments=ARGUMENTS)


def _stdio_config() -> Any:
    from racto.tools.mcp import MCPClientConfig

    program, *arguments = command()
    return MCPClientConfig(command=program, args=arguments)


def _opened_stdio() -> tuple[asyncio.AbstractEventLoop, Any, Any]:
    return _opened(_stdio_config())


def _opened(config: Any) -> tuple[asyncio.AbstractEventLoop, Any, Any]:
    from racto.tools.mcp import RactoMCPClient

    loop = asyncio.new_event_loop()
    client = RactoMCPClient(config)
    loop.run_until_complete(client.aopen())
    return loop, client, loop.run_until_complete(client.to_registry())
