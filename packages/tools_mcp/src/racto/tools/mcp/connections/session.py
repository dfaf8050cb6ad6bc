"""One open session: a task that enters the transport, keeps it, and is the one to leave it.

Transports hold cancel scopes, which must be left by the task that entered them; so nobody else
ever touches them, and calls come from any number of other tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import ExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING

import mcp_types as types
from mcp import Client
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from racto.core import (
    APIConnectionError,
    ConfigurationError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.tools.mcp.auth.patience import standing_still
from racto.tools.mcp.configs import MCPClientConfig
from racto.tools.mcp.failures import is_hanging_up, is_unsent, translated
from racto.tools.mcp.transports.clients import noted
from racto.tools.mcp.transports.lastwords import LastWords
from racto.tools.mcp.transports.opening import transport

from .callbacks import AsyncCallbacks
from .clocks import CallClock
from .listening import AsyncListener

if TYPE_CHECKING:
    import httpx2

# Pinning today's version would skip the question that a server answers with its name.
_MODES = {"auto": "auto", "handshake": "legacy", "modern": "auto"}


class AsyncSession:
    """A session from its opening to its end; it is never opened again.

    Args:
        config: How to reach the server.
        callbacks: What the SDK is given to call.
        auth: An authentication flow for HTTP.

    Attributes:
        client: The SDK's client, once the session is open.
        ended: Set when the server has hung up, or the session is being closed.
        cause: Why it ended, when nobody closed it.
        is_unsent: Whether it ended because the server could not be reached at all.
        has_served: Whether it has answered a call yet.
    """

    client: Client

    def __init__(
        self, config: MCPClientConfig, callbacks: AsyncCallbacks, *, auth: httpx2.Auth | None = None
    ) -> None:
        self.ended = asyncio.Event()
        self.cause: RactoGatewayError | None = None
        self.is_unsent = False
        self.has_served = False
        self._config, self._callbacks, self._auth = config, callbacks, auth
        self._last_words = LastWords(config.label)
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner: asyncio.Task[None] | None = None
        self._news: asyncio.Task[None] | None = None
        self._is_closing = False

    @property
    def is_handshake(self) -> bool:
        """Whether it speaks a protocol that begins with a handshake."""
        return self.client.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS

    def when_over(self, told: Callable[[AsyncSession], None]) -> None:
        """Tell somebody when nothing is left of it; only of a session that was opened."""
        if self._owner is not None:
            self._owner.add_done_callback(lambda _: told(self))

    async def open(self) -> None:
        """Start the owner and wait until the protocol is agreed on.

        Raises:
            RactoGatewayError: If that fails, or takes longer than ``open_timeout``.
        """
        self._owner = asyncio.create_task(self._own(), name=f"mcp-{self._config.label}")
        # Not in the owner itself, which never begins when it is cancelled at once.
        self._owner.add_done_callback(self._settle)
        try:
            await asyncio.shield(self._opened)
        except asyncio.CancelledError:
            # Nobody will use it: let it go, and come back when no process is left of it.
            self._owner.cancel()
            await self.finished()
            raise

    async def close(self) -> None:
        """End it, and come back when nothing is left of it."""
        self.end()
        await self.finished()

    def end(self) -> None:
        """Begin to end it."""
        self._is_closing = True
        self.ended.set()
        # The owner waits for the event only once the session is open.
        if self._owner is not None and not self._opened.done():
            self._owner.cancel()

    async def finished(self) -> None:
        """Wait until the owner has left the transport, so that ``cause`` is known."""
        if self._owner is not None:
            await asyncio.wait([self._owner])

    async def watch(self, uris: Collection[str]) -> None:
        """Hand on news of changes from now on (today's protocol only).

        Args:
            uris: Resources whose changes are wanted, beside those of the lists.
        """
        await self._unwatch()
        listener = AsyncListener(self.client, self._callbacks, uris=tuple(uris))
        name = f"mcp-{self._config.label}-news"
        self._news = asyncio.create_task(listener.listen(), name=name)

    async def _unwatch(self) -> None:
        news, self._news = self._news, None
        if news is not None:
            news.cancel()
            await asyncio.wait([news])

    async def _own(self) -> None:
        exchange = noted()
        # Whatever stops the clocks from further inside, such as a login, finds them here.
        standing_still.set(self._callbacks.clocks.standing_still)
        try:
            await self._live()
        except Exception as error:
            self.is_unsent = is_unsent(error)
            self.cause = (
                self._lost()
                if is_hanging_up(error)
                else translated(
                    error,
                    label=self._config.label,
                    doing="in an open session" if self._opened.done() else "opening a session",
                    exchange=exchange,
                    last_words=self._last_words.text(),
                )
            )
        finally:
            self.ended.set()

    def _settle(self, _owner: object) -> None:
        self.ended.set()
        if not self._opened.done():
            self._opened.set_exception(self.cause or self._lost())
            # Looked at, or asyncio complains of it where nobody waits any more.
            self._opened.exception()

    async def _live(self) -> None:
        ending = self.ended
        way = transport(self._config, ending, last_words=self._last_words, auth=self._auth)
        client = Client(
            way,
            mode=_MODES[self._config.protocol],
            client_info=types.Implementation(name="racto", version=version("racto-tools-mcp")),
            cache=None,
            **self._callbacks.options(),
        )
        clock = CallClock(self._config.open_timeout)
        try:
            with ExitStack() as counted:
                async with clock:
                    counted.enter_context(self._callbacks.clocks.counting(clock))
                    async with client:
                        counted.close()
                        clock.stop()
                        await self._keep(client)
        except TimeoutError as error:
            if not clock.is_up:
                raise
            raise self._too_slow() from error
        if not self._is_closing:
            self.cause = self._lost()

    async def _keep(self, client: Client) -> None:
        self.client = client
        if self.is_handshake and self._config.protocol == "modern":
            raise ConfigurationError(
                f"MCP server {self._config.label!r} speaks {client.protocol_version}, and "
                'protocol="modern" asks for today\'s; allow both with protocol="auto"'
            )
        # The SDK's check runs a server's regular expressions on this loop, which may never end,
        # and lists all tools after a call of one that it does not know; ours does neither.
        client.session.validate_tool_result = _unchecked  # type: ignore[method-assign]
        if not self._opened.done():
            self._opened.set_result(None)
        try:
            await self.ended.wait()
        finally:
            await self._unwatch()

    def _lost(self) -> RactoGatewayError:
        words = self._last_words.text()
        said = f"; its last words were:\n{words}" if words else ""
        return APIConnectionError(
            f"MCP server {self._config.label!r} hung up{self._last_words.ending}{said}",
            provider=self._config.label,
        )

    def _too_slow(self) -> RactoGatewayError:
        words = self._last_words.text()
        said = f"; it said:\n{words}" if words else ""
        return RactoGatewayTimeoutError(
            f"MCP server {self._config.label!r} did not agree on a protocol within "
            f"{self._config.open_timeout:g} s (open_timeout=){said}",
            provider=self._config.label,
        )


async def _unchecked(name: str, result: types.CallToolResult) -> None:
    """Leave the check of a result to whoever asked for it."""
