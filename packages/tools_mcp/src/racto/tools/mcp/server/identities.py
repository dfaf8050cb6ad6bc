"""The SDK's low-level server, as this package's servers use it."""

from __future__ import annotations

from typing import Any

from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity


class WireServer(Server[Any]):
    """Tells every client of the handshake era, over every transport, that its lists may change.

    Args:
        name: Name that clients see.
        version: The server's own version.
        description: What it is for.
        instructions: How a model should use it.
    """

    def __init__(
        self, name: str, *, version: str, description: str, instructions: str | None
    ) -> None:
        super().__init__(
            name,
            version=version,
            description=description or None,
            instructions=instructions,
        )
        # What a client carries for the server between two requests comes back as it was given.
        self.middleware.append(
            RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=name)
        )

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """What a client is told at the handshake."""
        changing = NotificationOptions(
            tools_changed=True, resources_changed=True, prompts_changed=True
        )
        return super().create_initialization_options(
            notification_options or changing, experimental_capabilities, extensions
        )
