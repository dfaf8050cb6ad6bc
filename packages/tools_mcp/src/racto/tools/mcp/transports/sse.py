"""The older HTTP transport: one stream of events for what comes, one POST for each that goes.

The SDK's own refuses events of more than 1 MiB, and leaves a caller waiting when his POST fails;
this one does neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urljoin, urlsplit

import anyio
import httpx2
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage

from racto.core import InvalidResponseError
from racto.tools.mcp.configs import MCPClientConfig

from .clients import http_client
from .mending import Item
from .streams import AsyncClosing, AsyncIncoming, parsed


def events(
    config: MCPClientConfig, ended: asyncio.Event, *, auth: httpx2.Auth | None = None
) -> AbstractAsyncContextManager[TransportStreams]:
    """A transport over SSE.

    Args:
        config: Where the server listens, and the limits.
        ended: Set when the stream of events ends.
        auth: An authentication flow such as OAuth.
    """
    return _events(config, ended, auth)


@asynccontextmanager
async def _events(
    config: MCPClientConfig, ended: asyncio.Event, auth: httpx2.Auth | None
) -> AsyncGenerator[TransportStreams]:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    async with (
        http_client(config, auth) as client,
        client.stream("GET", str(config.url), headers=headers) as response,
    ):
        try:
            # A redirect is an error too: headers and tokens were meant for this address.
            response.raise_for_status()
            source = httpx2.EventSource(response, max_event_size=config.max_message_bytes)
            reading = _Events(aiter(source), config, ended)
            yield reading, _Posts(client, await reading.endpoint())
        finally:
            ended.set()


class _Events(AsyncIncoming[Item]):
    """Events of the stream as messages."""

    def __init__(
        self,
        source: AsyncIterator[httpx2.ServerSentEvent],
        config: MCPClientConfig,
        ended: asyncio.Event,
    ) -> None:
        self._source, self._config, self._ended = source, config, ended
        self._label = config.label

    async def endpoint(self) -> str:
        """Where to send messages: the first event says it.

        Raises:
            InvalidResponseError: If it does not, or names another server.
        """
        async for event in self._source:
            if event.event == "endpoint":
                target = urljoin(str(self._config.url), event.data)
                if _origin(target) != _origin(str(self._config.url)):
                    raise self._nonsense("wants its messages sent to another server")
                return target
        raise self._nonsense("closed the stream before it said where to send messages")

    async def receive(self) -> Item:
        try:
            async for event in self._source:
                item = parsed(event.data, self._label) if event.event == "message" else None
                if item is not None:
                    return item
        except BaseException:
            self._ended.set()
            raise
        self._ended.set()
        raise anyio.EndOfStream

    def _nonsense(self, what: str) -> InvalidResponseError:
        label = self._config.label
        return InvalidResponseError(f"MCP server {label!r} {what}", provider=label)


class _Posts(AsyncClosing):
    """Messages as POST requests."""

    def __init__(self, client: httpx2.AsyncClient, endpoint: str) -> None:
        self._client, self._endpoint = client, endpoint

    async def send(self, item: SessionMessage, /) -> None:
        """Send one message, and wait until the server has taken it.

        Raises:
            httpx2.HTTPError: If it does not take it.
        """
        text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
        headers = {"Content-Type": "application/json"}
        response = await self._client.post(self._endpoint, content=text, headers=headers)
        response.raise_for_status()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
