"""The server that both sides call: written with the SDK alone, one tool that does nothing.

python peer.py stdio
python peer.py streamable-http PORT
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
TOOL = "add"
ARGUMENTS = {"a": 1, "b": 2}


def serve(transport: str, port: int = 0) -> None:
    """Serve until the caller hangs up."""
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("peer", log_level="WARNING")

    @server.tool()
    async def add(a: int, b: int) -> int:
        """Add two integers."""
        return a + b

    @server.tool()
    async def big(size: int) -> str:
        """Answer with so many characters."""
        return "x" * size

    if transport == "stdio":
        server.run()
    else:
        threading.Thread(target=_end_with_the_caller, daemon=True).start()
        server.run(transport, port=port)  # type: ignore[call-overload]


def _end_with_the_caller() -> None:
    sys.stdin.read()
    os._exit(0)


def command() -> list[str]:
    """What starts the server over stdio."""
    return [sys.executable, str(HERE), "stdio"]


def started() -> tuple[str, subprocess.Popen[bytes]]:
    """Start the server over streamable HTTP; its URL, and the process to keep alive."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE), "streamable-http", str(port)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            break
    return f"http://127.0.0.1:{port}/mcp", process


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    serve(arguments[0], int(arguments[1]) if len(arguments) > 1 else 0)
