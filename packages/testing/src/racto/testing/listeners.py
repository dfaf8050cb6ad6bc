"""A thread with an event loop of its own that listens on one port of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable

from racto.core.errors import ConfigurationError

from .connections import Connection
from .exchange import Incoming, Outgoing

# This machine alone: what a test says to its fake model is nobody else's business.
ADDRESS = "127.0.0.1"
_HIGHEST_PORT = 65535
# Clients that may wait to be let in, as when a test starts hundreds at once.
_BACKLOG = 1024


class Listener:
    """Accepts connections from the moment it is made until it is closed.

    Args:
        port: Port to listen on; 0 takes a free one.
        answer: Answers a request; called on the listener's thread, and cancelled when the
            client leaves.
        blame: Takes what was raised while an answer was on its way.
        body_limit: Most bytes of a request's body.

    Raises:
        ConfigurationError: If the port cannot be had.

    Attributes:
        port: The port it listens on.
        accepted: Connections that ever came.
    """

    def __init__(
        self,
        port: int,
        *,
        answer: Callable[[Incoming], Awaitable[Outgoing]],
        blame: Callable[[BaseException], None],
        body_limit: int,
    ) -> None:
        self.answer = answer
        self.blame = blame
        self.body_limit = body_limit
        self.accepted = 0
        self._connections: set[Connection] = set()
        # Bound and listening before the thread runs, so that nobody can come too early.
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        self._closing = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        name = f"racto-testing-{self.port}"
        # A daemon, so that a server that nobody closed cannot keep the interpreter from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def open(self) -> int:
        """Connections that stand now."""
        return len(self._connections)

    def arrived(self, connection: Connection) -> None:
        """Count a connection."""
        self.accepted += 1
        self._connections.add(connection)

    def left(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def close(self, *, seconds: float) -> bool:
        """End all connections and the thread; calling it twice does no harm.

        Args:
            seconds: Longest wait for the thread, which an answer may hold up.

        Returns:
            Whether the thread has ended.
        """
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        server = await self._loop.create_server(
            lambda: Connection(self), sock=self._socket, backlog=_BACKLOG
        )
        await self._closing.wait()
        # A closed server drops clients that it has accepted but not yet served, and leaks their
        # sockets: nobody is let in any more, then all who are in leave, then it is closed.
        self._loop.remove_reader(self._socket)
        this = asyncio.current_task()
        while others := asyncio.all_tasks() - {this}:
            for connection in tuple(self._connections):
                connection.abort()
            await asyncio.wait(others)
        server.close()
        await server.wait_closed()


def _listening(port: int) -> socket.socket:
    try:
        if not 0 <= port <= _HIGHEST_PORT:
            raise ValueError(f"ports go from 0 to {_HIGHEST_PORT}")
        return socket.create_server((ADDRESS, port), backlog=_BACKLOG)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot listen on {ADDRESS}:{port} ({error}); take another port, or 0 for a free one"
        ) from error
