"""Requests to a provider and their replies as bytes, under one deadline, every error translated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import aclosing, closing, contextmanager
from dataclasses import replace
from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.retries import Deadline
from racto.providers.kits.wires import WireReply, WireRequest

from .bounds import reads_end
from .clients import Clients
from .credentials import secrets_in
from .dialers import Dialer
from .failures import Translator, request_id_of
from .http import httpx
from .sources import AsyncResponseEvents, Framing, ResponseEvents

LARGEST_REPLY = 256 * 2**20
"""Most bytes of a whole reply; a server that never ends must not fill the memory."""

_LONGEST_ERROR = 256 * 1024


class HTTPTransport:
    """Carries requests to a provider; keeps :class:`~racto.providers.kits.Transport`.

    Args:
        dialer: Makes clients and calls.
        translator: Makes the errors.
        framing: How events are told apart in a streamed body.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.
    """

    def __init__(
        self,
        dialer: Dialer,
        translator: Translator,
        *,
        framing: Framing = Framing.SSE,
        connect_timeout: float = 5.0,
        read_timeout: float | None = None,
    ) -> None:
        self._dialer = dialer
        self._clients = Clients(dialer)
        self._translator = translator
        self._framing = framing
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def send(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Make one call; a reply that trickles in is left when the deadline passes.

        What it takes to load an SDK, once a process, does not count.
        """
        deadline = _later(deadline, self._clients.load())
        with (
            self._translating(),
            reads_end(deadline),
            closing(self._dialled(request, deadline)) as response,
        ):
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                self._check_size(body, response)
            return _reply(response, bytes(body))

    async def asend(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Async twin of :meth:`send`."""
        import asyncio

        deadline = _later(deadline, await self._clients.aload())
        with self._translating():
            # The HTTP timeouts begin anew with every read; this one does not.
            async with (
                asyncio.timeout(deadline.timeout()),
                aclosing(await self._adialled(request, deadline)) as response,
            ):
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    self._check_size(body, response)
                return _reply(response, bytes(body))

    def open(self, request: WireRequest, deadline: Deadline) -> ResponseEvents:
        """Begin one streamed call."""
        deadline = _later(deadline, self._clients.load())
        with self._translating(), reads_end(deadline):
            response = self._dialled(request, deadline)
            if not _is_event_stream(response):
                with closing(response):
                    raise self._no_stream(response, _beginning(response))
        return ResponseEvents(response, self._translator, deadline=deadline, framing=self._framing)

    async def aopen(self, request: WireRequest, deadline: Deadline) -> AsyncResponseEvents:
        """Async twin of :meth:`open`."""
        import asyncio

        deadline = _later(deadline, await self._clients.aload())
        with self._translating():
            async with asyncio.timeout(deadline.timeout()):
                response = await self._adialled(request, deadline)
                if not _is_event_stream(response):
                    async with aclosing(response):
                        raise self._no_stream(response, await _abeginning(response))
        return AsyncResponseEvents(
            response, self._translator, deadline=deadline, framing=self._framing
        )

    def refused(
        self, status: int | None, headers: Mapping[str, str], body: bytes
    ) -> RactoGatewayError:
        """The error that a refusal reports which came another way, as in a file.

        Args:
            status: HTTP status; None when only the error's body is known.
            headers: Response headers.
            body: The reply's JSON.
        """
        if status is not None:
            return self._translator.refused(status, headers, body)
        found = self._translator.error_in(body) or body.decode("utf-8", "replace")
        return self._translator.reported(found, request_id=request_id_of(headers))

    def close(self) -> None:
        """Give all connections back."""
        self._clients.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._clients.aclose()

    def _dialled(self, request: WireRequest, deadline: Deadline) -> Any:
        """An open response whose status is below 400."""
        response = self._dialer.call(self._clients.client(), request, self._timeout(deadline))
        if response.status_code < 400:
            return response
        with closing(response):
            body = _beginning(response)
        raise self._refused(response, body)

    async def _adialled(self, request: WireRequest, deadline: Deadline) -> Any:
        client = await self._clients.aclient()
        response = await self._dialer.acall(client, request, self._timeout(deadline))
        if response.status_code < 400:
            return response
        async with aclosing(response):
            body = await _abeginning(response)
        raise self._refused(response, body)

    def _refused(self, response: Any, body: bytes) -> RactoGatewayError:
        # What was sent, because some credentials are only found or renewed for the call.
        sent = secrets_in(response.request.headers)
        return self._translator.refused(response.status_code, response.headers, body, secrets=sent)

    def _check_size(self, body: bytearray, response: Any) -> None:
        if len(body) > LARGEST_REPLY:
            raise self._translator.invalid(
                f"the reply is longer than {LARGEST_REPLY} bytes, and was left unread",
                request_id=request_id_of(response.headers),
            )

    def _timeout(self, deadline: Deadline) -> Any:
        # A timeout of zero would put the socket into non-blocking mode.
        deadline.check("the call")
        left = deadline.timeout()
        bounded = self._read_timeout if left is None else min(self._read_timeout or left, left)
        connect = self._connect_timeout if left is None else min(self._connect_timeout, left)
        return httpx().Timeout(left, read=bounded, connect=connect)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except RactoGatewayError:
            raise
        except Exception as error:
            raise self._translator.translated(error) from self._translator.cause(error)

    def _no_stream(self, response: Any, body: bytes) -> RactoGatewayError:
        """The error for a reply that is no event stream: a proxy's page, or an error in JSON."""
        request_id = request_id_of(response.headers)
        error = self._translator.error_in(body)
        if error is not None:
            return self._translator.reported(error, request_id=request_id)
        kind = response.headers.get("content-type")
        return self._translator.invalid(
            f"a stream was asked for, and the reply is {kind}", body=body, request_id=request_id
        )


_STREAMS = frozenset(
    ["text/event-stream", "application/x-ndjson", "text/plain", "application/octet-stream", ""]
)


def _later(deadline: Deadline, seconds: float) -> Deadline:
    return replace(deadline, at=deadline.at + seconds) if seconds else deadline


def _beginning(response: Any) -> bytes:
    """As much of a body as an error needs."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LONGEST_ERROR:
            break
    return bytes(body)


async def _abeginning(response: Any) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _LONGEST_ERROR:
            break
    return bytes(body)


def _is_event_stream(response: Any) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Some servers do not name the type; their body tells soon enough.
    return kind in _STREAMS


def _reply(response: Any, body: bytes) -> WireReply:
    headers = response.headers
    return WireReply(body=body, request_id=request_id_of(headers), headers=dict(headers.items()))
