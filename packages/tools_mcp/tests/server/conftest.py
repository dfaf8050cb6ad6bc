"""The SDK's own client, connected to a server of ours over every wire."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client

from racto.tools.mcp.server import RactoMCPServer

Dial: TypeAlias = Callable[..., AbstractAsyncContextManager[Client]]

WIRES = {
    "http-modern": ("mcp", "auto"),
    "http-handshake": ("mcp", "legacy"),
    "sse-modern": ("sse", "auto"),
    "sse-handshake": ("sse", "legacy"),
}


@asynccontextmanager
async def dialled(server: RactoMCPServer, wire: str, **options: Any) -> AsyncIterator[Client]:
    path, mode = WIRES[wire]
    async with server.listening() as address:
        url = f"{address}/{path}"
        target: Any = url if path == "mcp" else sse_client(url)
        async with Client(target, mode=mode, **options) as client:
            yield client


@pytest.fixture(params=["http-modern", "http-handshake"])
def dial(request: pytest.FixtureRequest) -> Dial:
    """Connects to a server over streamable HTTP, in both eras."""
    return lambda server, **options: dialled(server, request.param, **options)


@pytest.fixture(params=list(WIRES))
def dial_all(request: pytest.FixtureRequest) -> Dial:
    """Connects to a server over every HTTP wire, in both eras."""
    return lambda server, **options: dialled(server, request.param, **options)


@pytest.fixture
def dial_modern() -> Dial:
    """Connects to a server over streamable HTTP in today's protocol."""
    return lambda server, **options: dialled(server, "http-modern", **options)


@pytest.fixture
def dial_handshake() -> Dial:
    """Connects to a server over streamable HTTP with the handshake."""
    return lambda server, **options: dialled(server, "http-handshake", **options)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], StdioServerParameters]:
    """Writes a program that is a server, and tells how to start it."""

    def write(body: str) -> StdioServerParameters:
        path = tmp_path / "served.py"
        path.write_text(body)
        return StdioServerParameters(command=sys.executable, args=["-W", "error", str(path)])

    return write


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def dial_sse() -> Dial:
    """Connects to a server over SSE with the handshake."""
    return lambda server, **options: dialled(server, "sse-handshake", **options)
