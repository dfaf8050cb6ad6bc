"""Calls to a provider in both voices: streamed, retried, under one deadline, with racto's errors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.protocols.codecs import RequestCodec
from racto.core.retries import RetryPolicy, retrying

from .api_keys import Server
from .call_failures import invalid, translating
from .calls import MOST_REDIRECTS, Call, Collected, Reply, built, onward, timeout_of
from .downloads import PartialFile
from .http_clients import HTTPClients

if TYPE_CHECKING:
    import httpx2


class ProviderClient:
    """Calls one server; safe to share between threads and event loops.

    Args:
        server: Whom to call.
        codec: Knows the provider's errors.
        timeout: Seconds that may pass without a byte; for calls that stream nothing, in all.
        retries: How often to call again after a passing error.
        transport: What carries plain calls; httpx2's own when None.
        atransport: What carries async calls; httpx2's own when None.
    """

    def __init__(
        self,
        server: Server,
        codec: RequestCodec,
        *,
        timeout: float,
        retries: RetryPolicy,
        transport: httpx2.BaseTransport | None = None,
        atransport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.server = server
        self.retries = retries
        self._codec = codec
        self._timeout = timeout
        self._clients = HTTPClients(transport=transport, atransport=atransport)

    def once(self, call: Call, deadline: Deadline = NO_DEADLINE) -> Flow[Reply]:
        """Make a call that must not be repeated without a thought.

        Args:
            call: The call.
            deadline: When to give up.

        Raises:
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        return step(self._send, self._asend, call, deadline)

    def ask(self, call: Call, deadline: Deadline = NO_DEADLINE) -> Flow[dict[str, Any]]:
        """Make a call that may be repeated, and read its answer.

        Args:
            call: The call.
            deadline: When to give up, retries included.

        Raises:
            InvalidResponseError: If the answer is no JSON object.
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        reply = yield from retrying(
            lambda: self.once(call, deadline), self.retries, deadline=deadline
        )
        return self.read(call, reply)

    def read(self, call: Call, reply: Reply) -> dict[str, Any]:
        """The JSON object of a reply.

        Args:
            call: What was asked.
            reply: What came back.

        Raises:
            InvalidResponseError: If it is none.
        """
        try:
            data = orjson.loads(reply.body)
        except orjson.JSONDecodeError as error:
            raise invalid(
                self.server, call.name, "the answer is no JSON", body=reply.body
            ) from error
        if not isinstance(data, dict):
            raise invalid(self.server, call.name, "the answer is no JSON object", body=reply.body)
        return data

    def save(self, call: Call, target: Path, deadline: Deadline = NO_DEADLINE) -> Flow[Path]:
        """Download a file; what broke off is continued, for as long as it gets any further.

        Args:
            call: Asks for the file.
            target: Where it shall be; nothing happens when it is there.
            deadline: When to give up.

        Raises:
            RactoGatewayError: What the server answered, or what became of the connection.
            OSError: If the disk does not take it.
        """
        if target.exists():
            return target
        part = PartialFile(target, provider=self.server.provider)
        try:
            while True:
                had = part.size
                try:
                    yield from retrying(
                        lambda: step(self._fill, self._afill, call, part, deadline),
                        self.retries,
                        deadline=deadline,
                    )
                    return (yield from step(part.keep, part.akeep))
                except RactoGatewayError as error:
                    # A long file on a bad line needs more tries than a short call.
                    if not error.retryable or part.size <= had or deadline.expired:
                        raise
        finally:
            part.drop()

    def close(self) -> None:
        """Close the connections of plain calls, and let event loops close theirs."""
        self._clients.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._clients.aclose()

    # -- one call in two voices --------------------------------------------------------------

    def _send(self, call: Call, deadline: Deadline) -> Reply:
        bound = self._bound(call, deadline)
        with (
            translating(self.server, call.name),
            closing(self._open(call, bound)) as response,
        ):
            return self._collected(call, response, bound).reply()

    async def _asend(self, call: Call, deadline: Deadline) -> Reply:
        import asyncio

        bound = self._bound(call, deadline)
        with translating(self.server, call.name):
            async with (
                asyncio.timeout(bound.timeout()),
                aclosing(await self._aopen(call, bound)) as response,
            ):
                return (await self._acollected(call, response)).reply()

    def _fill(self, call: Call, part: PartialFile, deadline: Deadline) -> None:
        with (
            translating(self.server, call.name),
            closing(self._open(call, deadline, part.headers())) as response,
        ):
            if _is_no_file(response):
                raise self._collected(call, response, deadline).refusal()
            part.begin(response.status_code, response.headers)
            for piece in response.iter_bytes():
                part.write(piece)
                deadline.check(call.name)

    async def _afill(self, call: Call, part: PartialFile, deadline: Deadline) -> None:
        import asyncio

        with translating(self.server, call.name):
            async with (
                asyncio.timeout(deadline.timeout()),
                aclosing(await self._aopen(call, deadline, part.headers())) as response,
            ):
                if _is_no_file(response):
                    raise (await self._acollected(call, response)).refusal()
                part.begin(response.status_code, response.headers)
                async for piece in response.aiter_bytes():
                    await asyncio.to_thread(part.write, piece)

    def _collected(self, call: Call, response: httpx2.Response, bound: Deadline) -> Collected:
        collected = Collected(self.server, self._codec, call=call, response=response)
        for piece in response.iter_bytes():
            collected.take(piece)
            # The timeouts of the library begin anew with every piece; this one does not.
            bound.check(call.name)
            if collected.is_enough:
                break
        return collected

    async def _acollected(self, call: Call, response: httpx2.Response) -> Collected:
        collected = Collected(self.server, self._codec, call=call, response=response)
        async for piece in response.aiter_bytes():
            collected.take(piece)
            if collected.is_enough:
                break
        return collected

    def _open(
        self, call: Call, bound: Deadline, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """An open response, behind any redirects."""
        client = self._clients.client()
        content = call.body.pieces(bound) if call.body else None
        request = self._request(client, call, bound, content, headers)
        for _ in range(MOST_REDIRECTS + 1):
            response = client.send(request, stream=True)
            following = onward(self.server, call, request, response)
            if following is None:
                return response
            response.close()
            request = following
        raise invalid(self.server, call.name, f"more than {MOST_REDIRECTS} redirects")

    async def _aopen(
        self, call: Call, bound: Deadline, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        client = await self._clients.aclient()
        content = call.body.apieces(bound) if call.body else None
        request = self._request(client, call, bound, content, headers)
        for _ in range(MOST_REDIRECTS + 1):
            response = await client.send(request, stream=True)
            following = onward(self.server, call, request, response)
            if following is None:
                return response
            await response.aclose()
            request = following
        raise invalid(self.server, call.name, f"more than {MOST_REDIRECTS} redirects")

    def _request(
        self,
        client: httpx2.Client | httpx2.AsyncClient,
        call: Call,
        bound: Deadline,
        content: Any,
        headers: Mapping[str, str] | None,
    ) -> httpx2.Request:
        timeout = timeout_of(self._timeout, bound)
        return built(client, self.server, call, timeout=timeout, content=content, headers=headers)

    def _bound(self, call: Call, deadline: Deadline) -> Deadline:
        # An upload may take hours, as long as it moves.
        return deadline if call.body else deadline.child(self._timeout)


def _is_no_file(response: httpx2.Response) -> bool:
    # Nothing behind the end of what is there already: that is for the partial file to judge.
    return response.status_code >= 300 and response.status_code != 416
