"""News of changes from servers of today's protocol, which tell them on a stream that one asks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp_types import METHOD_NOT_FOUND

from .callbacks import AsyncCallbacks

_log = logging.getLogger("racto.tools.mcp")

_KINDS: dict[type[Any], str] = {
    ToolsListChanged: "tools",
    ResourcesListChanged: "resources",
    PromptsListChanged: "prompts",
    ResourceUpdated: "resource",
}

# Seconds before a lost stream is asked for again.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class AsyncListener:
    """Hands the news of one session on to the user.

    Args:
        client: An open session of today's protocol.
        callbacks: Tell the user.
        uris: Resources whose changes are wanted, beside those of the lists.
    """

    def __init__(self, client: Client, callbacks: AsyncCallbacks, *, uris: Collection[str]) -> None:
        self._client, self._callbacks, self._uris = client, callbacks, sorted(uris)
        self._wanted = _wanted(client)

    async def listen(self) -> None:
        """Hand news on until the session ends; a stream that is lost is asked for again."""
        if not self._wanted and not self._uris:
            return
        pause, missed = _FIRST_PAUSE, False
        while True:
            try:
                await self._listen_once(missed)
                pause = _FIRST_PAUSE
            except MCPError as error:
                if error.code == METHOD_NOT_FOUND:
                    _log.info("the server offers no news of changes: %s", error)
                    return
                _log.debug("news of changes were interrupted: %s", error)
            except (SubscriptionLost, TimeoutError) as error:
                _log.debug("news of changes were interrupted: %s", error)
            missed = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _listen_once(self, missed: bool) -> None:
        news = self._client.listen(**self._wanted, resource_subscriptions=self._uris)
        async with news as events:
            if missed:
                # Nothing is replayed, so whatever is listed may have changed meanwhile.
                for name in self._wanted:
                    await self._callbacks.changed(name.removesuffix("_list_changed"))
            async for event in events:
                await self._callbacks.changed(_KINDS[type(event)], getattr(event, "uri", ""))


def _wanted(client: Client) -> dict[str, bool]:
    said = client.server_capabilities
    found = {
        "tools_list_changed": said.tools is not None and bool(said.tools.list_changed),
        "resources_list_changed": said.resources is not None and bool(said.resources.list_changed),
        "prompts_list_changed": said.prompts is not None and bool(said.prompts.list_changed),
    }
    return {name: True for name, is_told in found.items() if is_told}
