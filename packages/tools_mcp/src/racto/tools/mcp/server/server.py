"""Tools, resources and prompts of this process, offered to any MCP client over any transport."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from racto.core import ToolRegistry
from racto.core.errors import ConfigurationError

from .identities import WireServer
from .limits import ServerLimits
from .offerings import Offerings

if TYPE_CHECKING:
    from mcp.server.auth.settings import AuthSettings
    from starlette.applications import Starlette

    from .bearers import Tokens

ServerTransport: TypeAlias = Literal["stdio", "sse", "streamable-http"]
"""How a server is reached; both HTTP transports are served at once, whichever is named."""


class RactoMCPServer(Offerings):
    """Offers tools, resources and prompts over the Model Context Protocol.

    Speaks today's stateless protocol and the handshake of older clients. Tools answer with
    errors that a model can read, never with tracebacks, and sync functions run in threads. What
    fails is logged under ``racto.tools.mcp``.

    Over HTTP it listens on this machine only (the reference package listens everywhere), checks
    Host and Origin headers, and asks for a bearer token where ``auth`` is given.

    Args:
        name: Name that clients see.
        description: What the server is for.
        version: Its version.
        instructions: How a model should use it.
        context: Objects, such as a database session, for parameters of their types: filled in,
            and never shown to the model.
        auth: Clients by token, or a function (sync or async) that takes a token and returns the
            client's name or None, or a ``TokenVerifier`` of the SDK.
        auth_settings: OAuth settings of the SDK, to publish where tokens are issued.
        limits: Sizes, numbers and times.
    """

    def __init__(
        self,
        name: str,
        *,
        description: str = "",
        version: str = "0.1.0",
        instructions: str | None = None,
        context: Sequence[Any] = (),
        auth: Tokens | None = None,
        auth_settings: AuthSettings | None = None,
        limits: ServerLimits = ServerLimits(),  # noqa: B008 - frozen
    ) -> None:
        self.name = name
        self.description = description
        self.version = version
        self.limits = limits
        self._auth = auth
        self._auth_settings = auth_settings
        wire = WireServer(name, version=version, description=description, instructions=instructions)
        super().__init__(wire, context=context, limits=limits)

    @classmethod
    def from_registry(
        cls,
        registry: ToolRegistry,
        *,
        name: str = "ractogateway-server",
        description: str = "RactoGateway MCP Server",
        version: str = "0.1.0",
        **options: Any,
    ) -> RactoMCPServer:
        """A server of the tools of a registry, those registered later included.

        Args:
            registry: The registry; tools that are models without a function are left out.
            name: Name that clients see.
            description: What the server is for.
            version: Its version.
            **options: Further parameters of the class.
        """
        server = cls(name, description=description, version=version, **options)
        server.add_registry(registry)
        return server

    def run(
        self,
        transport: ServerTransport = "stdio",
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        allowed_hosts: Sequence[str] | None = None,
        allowed_origins: Sequence[str] = (),
        allow_unauthenticated: bool = False,
    ) -> None:
        """Serve until the client leaves (stdio) or the program is interrupted (HTTP).

        Args:
            transport: ``stdio``, ``streamable-http`` or ``sse``; the last two are served
                together, at ``/mcp`` and ``/sse``.
            host: Address to listen on.
            port: Port; 0 for any that is free. The address is printed on standard error.
            allowed_hosts: Host names that clients may use, beside those of this machine.
            allowed_origins: Web origins whose pages may call the server.
            allow_unauthenticated: Serve others than this machine without asking for tokens.

        Raises:
            ConfigurationError: If strangers could use the tools, or the address is taken.
        """
        from .running import run_until_interrupted

        run_until_interrupted(
            lambda: self.arun(
                transport,
                host=host,
                port=port,
                allowed_hosts=allowed_hosts,
                allowed_origins=allowed_origins,
                allow_unauthenticated=allow_unauthenticated,
            )
        )

    async def arun(
        self,
        transport: ServerTransport = "stdio",
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        allowed_hosts: Sequence[str] | None = None,
        allowed_origins: Sequence[str] = (),
        allow_unauthenticated: bool = False,
    ) -> None:
        """Async twin of :meth:`run`; cancel it to stop."""
        if transport not in get_args(ServerTransport):
            known = ", ".join(get_args(ServerTransport))
            raise ConfigurationError(f"there is no transport {transport!r}; known: {known}")
        if transport == "stdio":
            from .wires import StdioWire

            async with StdioWire(max_message_bytes=self.limits.max_request_bytes) as streams:
                await self._wire.run(*streams, self._wire.create_initialization_options())
            # Whoever was asked is gone.
            self._calls.close()
            return
        async with self.listening(
            host=host,
            port=port,
            allowed_hosts=allowed_hosts,
            allowed_origins=allowed_origins,
            allow_unauthenticated=allow_unauthenticated,
        ) as address:
            sys.stderr.write(f"{self.name} listens on {address}/mcp (SSE: {address}/sse)\n")
            await asyncio.Event().wait()

    def listening(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_hosts: Sequence[str] | None = None,
        allowed_origins: Sequence[str] = (),
        allow_unauthenticated: bool = False,
    ) -> AbstractAsyncContextManager[str]:
        """Serve over HTTP inside an ``async with`` block, whose value is ``http://host:port``.

        Args:
            host: Address to listen on.
            port: Port; 0 for any that is free.
            allowed_hosts: As :meth:`run` takes them.
            allowed_origins: As :meth:`run` takes them.
            allow_unauthenticated: As :meth:`run` takes it.

        Raises:
            ConfigurationError: As :meth:`run` does.
        """
        from .listening import Listening

        app = self._app(host, allowed_hosts, allowed_origins, allow_unauthenticated)
        return Listening(app, host=host, port=port, before_stop=lambda: self._end_sessions(app))

    def get_asgi_app(
        self,
        *,
        allowed_hosts: Sequence[str] | None = None,
        allowed_origins: Sequence[str] = (),
        allow_unauthenticated: bool = False,
    ) -> Starlette:
        """The server as an ASGI app, to run with uvicorn or to mount in another app.

        Streamable HTTP is at ``/mcp``, SSE at ``/sse`` with ``/messages/``. Unlike in the
        reference package, clients may use the names of this machine only until
        ``allowed_hosts`` names others, and then need a token.

        Args:
            allowed_hosts: Host names that clients may use, such as ``tools.example.com``.
            allowed_origins: Web origins whose pages may call the server.
            allow_unauthenticated: Ask for no tokens, because the app around this one checks who
                calls.

        Raises:
            ConfigurationError: If strangers could use the tools.
        """
        return self._app(None, allowed_hosts, allowed_origins, allow_unauthenticated)

    def _app(
        self, host: str | None, hosts: Sequence[str] | None, origins: Sequence[str], is_open: bool
    ) -> Starlette:
        from .bearers import BearerGate
        from .guards import policy_of
        from .http import asgi_app

        gate = BearerGate.of(self._auth, self._auth_settings) if self._auth is not None else None
        policy = policy_of(
            host,
            allowed_hosts=hosts,
            allowed_origins=origins,
            has_auth=gate is not None,
            allow_unauthenticated=is_open,
        )
        return asgi_app(self._wire, limits=self.limits, policy=policy, gate=gate)

    def _end_sessions(self, app: Starlette) -> None:
        self._calls.close()
        self._notices.close()
        app.state.end_sessions()
