"""A small server to try the commands on: one tool, resource and prompt of each kind."""

from __future__ import annotations

import base64
import time
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from racto.core import ImagePart, ToolAnnotations, ToolRegistry
from racto.core.tool_schemas import describe_function
from racto.tools.mcp.server import RactoMCPServer, ToolContext

_PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_POEM: Final = "The tide comes in,\nthe tide goes out.\n"
_READS: Final = ToolAnnotations(read_only=True, open_world=False)


class Order(BaseModel):
    """What the tool ``order`` asks for."""

    drink: Literal["tea", "coffee", "water"] = Field(description="What to drink")
    cups: int = Field(default=1, ge=1, le=9, description="How many cups")
    name: str = Field(description="Whom to call when it is ready")


def demo_server(name: str = "demo", **options: Any) -> RactoMCPServer:
    """Make the server.

    Args:
        name: Name that clients see.
        **options: Further parameters of the server.
    """
    server = RactoMCPServer(
        name, description="A server to try things on", instructions="Play with it.", **options
    )
    registry = ToolRegistry()
    for plain in (add, picture, fail):
        annotated = describe_function(plain).model_copy(update={"annotations": _READS})
        registry.add(annotated, plain)
    server.add_registry(registry)
    server.add_tool(count)
    server.add_tool(order)
    server.add_resource("demo://poem", _POEM, name="poem", description="Two lines.")
    server.add_resource("demo://square/{number}", square)
    server.add_prompt(summary)
    return server


def add(a: int, b: int) -> int:
    """Add two whole numbers.

    Args:
        a: The one.
        b: The other.
    """
    return a + b


def count(context: ToolContext, to: int = 5) -> str:
    """Count slowly, and tell how far it is.

    Args:
        context: The call.
        to: Where to stop.
    """
    for number in range(1, to + 1):
        context.check_cancelled()
        time.sleep(0.2)
        context.report_progress(number, to, f"counted {number}")
    return f"counted to {to}"


def order(context: ToolContext) -> str:
    """Ask the user what to drink."""
    reply = context.elicit("What would you like?", Order)
    if reply.data is None:
        return f"No order ({reply.action})."
    return f"{reply.data.cups} x {reply.data.drink} for {reply.data.name}"


def picture() -> list[ImagePart]:
    """Show a very small picture."""
    return [ImagePart(data=_PIXEL, mime_type="image/png", name="pixel.png")]


def fail(reason: str = "no luck today") -> str:
    """Fail, as tools do.

    Args:
        reason: What to say.
    """
    raise ValueError(reason)


def square(number: int) -> str:
    """The square of a number."""
    return str(number * number)


def summary(topic: str, words: int = 50) -> str:
    """Ask for a summary.

    Args:
        topic: Of what.
        words: How long.
    """
    return f"Summarise what is known of {topic} in {words} words."
