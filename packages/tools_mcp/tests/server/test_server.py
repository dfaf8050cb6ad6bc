"""The server as a whole: the reference's calls, and what clients are told of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import warnings

import pytest

from racto.core import ToolRegistry
from racto.tools.mcp.server import RactoMCPServer

SHY = "import sys; import racto.tools.mcp.server; print([m for m in ('mcp','starlette','uvicorn') if m in sys.modules])"


async def test_the_references_example_works(dial) -> None:
    registry = ToolRegistry()

    @registry.register
    def add(a: int, b: int) -> int:
        """Add two integers."""
        return a + b

    server = RactoMCPServer.from_registry(registry, name="math-tools", instructions="Be exact.")
    async with dial(server) as client:
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("math-tools", "0.1.0")
        assert client.instructions == "Be exact."
        assert (await client.call_tool("add", {"a": 2, "b": 3})).structured_content == {"result": 5}


def test_defaults_are_the_references() -> None:
    server = RactoMCPServer.from_registry(ToolRegistry())
    assert (server.name, server.description, server.version) == (
        "ractogateway-server",
        "RactoGateway MCP Server",
        "0.1.0",
    )


async def test_many_calls_at_once(dial) -> None:
    server = RactoMCPServer("many")
    server.add_tool(lambda number: number * 2, name="double")
    async with dial(server) as client:
        results = await asyncio.gather(
            *(client.call_tool("double", {"number": number}) for number in range(50))
        )
    assert [result.content[0].text for result in results] == [str(2 * n) for n in range(50)]


def test_no_deprecation_of_the_sdk_reaches_users() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        server = RactoMCPServer("quiet", auth={"t": "x"})
        server.add_tool(lambda: 1, name="one")
        server.get_asgi_app()


@pytest.mark.slow
def test_importing_the_package_loads_no_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHY], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "[]\n"
