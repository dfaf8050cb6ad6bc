"""The reference package: each call of a registry's tool starts a server of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("reference_peer.py")


def stdio(calls: int) -> Callable[[], int]:
    """Calls of a registry's tool one after the other, as its agent makes them."""
    import asyncio

    from ractogateway.mcp import MCPClientConfig, RactoMCPClient

    config = MCPClientConfig(transport="stdio", command=sys.executable, args=[str(SERVER)])

    async def registry() -> Any:
        async with RactoMCPClient(config) as client:
            return await client.to_registry()

    tool = asyncio.run(registry()).get_callable("add")

    def work() -> int:
        for _ in range(calls):
            tool(a=1, b=2)
        return calls

    return work
