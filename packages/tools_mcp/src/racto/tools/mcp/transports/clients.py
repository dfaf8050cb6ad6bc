"""The HTTP client of a session: its headers, its limits, and a note of how each exchange ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextvars import ContextVar

import httpx2

from racto.core import InvalidResponseError
from racto.tools.mcp.configs import MCPClientConfig

# Enough for a fleet of parallel calls without a new connection for each.
_CONNECTIONS = 100


class Exchange:
    """The HTTP answer to the latest request of one call.

    Attributes:
        status: Its status code; 0 before there is one.
        retry_after: What it says of trying again.
    """

    __slots__ = ("retry_after", "status")

    def __init__(self) -> None:
        self.status = 0
        self.retry_after: str | None = None


exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""Where the answer to this call's request is noted; the SDK tells no status code."""


def noted() -> Exchange:
    """Begin to note the exchanges of the current call."""
    found = Exchange()
    exchange.set(found)
    return found


def http_client(config: MCPClientConfig, auth: httpx2.Auth | None = None) -> httpx2.AsyncClient:
    """A client for one session; the caller enters and leaves it.

    Args:
        config: URL, headers, token and limits.
        auth: An authentication flow such as OAuth.
    """
    headers = dict(config.headers)
    if config.token is not None:
        headers["Authorization"] = f"Bearer {config.token.get_secret_value()}"
    # Nothing packed: a few kilobytes could unpack to more than memory holds.
    headers["Accept-Encoding"] = "identity"

    async def inspect(response: httpx2.Response) -> None:
        _note(response)
        _bound(response, config)

    return httpx2.AsyncClient(
        headers=headers,
        auth=auth,
        # How long an answer may take is the call's affair, and its clock can stand still.
        timeout=httpx2.Timeout(config.open_timeout, read=None, pool=None),
        limits=httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
        event_hooks={"response": [inspect]},
    )


def _note(response: httpx2.Response) -> None:
    found = exchange.get()
    if found is not None:
        found.status = response.status_code
        found.retry_after = response.headers.get("retry-after")


def _bound(response: httpx2.Response, config: MCPClientConfig) -> None:
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        raise InvalidResponseError(
            f"MCP server {config.label!r} answered with Content-Encoding {coding!r}, which was not "
            "asked for and is not unpacked",
            provider=config.label,
            status_code=response.status_code,
        )
    # The SDK bounds the events of a stream, and reads any other body whole.
    kind = response.headers.get("content-type", "")
    if not kind.startswith("text/event-stream") and isinstance(
        response.stream, httpx2.AsyncByteStream
    ):
        response.stream = _Bounded(response.stream, config)


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error where it grows too large."""

    def __init__(self, inner: httpx2.AsyncByteStream, config: MCPClientConfig) -> None:
        self._inner, self._config = inner, config

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._config.max_message_bytes
        async for piece in self._inner:
            left -= len(piece)
            if left < 0:
                raise InvalidResponseError(
                    f"MCP server {self._config.label!r} answered with more than "
                    f"{self._config.max_message_bytes:,} bytes; allow more with "
                    "max_message_bytes=, or ask for less",
                    provider=self._config.label,
                )
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
