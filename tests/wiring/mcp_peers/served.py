"""A server of racto's own that clients of other people are pointed at.

Its arguments are the transport and, for HTTP, the port; with a third one it asks for that token.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from racto.core import ImagePart
from racto.tools.mcp.server import RactoMCPServer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What the sky does."""

    place: str
    celsius: float


def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: The first.
        b: The second.
    """
    return a + b


async def weather(place: str) -> Weather:
    """Tell the weather.

    Args:
        place: Where.
    """
    return Weather(place=place, celsius=21.5)


def picture() -> ImagePart:
    """Show one pixel."""
    return ImagePart(data=PIXEL, mime_type="image/png")


def fail() -> str:
    """Fail, always."""
    raise RuntimeError("the disk is full")


def greet(name: str, tone: str = "kind") -> str:
    """Ask for a greeting.

    Args:
        name: Who is greeted.
        tone: How.
    """
    return f"Write a {tone} greeting for {name}."


def profile(user: str) -> str:
    """Who a user is."""
    return f"profile of {user}"


def main(transport: str, port: str = "0", token: str | None = None) -> None:
    """Serve until the client leaves, or for ever."""
    auth = {token: "inspector"} if token else None
    server = RactoMCPServer("served", version="1.2.3", instructions="Be nice.", auth=auth)
    for tool in (add, weather, picture, fail):
        server.add_tool(tool)
    server.add_resource("notes://today", "Buy milk.", name="today", mime_type="text/plain")
    server.add_resource("notes://pixel", PIXEL, name="pixel", mime_type="image/png")
    server.add_resource("users://{user}/profile", profile, name="profile")
    server.add_prompt(greet)
    server.run(transport, port=int(port))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
