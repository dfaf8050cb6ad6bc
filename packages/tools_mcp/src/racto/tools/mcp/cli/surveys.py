"""Everything that a server says of itself, gathered in one visit, with what could not be listed."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types

from racto.core import RactoGatewayError
from racto.tools.mcp import MCPPrompt, MCPResource, MCPResourceTemplate, RactoMCPClient, ServerInfo
from racto.tools.mcp.connections.requests import AsyncRequests

_PINGS = 5


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a server offers.

    Attributes:
        server: Who it is.
        round_trip: Seconds of the smallest exchange, the median of some.
        tools: Its tools as they stand on the wire, unfit and double ones included.
        resources: Its resources.
        resource_templates: Families of resources.
        prompts: Its prompts.
        failures: Why a list could not be had, by its name.
    """

    server: ServerInfo
    round_trip: float
    tools: Sequence[types.Tool] = ()
    resources: Sequence[MCPResource] = ()
    resource_templates: Sequence[MCPResourceTemplate] = ()
    prompts: Sequence[MCPPrompt] = ()
    failures: dict[str, str] = field(default_factory=dict)


class Surveyor(RactoMCPClient):
    """A client that also sees what other clients leave out."""

    async def __call__(self) -> Survey:
        """Visit the server.

        Raises:
            RactoGatewayError: If it breaks off; a list that fails alone is noted.
        """
        pings = [await self.ping() for _ in range(_PINGS)]
        able = self.server.capabilities
        lists: dict[str, tuple[str, Callable[[], Awaitable[list[Any]]]]] = {
            "tools": ("tools", self._raw_tools),
            "resources": ("resources", self.list_resources),
            "resource_templates": ("resources", self.list_resource_templates),
            "prompts": ("prompts", self.list_prompts),
        }
        found: dict[str, list[Any]] = {}
        failures: dict[str, str] = {}
        for name, (capability, fetch) in lists.items():
            # What is not promised is not asked for: old servers answer with errors.
            if capability in able:
                try:
                    found[name] = await fetch()
                except RactoGatewayError as error:
                    failures[name] = error.message
        return Survey(
            server=self.server, round_trip=statistics.median(pings), failures=failures, **found
        )

    async def _raw_tools(self) -> list[types.Tool]:
        return await self._connection.ause(AsyncRequests.raw_tools)
