"""A server that listens on a port of this machine, from a block's beginning to its end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from racto.core.errors import ConfigurationError

_GRACE = 2
_BACKLOG = 512


class Listening:
    """Serves an app inside an ``async with`` block, whose value is ``http://host:port``.

    Args:
        app: The app.
        host: Address to listen on.
        port: Port; 0 for any that is free.
        before_stop: Ends what keeps connections open, before they are waited for.

    Raises:
        ConfigurationError: On entry, if the address cannot be listened on.
    """

    def __init__(
        self, app: ASGIApp, *, host: str, port: int, before_stop: Callable[[], None]
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._before_stop = before_stop

    async def __aenter__(self) -> str:
        self._socket = _bound(self._host, self._port)
        self._server = _Server(
            uvicorn.Config(
                self._app,
                # How a program logs is its own business.
                log_config=None,
                access_log=False,
                ws="none",
                # Clients keep connections between calls; one that closes meets their next request.
                timeout_keep_alive=75,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._task = asyncio.get_running_loop().create_task(self._server.serve([self._socket]))
        try:
            await asyncio.wait(
                {self._task, self._server.ready}, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            await self.__aexit__()
            raise
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._before_stop()
        self._server.should_exit = True
        # The stop itself must not be cut short: sockets and sessions would stay open.
        await asyncio.shield(self._task)
        self._socket.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set_result(None)

    # Signals belong to the program around the block; it ends the block, and that ends this.
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's delay off: 40 ms less for each answer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        made.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from error
    # As the loop wants it.
    made.setblocking(False)
    return made
