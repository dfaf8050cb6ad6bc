"""One client's connection: requests in, answers out, one after the other until either side ends."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Protocol, TypeAlias, cast
from urllib.parse import parse_qsl, unquote

import h11

from .delivery import Parting, steps
from .exchange import Incoming, Outgoing

# What a client sends ahead of its turn is read no further than this.
_READ_AHEAD = 256 * 1024
_HEADER_LIMIT = 64 * 1024
# After so many writes other connections get their turn, and a client that left is noticed.
_TURN = 32
_NO_LINGER = struct.pack("ii", 1, 0)

_Event: TypeAlias = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


class Host(Protocol):
    """What stands behind the connections of a server; called on the server's own thread."""

    @property
    def body_limit(self) -> int:
        """Most bytes of a request's body."""
        ...

    def arrived(self, connection: Connection) -> None:
        """A client has connected."""
        ...

    def left(self, connection: Connection) -> None:
        """A connection is gone, whoever ended it."""
        ...

    def answer(self, request: Incoming) -> Awaitable[Outgoing]:
        """The answer to a request; it never raises."""
        ...

    def blame(self, error: BaseException) -> None:
        """Keep what was raised while an answer was on its way, so that the test gets it."""
        ...


class Connection(asyncio.Protocol):
    """Serves one client; asyncio makes one for each that connects.

    A client may hang up at any moment: that ends what was being done for it, and is no error.
    Closing its sending half alone counts as hanging up: on the wire the two look the same.

    Args:
        host: Answers the requests.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADER_LIMIT)
        self._unread = 0
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    # -- what asyncio calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        self._transport = cast("asyncio.Transport", transport)
        # asyncio does it only where the listening socket names its protocol.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host.arrived(self)
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what was being done."""
        self._host.left(self)
        self.task.cancel()

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the parser."""
        self._unread += len(data)
        if self._unread > _READ_AHEAD:
            self._transport.pause_reading()
        self._parser.receive_data(data)
        self._news.set()

    def pause_writing(self) -> None:
        """Wait for a client that reads slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on, the client has caught up."""
        self._writable.set()

    def abort(self) -> None:
        """End the connection now."""
        self._transport.abort()

    # -- one request after the other ---------------------------------------------------------

    async def _serve(self) -> None:
        try:
            while (request := await self._request()) is not None:
                await self._deliver(await self._answer(request), request.method)
                # MUST_CLOSE and the like: the client or its HTTP version want no more.
                if self._parser.our_state is not h11.DONE:
                    break
                self._parser.start_next_cycle()
        except h11.RemoteProtocolError as error:
            self._refuse(error)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            # An event or a header of the test's own making; it must not pass for a cut stream.
            self._host.blame(error)
        finally:
            self._transport.close()

    async def _answer(self, request: Incoming) -> Outgoing:
        if len(request.body) > self._host.body_limit:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        return await self._host.answer(request)

    async def _request(self) -> Incoming | None:
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        body = bytearray()
        while isinstance(piece := await self._event(), h11.Data):
            # A body over the limit is read to its end, or the client could not hear the refusal.
            if len(body) <= self._host.body_limit:
                body += piece.data
        return _incoming(head, bytes(body))

    async def _event(self) -> _Event:
        while (event := self._parser.next_event()) is h11.NEED_DATA:
            if self._parser.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._news.clear()
            self._unread = 0
            self._transport.resume_reading()
            await self._news.wait()
        return event

    async def _deliver(self, answer: Outgoing, method: str) -> None:
        for number, step in enumerate(steps(answer, self._parser, method=method), 1):
            if isinstance(step, bytes):
                self._transport.write(step)
                await self._writable.wait()
                if number % _TURN == 0:
                    await asyncio.sleep(0)
            elif isinstance(step, Parting):
                await self._part(step)
            else:
                await asyncio.sleep(step)

    async def _part(self, parting: Parting) -> None:
        # A reset throws away what was not sent yet, so that all goes out before.
        self._transport.set_write_buffer_limits(high=0)
        await self._writable.wait()
        if parting is Parting.RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

    @property
    def _socket(self) -> socket.socket:
        return cast("socket.socket", self._transport.get_extra_info("socket"))

    def _send(self, event: h11.Event) -> None:
        self._transport.write(self._parser.send(event) or b"")

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._parser.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = _plain(error.error_status_hint, str(error))
            for step in steps(answer, self._parser, method="GET"):
                self._transport.write(cast("bytes", step))


def _incoming(head: h11.Request, body: bytes) -> Incoming:
    headers: dict[str, str] = {}
    for name, value in head.headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    path, _, query = head.target.decode("latin-1").partition("?")
    if not path.startswith("/"):
        # A client that believes us to be a proxy sends the whole address.
        path = f"/{path.partition('://')[2].partition('/')[2]}"
    return Incoming(
        method=head.method.decode("ascii").upper(),
        path=unquote(path),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        target=f"{path}?{query}" if query else path,
        headers=headers,
        body=body,
    )


def _plain(status: int, text: str) -> Outgoing:
    headers = {"content-type": "text/plain", "connection": "close"}
    return Outgoing(status=status, headers=headers, body=text.encode())
