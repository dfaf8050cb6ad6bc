"""A lasting connection to one server, for whoever needs it: any task, any loop, any thread.

It lives on the loop that opened it. Calls from there are plain awaits; calls from other loops and
from threads are handed over, and their cancellation with them.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from racto.core import portals
from racto.tools.mcp.configs import MCPClientConfig
from racto.tools.mcp.failures import ConnectionClosedError
from racto.tools.mcp.interactions import Interactions

from .requests import AsyncRequests
from .standing import Standing

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

_log = logging.getLogger("racto.tools.mcp")


class Connection:
    """A connection that survives the deaths of its server.

    Args:
        config: How to reach the server.
        interactions: What the server may ask of the client, and tell it.
        auth: An authentication flow for HTTP.

    Attributes:
        standing: Where it stands.
    """

    def __init__(
        self,
        config: MCPClientConfig,
        interactions: Interactions | None = None,
        *,
        auth: httpx2.Auth | None = None,
    ) -> None:
        self.config = config
        self.standing = Standing()
        self._interactions = interactions or Interactions()
        self._auth = auth
        self._guard = threading.Lock()
        self._home: AsyncRequests | None = None
        self._openers = 0
        self._release: weakref.finalize[..., Connection] | None = None

    @property
    def home(self) -> AsyncRequests | None:
        """The part that lives on a loop, if that loop still exists."""
        home = self._home
        return None if home is None or home.loop.is_closed() else home

    def open(self) -> None:
        """Open it on racto's private loop, or where it is open already."""
        home = self.home
        if home is not None:
            home.wait(home.open)
        else:
            portals.wait(self.aopen)

    async def aopen(self) -> None:
        """Open it on the running loop, or where it is open already."""
        home = self._settled()
        with self._guard:
            self._openers += 1
        try:
            await home.run(home.open)
        except BaseException:
            # Not tied to a loop that may end soon; the next try may come from elsewhere. Others
            # who are opening it just now still need it.
            if home.session is None and self._openers == 1:
                self._leave(home)
            raise
        finally:
            with self._guard:
                self._openers -= 1

    def close(self) -> None:
        """End the session and wait until nothing is left of it; twice is fine."""
        home = self.home
        if home is not None:
            home.wait(home.close)
            self._leave(home)

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        home = self.home
        if home is not None:
            await home.run(home.close)
            self._leave(home)

    def use(
        self,
        work: Callable[[AsyncRequests], Coroutine[Any, Any, T]],
        *,
        opens: bool = False,
        once: bool = False,
    ) -> T:
        """Do something with the connection, and block.

        Args:
            work: Done on the connection's loop.
            opens: Whether to open it on racto's private loop when it is closed, and keep it.
            once: Whether to open it when it is closed, and close it again.

        Raises:
            ConnectionClosedError: If it is closed, and neither is set.
        """
        home = self.home
        if home is not None:
            return home.wait(lambda: work(home))
        self._check(opens or once)
        self.open()
        try:
            return self.use(work)
        finally:
            if once:
                self.close()

    async def ause(
        self,
        work: Callable[[AsyncRequests], Coroutine[Any, Any, T]],
        *,
        opens: bool = False,
        once: bool = False,
    ) -> T:
        """Async twin of :meth:`use`."""
        home = self.home
        if home is not None:
            return await home.run(lambda: work(home))
        self._check(opens or once)
        # On the private loop, because this one may end long before whoever keeps the connection.
        await asyncio.to_thread(self.open)
        try:
            return await self.ause(work)
        finally:
            if once:
                await self.aclose()

    def check_elsewhere(self) -> None:
        """Do nothing, unless a blocking call from here would wait for itself.

        Raises:
            RuntimeError: If the connection lives on the loop that runs in this thread.
        """
        home = self.home
        if home is not None:
            home.check_elsewhere()

    def _settled(self) -> AsyncRequests:
        """The home that exists, or one on the running loop."""
        with self._guard:
            home = self.home
            if home is None:
                home = self._home = AsyncRequests(
                    self.config, self._interactions, standing=self.standing, auth=self._auth
                )
                self._release = weakref.finalize(self, home.let_go)
                # At exit it would only begin what there is no time to finish.
                self._release.atexit = False
                _at_exit.watch(home)
            return home

    def _leave(self, home: AsyncRequests) -> None:
        with self._guard:
            if self._home is home:
                self._home = None
                if self._release is not None:
                    self._release.detach()

    def _check(self, opens: bool) -> None:
        if not opens:
            raise ConnectionClosedError(
                f"the client of MCP server {self.config.label!r} is not open: use it inside "
                "`async with client:` or `with client:`",
                provider=self.config.label,
            )


class _AtExit:
    """Ends the sessions on racto's private loop before the interpreter ends, and their servers."""

    def __init__(self) -> None:
        self._homes: weakref.WeakSet[AsyncRequests] = weakref.WeakSet()
        self._is_registered = False

    def watch(self, home: AsyncRequests) -> None:
        if threading.current_thread() is threading.main_thread():
            # The user's own loop ends its tasks itself.
            return
        self._homes.add(home)
        if not self._is_registered:
            # Only now: what is registered last runs first, and the loop must still run then.
            atexit.register(self.run)
            self._is_registered = True

    def run(self) -> None:
        for home in list(self._homes):
            if home.session is not None and home.loop.is_running():
                _log.debug("closing a session that was left open")
                with contextlib.suppress(Exception):
                    home.wait(home.close)


_at_exit = _AtExit()
