"""Many MCP servers as one set of tools: opened at once, routed by name, none able to sink the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from racto.core import (
    ConfigurationError,
    RactoGatewayError,
    ToolNotFoundError,
    ToolRegistry,
    ToolSchema,
    portals,
)

from .bridge import registry_of
from .client import RactoMCPClient
from .configs import MCPClientConfig, labelled
from .failures import ConnectionClosedError
from .routes import AsyncRoutes, OnConflict

if TYPE_CHECKING:
    import httpx2

    from .connections.requests import ProgressFn
    from .connections.standing import ConnectionState
    from .interactions import Interactions
    from .results import MCPToolResult

T = TypeVar("T")

_log = logging.getLogger("racto.tools.mcp")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerState:
    """How one server of a fleet is doing.

    Attributes:
        state: ``closed``, ``opening``, ``open``, ``lost`` or ``failed``.
        error: Why it was lost, could not be opened, or did not list its tools; None when all
            is well.
        tools: How many of its tools can be called.
    """

    state: ConnectionState
    error: RactoGatewayError | None = None
    tools: int = 0


class MCPMultiClient:
    """Connects to any number of servers and presents their tools as one flat set.

    A server that cannot be reached, or dies, takes nobody with it: :attr:`states` tells of it, its
    tools are missing, and opening again (``await multi.aopen()``) tries it again. Where two
    servers offer a tool of one name, the later server's stands, as in the reference package, and
    its description says so; ``prefix=True`` keeps both apart.

    Args:
        configs: One configuration a server, at least one; or a mapping with their names.
        prefix: Call the tools ``<server>__<tool>``, by :attr:`MCPClientConfig.label`.
        on_conflict: Whose tool stands when names clash: the ``last`` or the ``first`` server's, or
            ``error`` to raise.
        interactions: What the servers may ask of the client, and tell it.
        auth: Authentication flows by the servers' labels.

    Raises:
        ConfigurationError: If there is no configuration.
    """

    def __init__(
        self,
        configs: Sequence[MCPClientConfig] | Mapping[str, MCPClientConfig],
        *,
        prefix: bool = False,
        on_conflict: OnConflict = "last",
        interactions: Interactions | None = None,
        auth: Mapping[str, httpx2.Auth] | None = None,
    ) -> None:
        given = labelled(configs) if isinstance(configs, Mapping) else list(configs)
        if not given:
            raise ConfigurationError("MCPMultiClient needs at least one server configuration")
        flows = dict(auth or {})
        self._clients = {
            label: RactoMCPClient(config, interactions=interactions, auth=flows.get(label))
            for label, config in _with_own_names(given).items()
        }
        self._routes = AsyncRoutes(self._clients, prefix=prefix, on_conflict=on_conflict)

    @property
    def clients(self) -> Mapping[str, RactoMCPClient]:
        """The clients by their labels: for resources, prompts, and all that is one server's."""
        return MappingProxyType(self._clients)

    @property
    def server_count(self) -> int:
        """How many servers are configured."""
        return len(self._clients)

    @property
    def tool_names(self) -> list[str]:
        """Names of the tools as they were listed last, sorted."""
        return sorted(self._routes.table)

    @property
    def states(self) -> dict[str, ServerState]:
        """How each server is doing, by label; may be asked from any thread."""
        return {
            label: ServerState(
                state=client.state,
                error=client.error or self._routes.errors.get(label),
                tools=self._routes.counts.get(label, 0),
            )
            for label, client in self._clients.items()
        }

    def open(self) -> Self:
        """Open all sessions that are not open, at once, on racto's private loop.

        Raises:
            RactoGatewayError: If not a single server could be opened.
        """
        self._wait(self.aopen)
        return self

    async def aopen(self) -> Self:
        """Open all sessions that are not open, at once, on the running loop."""
        closed = [client for client in self._clients.values() if client.state != "open"]
        errors = await _each(closed, lambda client: client.aopen())
        for error in errors.values():
            _log.warning("%s", error)
        if errors and len(errors) == len(self._clients):
            first = next(iter(errors.values()))
            first.add_note(f"none of the {self.server_count} MCP servers could be opened")
            raise first
        self._routes.forget()
        return self

    def close(self) -> None:
        """End all sessions, at once; calling it twice is fine."""
        self._wait(self.aclose)

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        errors = await _each(list(self._clients.values()), lambda client: client.aclose())
        for error in errors.values():
            _log.warning("%s", error)

    async def list_tools(self) -> list[ToolSchema]:
        """The schemas of all tools of all open servers, sorted by name.

        Raises:
            ConnectionClosedError: If no server is open.
            ConfigurationError: If two servers offer one name and ``on_conflict`` is ``error``.
        """
        await self._list()
        return [self._routes.table[name].schema for name in self.tool_names]

    def list_tools_sync(self) -> list[ToolSchema]:
        """Blocking twin of :meth:`list_tools`; opens the servers for itself when none is open."""
        return self._once(self.list_tools)

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        on_progress: ProgressFn | None = None,
    ) -> MCPToolResult:
        """Call a tool of whichever server offers it.

        Args:
            name: Its name in :meth:`list_tools`.
            arguments: Its arguments.
            timeout: Seconds for this call; None takes the server's configuration.
            on_progress: Told how far it is.

        Raises:
            ToolNotFoundError: If no open server offers it; also a ``KeyError``.
            RactoGatewayError: As :meth:`RactoMCPClient.call_tool` does.
        """
        route = self._routes.table.get(name)
        if route is None:
            # A server may have gained it since.
            await self._list()
            route = self._routes.table.get(name)
        if route is None:
            known = ", ".join(self.tool_names) or "none"
            raise ToolNotFoundError(f"no MCP server offers a tool {name!r}; there are: {known}")
        return await route.client.call_tool(
            route.remote, arguments, timeout=timeout, on_progress=on_progress
        )

    def call_tool_sync(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        on_progress: ProgressFn | None = None,
    ) -> MCPToolResult:
        """Blocking twin of :meth:`call_tool`; opens the servers for itself when none is open."""
        return self._once(
            lambda: self.call_tool(name, arguments, timeout=timeout, on_progress=on_progress)
        )

    async def to_registry(self) -> ToolRegistry:
        """All tools as one registry that shares the open sessions, in both voices."""
        await self._list()
        return self._registry()

    def to_registry_sync(self) -> ToolRegistry:
        """Blocking twin of :meth:`to_registry`; leaves the sessions open."""
        if not self._is_open:
            self.open()
        self._wait(self._list)
        return self._registry()

    @property
    def _is_open(self) -> bool:
        return any(client.state in ("open", "lost") for client in self._clients.values())

    def _registry(self) -> ToolRegistry:
        found = (self._routes.table[name] for name in self.tool_names)
        return registry_of((route.remote, route.schema, route.client) for route in found)

    async def _list(self) -> None:
        if not self._is_open:
            raise ConnectionClosedError(
                "no MCP server is open: use the client inside `async with multi:` or `with multi:`"
            )
        await self._routes.refresh()

    def _once(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._is_open:
            return self._wait(make)
        with self:
            return self._wait(make)

    def _wait(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        for client in self._clients.values():
            client.check_elsewhere()
        return portals.wait(make)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await self.aopen()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        shown = ", ".join(f"{label}: {one.state}" for label, one in self.states.items())
        return f"MCPMultiClient({shown})"


async def _each(
    clients: Sequence[RactoMCPClient], make: Callable[[RactoMCPClient], Awaitable[object]]
) -> dict[str, RactoGatewayError]:
    """Do something with all of them at once; the errors, by label."""
    errors: dict[str, RactoGatewayError] = {}

    async def one(client: RactoMCPClient) -> None:
        try:
            await make(client)
        except RactoGatewayError as error:
            errors[client.config.label] = error

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(one(client))
    return errors


def _with_own_names(configs: Sequence[MCPClientConfig]) -> dict[str, MCPClientConfig]:
    """Each configuration under a label that no other has."""
    found: dict[str, MCPClientConfig] = {}
    for config in configs:
        label, number = config.label, 2
        while label in found:
            label, number = f"{config.label}_{number}", number + 1
        same = label == config.label
        found[label] = config if same else config.model_copy(update={"name": label})
    return found
