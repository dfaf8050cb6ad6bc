"""The end of a login: a listener on this machine that takes one redirect from the browser.

RFC 8252 calls it a loopback redirect. Only programs on this machine can reach it, and only whoever
knows its path is heard; whether the redirect is the right one, the OAuth flow checks.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from racto.core import ConfigurationError

_HOST = "127.0.0.1"
# An authorization code is at most a few hundred characters long.
_LARGEST_HEAD = 16 * 1024
_SLOWEST = 10.0
_MOST_CONNECTIONS = 32

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font:1.1rem sans-serif;margin:3rem"><h1>{title}</h1><p>{text}</p></body></html>
"""


class RedirectListener:
    """Listens on 127.0.0.1 inside an ``async with`` block, until one redirect has come.

    Args:
        port: Port; 0 for any that is free.
        path: Path that is listened to, and no other; a random one when empty.

    Attributes:
        parameters: The query of the redirect, once it has come.

    Raises:
        ConfigurationError: On entry, if the port is taken.
    """

    def __init__(self, *, port: int = 0, path: str = "") -> None:
        self._port = port
        self._path = path or f"/{secrets.token_urlsafe(24)}"
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the browser is to be sent."""
        return f"http://{_HOST}:{self._port}{self._path}"

    async def __aenter__(self) -> Self:
        self.parameters: asyncio.Future[dict[str, str]]
        self.parameters = asyncio.get_running_loop().create_future()
        try:
            self._server = await asyncio.start_server(
                self._serve, _HOST, self._port, limit=_LARGEST_HEAD
            )
        except OSError as error:
            raise ConfigurationError(
                f"port {self._port} of {_HOST}, where the browser is to return after the login, "
                f"cannot be listened on: {error.strerror or error}; choose another with port="
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.parameters.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= _MOST_CONNECTIONS:
            writer.close()
            return
        self._tasks.add(task)
        try:
            async with asyncio.timeout(_SLOWEST):
                await self._answer(reader, writer)
        # What comes from a browser that hangs up, or from a stranger, concerns nobody.
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found: dict[str, str] | None = None
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            status = "431 Request Header Fields Too Large"
            title, text = "Too large", "This is no redirect of a login."
        else:
            status, title, text, found = self._verdict(head)
        writer.write(_response(status, title, text))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        # Only now: the listener, and its connections, go away as soon as this is known.
        if found is not None and not self.parameters.done():
            self.parameters.set_result(found)

    def _verdict(self, head: bytes) -> tuple[str, str, str, dict[str, str] | None]:
        """Status, title and text of the page, and the query when this is the redirect."""
        asked = re.match(rb"GET (/[!-~]*) HTTP/1\.[01]\r\n", head)
        path, _, rest = (asked[1] if asked else b"").decode("ascii").partition("?")
        if not secrets.compare_digest(path, self._path):
            return "404 Not Found", "Nothing here", "There is nothing at this address.", None
        query = {name: values[0] for name, values in parse_qs(rest).items()}
        if "error" in query:
            text = "The program was told. You can close this window."
            return "200 OK", "The login did not take place", text, query
        if "code" in query:
            text = "You can close this window and go back to the program."
            return "200 OK", "The login was received", text, query
        return "400 Bad Request", "Incomplete", "This address lacks the answer of a login.", None


def _response(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=title, text=text).encode()
    headers = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "Cache-Control: no-store",
        # The address holds the code, which must not travel on, and the page needs nothing.
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
    )
    return "\r\n".join((*headers, "", "")).encode() + body
