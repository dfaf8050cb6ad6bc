"""Remote tools as entries of a registry, in both voices, on the session that is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from racto.core import ToolCallResult, ToolRegistry, ToolResultPart, ToolSchema

from .results import MCPToolResult
from .schemas import fitting


class ToolCaller(Protocol):
    """Calls remote tools by name, opening a session when there is none."""

    def reach_tool(self, name: str, arguments: dict[str, Any]) -> MCPToolResult:
        """Call a tool and block."""
        ...

    async def areach_tool(self, name: str, arguments: dict[str, Any]) -> MCPToolResult:
        """Async twin of :meth:`reach_tool`."""
        ...


def registry_of(
    tools: Iterable[tuple[str, ToolSchema, ToolCaller]], *, prefix: str = ""
) -> ToolRegistry:
    """A registry of remote tools.

    Names are made to fit every provider: letters, digits, ``_`` and ``-``, at most 64. Schemas
    are kept whole, a tool's own error stays marked as one, and images, sounds and links stay what
    they are.

    Args:
        tools: Remote name, schema, and who calls it; the registry keeps the caller alive.
        prefix: Put before each name.
    """
    registry = ToolRegistry()
    for remote, schema, caller in tools:
        name = fitting(prefix + schema.name, registry.tools)
        fit = schema if name == schema.name else schema.model_copy(update={"name": name})
        call, acall = _voices(caller, remote)
        registry.add(fit, call, acall=acall)
    return registry


def _voices(
    caller: ToolCaller, remote: str
) -> tuple[Callable[..., ToolResultPart], Callable[..., Awaitable[ToolResultPart]]]:
    # The registry puts the id and the name of the model's call into the answer.
    nameless = ToolCallResult(name=remote)

    def call(**arguments: Any) -> ToolResultPart:
        return caller.reach_tool(remote, arguments).to_part(nameless)

    async def acall(**arguments: Any) -> ToolResultPart:
        return (await caller.areach_tool(remote, arguments)).to_part(nameless)

    return call, acall
