"""Functions behind resources and prompts: their time, and what they are told when it is over."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from mcp import MCPError

from racto.tools.mcp.server import RactoMCPServer, ServerLimits, ToolContext


async def test_a_function_that_takes_too_long_is_told_and_stopped(dial_modern) -> None:
    server = RactoMCPServer("functions", limits=ServerLimits(tool_timeout=0.05))
    told = threading.Event()

    @server.resource("slow://now")
    def slow(context: ToolContext) -> str:
        while not context.cancelled:
            time.sleep(0.005)
        told.set()
        return "late"

    @server.prompt
    async def slower(context: ToolContext) -> str:
        context.report_progress(1)
        await asyncio.sleep(60)
        return "never"

    async with dial_modern(server) as client:
        with pytest.raises(MCPError, match=r"did not finish within 0\.05 s"):
            await client.read_resource("slow://now")
        assert await asyncio.to_thread(told.wait, 10)
        with pytest.raises(MCPError, match="prompt 'slower' did not finish"):
            await client.get_prompt("slower")
