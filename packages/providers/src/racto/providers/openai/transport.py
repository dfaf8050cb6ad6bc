"""Requests through the openai SDK's low-level ``post``: its URLs, keys and errors, no models.

Typed models cost tens of milliseconds on a long history and a hundred microseconds on each chunk of
a stream; racto reads the JSON itself. ``make bench PKG=racto-providers`` measures both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing, closing, contextmanager
from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.retries import Deadline
from racto.providers.kits.wires import WireReply, WireRequest

from . import sdk
from .clients import Clients
from .failures import Translator
from .sources import AsyncResponseEvents, ResponseEvents


class OpenAITransport:
    """Carries requests to OpenAI, or to a server that speaks its protocol.

    Keeps :class:`~racto.providers.kits.Transport`.

    Args:
        clients: The SDK clients.
        translator: Makes the errors.
        connect_timeout: Seconds to wait for a connection.
    """

    def __init__(
        self, clients: Clients, translator: Translator, *, connect_timeout: float = 5.0
    ) -> None:
        self._clients = clients
        self._translator = translator
        self._connect_timeout = connect_timeout

    def send(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Make one call; a body that trickles in is left when the deadline passes."""
        with self._translating():
            response = self._clients.client().post(request.path, **self._call(request, deadline))
            body = bytearray()
            with closing(response):
                for piece in response.iter_bytes():
                    body += piece
                    deadline.check("the reply")
        return _reply(response, bytes(body))

    async def asend(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Async twin of :meth:`send`."""
        import asyncio

        with self._translating():
            # The HTTP timeouts begin anew with every read; this one does not.
            async with asyncio.timeout(deadline.timeout()):
                client = await self._clients.aclient()
                response = await client.post(request.path, **self._call(request, deadline))
                async with aclosing(response):
                    body = await response.aread()
        return _reply(response, body)

    def open(self, request: WireRequest, deadline: Deadline) -> ResponseEvents:
        """Begin one streamed call."""
        with self._translating():
            response = self._clients.client().post(request.path, **self._call(request, deadline))
            if not _is_event_stream(response):
                with closing(response):
                    raise self._no_stream(response, response.read())
        return ResponseEvents(response, self._translator)

    async def aopen(self, request: WireRequest, deadline: Deadline) -> AsyncResponseEvents:
        """Async twin of :meth:`open`."""
        import asyncio

        with self._translating():
            async with asyncio.timeout(deadline.timeout()):
                client = await self._clients.aclient()
                response = await client.post(request.path, **self._call(request, deadline))
                if not _is_event_stream(response):
                    async with aclosing(response):
                        raise self._no_stream(response, await response.aread())
        return AsyncResponseEvents(response, self._translator)

    def close(self) -> None:
        """Give all connections back."""
        self._clients.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._clients.aclose()

    def _call(self, request: WireRequest, deadline: Deadline) -> dict[str, Any]:
        # A timeout of zero would put the socket into non-blocking mode.
        deadline.check("the call")
        left = deadline.timeout()
        connect = self._connect_timeout if left is None else min(self._connect_timeout, left)
        return {
            "body": request.body,
            "cast_to": sdk.httpx().Response,
            # Also where the whole reply is wanted: only so can a slow body be left in time.
            "stream": True,
            "options": {"timeout": sdk.httpx().Timeout(left, connect=connect)},
        }

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except RactoGatewayError:
            raise
        except Exception as error:
            raise self._translator.translated(error) from error

    def _no_stream(self, response: Any, body: bytes) -> RactoGatewayError:
        """The error for a reply that is no event stream: a proxy's page, or an error in JSON."""
        import json

        request_id = response.headers.get("x-request-id")
        try:
            data = json.loads(body)
        except ValueError:
            data = None
        if isinstance(data, dict) and data.get("error"):
            return self._translator.reported(data["error"], request_id=request_id)
        kind = response.headers.get("content-type")
        return self._translator.invalid(
            f"a stream was asked for, and the reply is {kind}", body=body, request_id=request_id
        )


def _is_event_stream(response: Any) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Some servers do not name the type; their body tells soon enough.
    return kind in ("text/event-stream", "text/plain", "application/octet-stream", "")


def _reply(response: Any, body: bytes) -> WireReply:
    headers = response.headers
    return WireReply(
        body=body, request_id=headers.get("x-request-id"), headers=dict(headers.items())
    )
