"""The server of the other side, for the older SDK that the reference package needs."""

from mcp.server.fastmcp import FastMCP

server = FastMCP("peer", log_level="WARNING")


@server.tool()
async def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


if __name__ == "__main__":
    server.run()
