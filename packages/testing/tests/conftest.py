"""What the tests of all servers share: a client that speaks bytes, to see what really travels."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from racto.testing import LoopbackServer

CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


class Raw:
    """Opens plain connections to servers and keeps them until they are closed."""

    def __init__(self) -> None:
        self._opened: list[socket.socket] = []

    def connect(self, server: LoopbackServer) -> socket.socket:
        """A plain connection to a server."""
        address = urlsplit(server.url)
        made = socket.create_connection((address.hostname or "", address.port or 0), timeout=20)
        self._opened.append(made)
        return made

    def message(
        self, body: Any = ASKED, *, path: str = CHAT, method: str = "POST", **headers: str
    ) -> bytes:
        """A request as bytes; the body as JSON, or as it is."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"host": "x", "authorization": "Bearer test-key"}
        told |= {"content-length": str(len(data))} | headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {told[name]}" for name in told)]
        return "\r\n".join([*lines, "", ""]).encode() + data

    def ask(self, server: LoopbackServer, sent: bytes | None = None) -> bytes:
        """All bytes that come for a request on a connection of its own, until it is closed."""
        connection = self.connect(server)
        connection.sendall(sent or self.message(connection="close"))
        return self.rest(connection)

    def rest(self, connection: socket.socket) -> bytes:
        """All bytes until the other side closes."""
        return b"".join(iter(lambda: connection.recv(65536), b""))

    def until(self, connection: socket.socket, ending: bytes) -> bytes:
        """The bytes up to an ending."""
        found = b""
        while not found.endswith(ending):
            piece = connection.recv(65536)
            assert piece, f"the connection ended after {found!r}"
            found += piece
        return found

    def close(self) -> None:
        """Close all connections."""
        for each in self._opened:
            each.close()


@pytest.fixture
def raw() -> Iterator[Raw]:
    """A client that speaks bytes."""
    made = Raw()
    yield made
    made.close()
