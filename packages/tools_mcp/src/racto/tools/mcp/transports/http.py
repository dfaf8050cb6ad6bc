"""Streamable HTTP, as the SDK speaks it, over a client of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from racto.tools.mcp.configs import MCPClientConfig

from .clients import http_client
from .streams import Watching


def streamable(
    config: MCPClientConfig, ended: asyncio.Event, *, auth: httpx2.Auth | None = None
) -> AbstractAsyncContextManager[TransportStreams]:
    """A transport over streamable HTTP.

    Args:
        config: Where the server listens, and the limits.
        ended: Set when the transport ends.
        auth: An authentication flow such as OAuth.
    """
    return _streamable(config, ended, auth)


@asynccontextmanager
async def _streamable(
    config: MCPClientConfig, ended: asyncio.Event, auth: httpx2.Auth | None
) -> AsyncGenerator[TransportStreams]:
    async with http_client(config, auth) as client:
        inner = streamable_http_client(
            str(config.url), http_client=client, max_sse_event_size=config.max_message_bytes
        )
        async with Watching(inner, ended, label=config.label) as streams:
            yield streams
