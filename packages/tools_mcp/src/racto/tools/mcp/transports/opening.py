"""The transport that a configuration asks for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from racto.tools.mcp.configs import MCPClientConfig

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import Transport

    from .lastwords import LastWords


def transport(
    config: MCPClientConfig,
    ended: asyncio.Event,
    *,
    last_words: LastWords,
    auth: httpx2.Auth | None = None,
) -> Transport:
    """Make the transport to a server; nothing is opened yet.

    Args:
        config: How to reach it.
        ended: Set when the server hangs up, whatever the transport.
        last_words: Takes what a local server writes to its error output.
        auth: An authentication flow for HTTP.
    """
    if config.transport == "stdio":
        from .stdio import child

        return child(config, ended, last_words=last_words)
    if config.transport == "sse":
        from .sse import events

        return events(config, ended, auth=auth)
    from .http import streamable

    return streamable(config, ended, auth=auth)
