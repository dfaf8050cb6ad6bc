"""How to reach an MCP server, and what a server says of itself: frozen, checked on creation."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from racto.core import ConfigurationError, RetryPolicy

TransportName: TypeAlias = Literal["stdio", "sse", "streamable-http"]
"""The ways to a server: a child process, HTTP as it is today, or the older SSE."""

Protocol: TypeAlias = Literal["auto", "modern", "handshake"]
"""Which era of the protocol to speak; ``auto`` asks the server."""

_SAFE_LABEL = re.compile(r"[^A-Za-z0-9_-]+")
_RUNNERS = ("python", "python3", "node", "npx", "uv", "uvx", "deno", "bun", "docker", "sh", "bash")


class MCPClientConfig(BaseModel):
    """How to reach one MCP server.

    Attributes:
        transport: ``stdio`` starts the server as a child process; ``streamable-http`` is today's
            HTTP transport; ``sse`` is the older one.
        command: Program to start (stdio).
        args: Its arguments (stdio).
        env: Environment variables for it (stdio), on top of what it inherits.
        url: Where it listens (HTTP), such as ``http://127.0.0.1:8000/mcp``.
        name: Its label in errors, logs and prefixes; made of the command or URL when empty.
        cwd: Folder that it starts in (stdio).
        inherit_env: Whether it inherits the whole environment (stdio), keys of model providers
            included, as in the reference package. By default it gets what a program needs to
            start: PATH, HOME, USER, SHELL, TERM, locale, time zone, certificates.
        headers: HTTP headers for every request.
        token: Bearer token for every request.
        protocol: Era of the protocol; ``auto`` asks for today's and falls back to the handshake.
        timeout: Seconds for one call as a whole, reconnecting included; None for no limit. The
            clock stands still while a person is asked (elicitation, approval of sampling).
        open_timeout: Seconds to start the server and agree on the protocol.
        reconnect: How often, and after which pauses, a lost session is opened again.
        max_message_bytes: Largest message that is accepted from the server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    transport: TransportName = "stdio"
    command: str | None = None
    args: list[str] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict, repr=False)
    url: str | None = None
    name: str = ""
    cwd: Path | None = None
    inherit_env: bool = False
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    token: SecretStr | None = None
    protocol: Protocol = "auto"
    timeout: float | None = Field(default=60.0, gt=0)
    open_timeout: float = Field(default=60.0, gt=0)
    reconnect: RetryPolicy = RetryPolicy(attempts=4, base=0.25, maximum=10.0)
    max_message_bytes: int = Field(default=64 * 2**20, ge=1024)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        problem = self._problem_of_stdio() if self.is_local else self._problem_of_http()
        if problem:
            raise ValueError(problem)
        return self

    @classmethod
    def from_target(cls, target: str, **options: Any) -> Self:
        """Read a URL or a command line, as a shell would.

        Args:
            target: ``https://host/mcp``, ``http://host/sse`` (the older transport, by the end of
                its path), or ``python -m my_server --flag``.
            **options: Further fields.

        Raises:
            ConfigurationError: If there is nothing in it, or its quotes do not close.
        """
        if re.match(r"https?://", target, re.IGNORECASE):
            old = urlsplit(target).path.rstrip("/").endswith("/sse")
            return cls(
                **{"transport": "sse" if old else "streamable-http", "url": target} | options
            )
        try:
            words = shlex.split(target)
        except ValueError as error:
            raise ConfigurationError(
                f"the command line {target!r} is malformed: {error}"
            ) from error
        if not words:
            raise ConfigurationError("no server was named: give a URL or a command line")
        return cls(**{"transport": "stdio", "command": words[0], "args": words[1:]} | options)

    @property
    def is_local(self) -> bool:
        """Whether the server is a child process."""
        return self.transport == "stdio"

    @property
    def label(self) -> str:
        """Its name, or one made of the command or URL: letters, digits, ``_`` and ``-``."""
        if self.name:
            return self.name
        if not self.is_local:
            return _SAFE_LABEL.sub("_", urlsplit(self.url or "").netloc.rpartition("@")[2])
        program = Path(self.command or "").stem
        # "python -m weather" is better called weather than python.
        rest = [word for word in self.args if not word.startswith("-")]
        telling = program not in _RUNNERS or not rest
        return _SAFE_LABEL.sub("_", program if telling else Path(rest[0]).stem) or "server"

    def _problem_of_stdio(self) -> str:
        if not self.command:
            return "the stdio transport needs command=, the program that starts the server"
        if self.url or self.headers or self.token:
            return "url, headers and token are for the HTTP transports, and this one is stdio"
        return ""

    def _problem_of_http(self) -> str:
        if not self.url:
            return f"the {self.transport} transport needs url=, such as http://127.0.0.1:8000/mcp"
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return f"url must begin with http:// or https:// and name a host, not {self.url!r}"
        if self.command or self.args or self.env:
            return f"command, args and env are for stdio, and this transport is {self.transport}"
        for name, value in self.headers.items():
            if not name.isascii() or any(sign in name + value for sign in "\r\n\0"):
                return f"the header {name!r} holds characters that no HTTP header may hold"
        return ""


class MCPServerConfig(BaseModel):
    """What a :class:`~racto.tools.mcp.RactoMCPServer` says of itself.

    Attributes:
        name: Its name, for programs.
        description: What it offers, for people.
        version: Its version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    version: str = "0.1.0"


def labelled(configs: Mapping[str, MCPClientConfig]) -> list[MCPClientConfig]:
    """The configurations of a mapping, each with its key as its name."""
    return [config.model_copy(update={"name": name}) for name, config in configs.items()]
