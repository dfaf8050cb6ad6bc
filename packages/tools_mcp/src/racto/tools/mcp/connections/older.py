"""Requests that only servers of older protocols know, without the SDK's warnings about them."""

from __future__ import annotations

import mcp_types as types
from mcp import Client

from racto.tools.mcp.interactions import LogLevel


class AsyncOlderServer:
    """A server of an older protocol, as seen from an open session.

    The SDK's own methods for these requests warn of what an older server still needs.

    Args:
        client: The SDK's client.
    """

    def __init__(self, client: Client) -> None:
        self._session = client.session

    async def set_log_level(self, level: LogLevel) -> None:
        """Ask for log messages from a level on."""
        params = types.SetLevelRequestParams(level=level)
        await self._session.send_request(types.SetLevelRequest(params=params), types.EmptyResult)

    async def subscribe(self, uri: str) -> None:
        """Ask for news of one resource."""
        params = types.SubscribeRequestParams(uri=uri)
        await self._session.send_request(types.SubscribeRequest(params=params), types.EmptyResult)

    async def unsubscribe(self, uri: str) -> None:
        """Ask for no more news of it."""
        request = types.UnsubscribeRequest(params=types.UnsubscribeRequestParams(uri=uri))
        await self._session.send_request(request, types.EmptyResult)

    async def roots_changed(self) -> None:
        """Tell it to ask for the roots again."""
        await self._session.send_notification(types.RootsListChangedNotification())
