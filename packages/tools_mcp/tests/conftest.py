"""Peers written with the SDK alone, over every transport, and a watch for leftover processes."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from racto.tools.mcp import MCPClientConfig

HERE = Path(__file__).parent
PEER = HERE / "peers" / "sdk_server.py"

# The SDK's servers warn of what they still do for older clients.
pytestmark = pytest.mark.filterwarnings("default::mcp.MCPDeprecationWarning")


def load(path: Path) -> ModuleType:
    """Import a file of the tests that is no test."""
    spec = importlib.util.spec_from_file_location(f"mcp_tests_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def children() -> dict[int, str]:
    """Processes that this one has started and that still live, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        state, parent = stat.rpartition(")")[2].split()[:2]
        if int(parent) == os.getpid() and state != "Z":
            found[int(entry.name)] = command
    return found


@pytest.fixture(autouse=True)
def no_orphans() -> Iterator[None]:
    """Fails a test that leaves a process behind."""
    if not Path("/proc/self/stat").exists():
        yield
        return
    before = children()
    yield
    until = time.monotonic() + 8
    while (left := children().keys() - before.keys()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left, [children().get(pid) for pid in left]


@pytest.fixture
def stdio() -> MCPClientConfig:
    """How to start the peer as a child process."""
    return MCPClientConfig(command=sys.executable, args=[str(PEER), "stdio"], name="peer")


class Web:
    """ASGI applications on loopback ports, each served by uvicorn in a thread of its own."""

    def __init__(self) -> None:
        self._running: list[tuple[Any, threading.Thread]] = []

    def serve(self, app: Any) -> int:
        """Serve an application and return its port."""
        import uvicorn

        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        self._running.append((server, thread))
        port: int = server.servers[0].sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        """Stop them all."""
        for server, _ in self._running:
            server.should_exit = True
        for _, thread in self._running:
            thread.join(timeout=10)
        self._running.clear()


@pytest.fixture
def web() -> Iterator[Web]:
    """Serves ASGI applications until the test ends."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    made = Web()
    yield made
    made.stop()


@pytest.fixture
def sdk_peer() -> ModuleType:
    """The module with the peers."""
    return load(PEER)


@pytest.fixture(params=["stdio", "streamable-http", "sse"])
def peer(
    request: pytest.FixtureRequest,
    stdio: MCPClientConfig,
    sdk_peer: ModuleType,
    make_peer: Callable[[str], MCPClientConfig],
) -> MCPClientConfig:
    """A running peer over each transport."""
    return make_peer(request.param)


@pytest.fixture
def make_peer(
    stdio: MCPClientConfig, sdk_peer: ModuleType, web: Web
) -> Callable[[str], MCPClientConfig]:
    """Starts a peer over a transport and says how to reach it."""

    def make(transport: str) -> MCPClientConfig:
        if transport == "stdio":
            return stdio
        server = sdk_peer.make_server()
        app = server.sse_app() if transport == "sse" else server.streamable_http_app()
        path = "sse" if transport == "sse" else "mcp"
        return MCPClientConfig.from_target(f"http://127.0.0.1:{web.serve(app)}/{path}", name="peer")

    return make
