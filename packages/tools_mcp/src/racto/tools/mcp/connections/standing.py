"""Where a connection stands, and what was asked of it: all that outlives its sessions."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from racto.core import RactoGatewayError
from racto.tools.mcp.interactions import LogLevel

ConnectionState: TypeAlias = Literal["closed", "opening", "open", "lost", "failed"]
"""Where a connection stands; the next call opens one that was ``lost`` or ``failed``."""


class Standing:
    """What outlives a session, and may be read from any thread.

    Attributes:
        state: Where the connection stands.
        error: Why it was lost or could not be opened; None when all is well.
        subscriptions: Resources whose changes are wanted.
        log_level: The level that was asked for last.
        aliases: Remote names of tools by their names here, where the two differ.
        outputs: Output schemas by remote names, of the tools that were listed last.
    """

    def __init__(self) -> None:
        self.state: ConnectionState = "closed"
        self.error: RactoGatewayError | None = None
        self.subscriptions: set[str] = set()
        self.log_level: LogLevel | None = None
        self.aliases: dict[str, str] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
