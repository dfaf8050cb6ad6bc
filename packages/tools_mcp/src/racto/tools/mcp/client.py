"""A client of one MCP server: a session that stays open, for tasks, threads and plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from racto.core import RactoGatewayError, ToolRegistry, ToolSchema

from .bridge import registry_of
from .catalogs import (
    MCPPrompt,
    MCPResource,
    MCPResourceTemplate,
    ServerInfo,
    server_of,
)
from .configs import MCPClientConfig
from .connections.connection import Connection
from .connections.requests import AsyncRequests
from .failures import ConnectionClosedError
from .interactions import Interactions, LogLevel
from .results import MCPToolResult

if TYPE_CHECKING:
    import httpx2

    from racto.core import Message

    from .connections.requests import ProgressFn
    from .connections.standing import ConnectionState
    from .contents import Part


class RactoMCPClient:
    """Talks to one MCP server over a session that is opened once.

    ``async with client:`` opens it on the running loop, ``with client:`` on racto's private loop;
    from then on calls may come from any task, thread or loop. A server that dies is started or
    reached again by the next call, with growing pauses. Methods with plain names are async, as in
    the reference package; each has a blocking ``_sync`` twin. On a client that is not open a
    ``_sync`` call opens a session for itself alone, and an async one raises.

    Args:
        config: How to reach the server.
        interactions: What the server may ask of the client, and tell it.
        auth: An authentication flow for HTTP, such as one of :mod:`racto.tools.mcp.auth`.
    """

    def __init__(
        self,
        config: MCPClientConfig,
        *,
        interactions: Interactions | None = None,
        auth: httpx2.Auth | None = None,
    ) -> None:
        self._config = config
        self._connection = Connection(config, interactions, auth=auth)

    @property
    def config(self) -> MCPClientConfig:
        """How the server is reached."""
        return self._config

    @property
    def state(self) -> ConnectionState:
        """``closed``, ``opening``, ``open``, ``lost`` or ``failed``."""
        return self._connection.standing.state

    @property
    def error(self) -> RactoGatewayError | None:
        """Why the session was lost or could not be opened; None when all is well."""
        return self._connection.standing.error

    @property
    def server(self) -> ServerInfo:
        """Who the server is.

        Raises:
            ConnectionClosedError: If there is no open session.
        """
        home = self._connection.home
        session = home.session if home else None
        if session is None:
            raise ConnectionClosedError(
                f"MCP server {self._config.label!r} has no open session to tell who it is",
                provider=self._config.label,
            )
        client = session.client
        return server_of(
            client.server_info,
            client.server_capabilities,
            protocol=client.protocol_version,
            instructions=client.instructions,
        )

    def open(self) -> Self:
        """Open the session on racto's private loop, unless it is open.

        Raises:
            RactoGatewayError: If the server cannot be reached.
        """
        self._connection.open()
        return self

    async def aopen(self) -> Self:
        """Open the session on the running loop, unless it is open."""
        await self._connection.aopen()
        return self

    def close(self) -> None:
        """End the session and wait until nothing is left of it; calling it twice is fine."""
        self._connection.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._connection.aclose()

    async def list_tools(self) -> list[ToolSchema]:
        """The schemas of all tools, in the server's order.

        Raises:
            ConnectionClosedError: If the client is not open.
            RactoGatewayError: If the server does not answer, or answers nonsense.
        """
        return list((await self.tools_by_name()).values())

    def list_tools_sync(self) -> list[ToolSchema]:
        """Blocking twin of :meth:`list_tools`."""
        return list(self.tools_by_name_sync().values())

    async def tools_by_name(self) -> dict[str, ToolSchema]:
        """The schemas of all tools by the names that the server knows them by.

        They differ from the schemas' own names only where a server uses signs that no tool's
        name may have here.
        """
        return await self._connection.ause(AsyncRequests.list_tools)

    def tools_by_name_sync(self) -> dict[str, ToolSchema]:
        """Blocking twin of :meth:`tools_by_name`."""
        return self._connection.use(AsyncRequests.list_tools, once=True)

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        on_progress: ProgressFn | None = None,
    ) -> MCPToolResult:
        """Call a tool.

        Cancelling the call, or a timeout, cancels it at the server too.

        Args:
            name: Its name.
            arguments: Its arguments.
            timeout: Seconds for this call; None takes the configuration's, ``math.inf`` is none.
            on_progress: Told how far it is: done, of how much (or None), and in words.

        Returns:
            What it answered. A tool that failed says so with ``is_error``; that is no exception.

        Raises:
            ConnectionClosedError: If the client is not open.
            RactoGatewayTimeoutError: If the time is up.
            APIConnectionError: If the server died; nobody knows whether the tool ran.
            InvalidResponseError: If the answer breaks the protocol or the tool's output schema.
            RactoGatewayError: If the server refused the call.
        """
        return await self._connection.ause(
            lambda at: at.call_tool(name, arguments, timeout=timeout, on_progress=on_progress)
        )

    def call_tool_sync(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        on_progress: ProgressFn | None = None,
    ) -> MCPToolResult:
        """Blocking twin of :meth:`call_tool`."""
        return self._connection.use(
            lambda at: at.call_tool(name, arguments, timeout=timeout, on_progress=on_progress),
            once=True,
        )

    async def to_registry(self, *, prefix: str = "") -> ToolRegistry:
        """All tools as a registry, for any kit or agent, in both voices.

        Its tools use this client's session while it is open. Used outside, they open it on
        racto's private loop, where it stays until :meth:`close` or until nobody holds the
        registry and the client any more.

        Args:
            prefix: Put before each name.
        """
        tools = await self.tools_by_name()
        return registry_of(((name, tool, self) for name, tool in tools.items()), prefix=prefix)

    def to_registry_sync(self, *, prefix: str = "") -> ToolRegistry:
        """Blocking twin of :meth:`to_registry`; leaves the session open."""
        tools = self._connection.use(AsyncRequests.list_tools, opens=True)
        return registry_of(((name, tool, self) for name, tool in tools.items()), prefix=prefix)

    def reach_tool(self, name: str, arguments: dict[str, Any]) -> MCPToolResult:
        """Call a tool as a registry does: opens the session when it is closed."""
        return self._connection.use(lambda at: at.call_tool(name, arguments), opens=True)

    async def areach_tool(self, name: str, arguments: dict[str, Any]) -> MCPToolResult:
        """Async twin of :meth:`reach_tool`."""
        return await self._connection.ause(lambda at: at.call_tool(name, arguments), opens=True)

    async def list_resources(self) -> list[MCPResource]:
        """All resources, in the server's order."""
        return await self._connection.ause(AsyncRequests.list_resources)

    def list_resources_sync(self) -> list[MCPResource]:
        """Blocking twin of :meth:`list_resources`."""
        return self._connection.use(AsyncRequests.list_resources, once=True)

    async def list_resource_templates(self) -> list[MCPResourceTemplate]:
        """All families of resources, in the server's order."""
        return await self._connection.ause(AsyncRequests.list_resource_templates)

    def list_resource_templates_sync(self) -> list[MCPResourceTemplate]:
        """Blocking twin of :meth:`list_resource_templates`."""
        return self._connection.use(AsyncRequests.list_resource_templates, once=True)

    async def read_resource(self, uri: str) -> tuple[Part, ...]:
        """What a resource holds: text, images, sounds or documents.

        Raises:
            NotFoundError: If the server has no such resource.
        """
        return await self._connection.ause(lambda at: at.read_resource(uri))

    def read_resource_sync(self, uri: str) -> tuple[Part, ...]:
        """Blocking twin of :meth:`read_resource`."""
        return self._connection.use(lambda at: at.read_resource(uri), once=True)

    async def list_prompts(self) -> list[MCPPrompt]:
        """All prompts, in the server's order."""
        return await self._connection.ause(AsyncRequests.list_prompts)

    def list_prompts_sync(self) -> list[MCPPrompt]:
        """Blocking twin of :meth:`list_prompts`."""
        return self._connection.use(AsyncRequests.list_prompts, once=True)

    async def get_prompt(
        self, name: str, arguments: Mapping[str, str] | None = None
    ) -> list[Message]:
        """A prompt with its arguments filled in, fit for ``ChatConfig.history``."""
        return await self._connection.ause(lambda at: at.get_prompt(name, arguments))

    def get_prompt_sync(
        self, name: str, arguments: Mapping[str, str] | None = None
    ) -> list[Message]:
        """Blocking twin of :meth:`get_prompt`."""
        return self._connection.use(lambda at: at.get_prompt(name, arguments), once=True)

    async def complete(
        self,
        argument: str,
        value: str,
        *,
        prompt: str | None = None,
        template: str | None = None,
        context: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Values that an argument may take.

        Args:
            argument: Name of the argument or variable.
            value: What has been typed of it.
            prompt: The prompt that it belongs to.
            template: Or the resource template that it belongs to.
            context: Other arguments that are known already.
        """
        return await self._connection.ause(
            lambda at: at.complete(
                argument, value, prompt=prompt, template=template, context=context
            )
        )

    def complete_sync(
        self,
        argument: str,
        value: str,
        *,
        prompt: str | None = None,
        template: str | None = None,
        context: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Blocking twin of :meth:`complete`."""
        return self._connection.use(
            lambda at: at.complete(
                argument, value, prompt=prompt, template=template, context=context
            ),
            once=True,
        )

    async def subscribe(self, uri: str) -> None:
        """Be told through ``Interactions.on_change`` when a resource changes."""
        await self._connection.ause(lambda at: at.follow(uri))

    def subscribe_sync(self, uri: str) -> None:
        """Blocking twin of :meth:`subscribe`; the client must be open."""
        self._connection.use(lambda at: at.follow(uri))

    async def unsubscribe(self, uri: str) -> None:
        """Be told no more of a resource."""
        await self._connection.ause(lambda at: at.follow(uri, ends=True))

    def unsubscribe_sync(self, uri: str) -> None:
        """Blocking twin of :meth:`unsubscribe`; the client must be open."""
        self._connection.use(lambda at: at.follow(uri, ends=True))

    async def set_log_level(self, level: LogLevel) -> None:
        """Ask for the server's log messages from a level on."""
        await self._connection.ause(lambda at: at.set_log_level(level))

    def set_log_level_sync(self, level: LogLevel) -> None:
        """Blocking twin of :meth:`set_log_level`; the client must be open."""
        self._connection.use(lambda at: at.set_log_level(level))

    async def roots_changed(self) -> None:
        """Tell a server of an older protocol to ask for the roots again."""
        await self._connection.ause(AsyncRequests.roots_changed)

    def roots_changed_sync(self) -> None:
        """Blocking twin of :meth:`roots_changed`; the client must be open."""
        self._connection.use(AsyncRequests.roots_changed)

    async def ping(self) -> float:
        """Seconds that the smallest exchange with the server takes."""
        return await self._connection.ause(AsyncRequests.ping)

    def ping_sync(self) -> float:
        """Blocking twin of :meth:`ping`."""
        return self._connection.use(AsyncRequests.ping, once=True)

    def check_elsewhere(self) -> None:
        """Do nothing, unless a blocking call from here would wait for itself.

        Raises:
            RuntimeError: If the session lives on the loop that runs in this thread.
        """
        self._connection.check_elsewhere()

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
        return f"RactoMCPClient({self._config.label!r}, {self.state})"
