"""What is remembered of a login, and the protocol of the places where it is kept."""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable

from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from pydantic import BaseModel, ConfigDict, Field

from racto.core import ConfigurationError


class Login(BaseModel):
    """All that a later process needs in order to go on without a person.

    None of its secrets is in its repr.

    Attributes:
        tokens: Access token, and the token that renews it.
        expires_at: When the access token ends, in seconds since 1970; None when nobody said.
        client: How this program is registered at the authorization server.
        metadata: Where that server has its endpoints; a renewal would else go to the MCP server.
        resource: What the MCP server said of itself.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tokens: OAuthToken | None = Field(default=None, repr=False)
    expires_at: float | None = None
    client: OAuthClientInformationFull | None = Field(default=None, repr=False)
    metadata: OAuthMetadata | None = Field(default=None, repr=False)
    resource: ProtectedResourceMetadata | None = Field(default=None, repr=False)

    @property
    def is_fresh(self) -> bool:
        """Whether there is an access token whose time has not run out."""
        has_time = self.expires_at is None or time.time() < self.expires_at
        return self.tokens is not None and has_time


@runtime_checkable
class TokenStore(Protocol):
    """Keeps logins; blocking, and called in a worker thread."""

    def load(self, key: str) -> Login | None:
        """Return what was saved.

        Args:
            key: Server and client, as :func:`key_of` makes it.
        """

    def save(self, key: str, login: Login) -> None:
        """Keep a login in the place of the one before.

        Args:
            key: Server and client.
            login: What to keep.
        """

    def forget(self, server_url: str) -> None:
        """Drop the logins at a server, so that the next use asks again.

        Args:
            server_url: URL of the MCP server.
        """


def key_of(server_url: str, client_id: str = "") -> str:
    """The key of a login in a store: the server's URL, and the client where it is a given one.

    Raises:
        ConfigurationError: If it is no URL of a web server.
    """
    import httpx2

    try:
        url = httpx2.URL(server_url)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"server_url is malformed: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(
            f"server_url must begin with http:// or https:// and name a host, not {server_url!r}"
        )
    # A fragment is no part of a server's URL, so no key of one server is that of another.
    plain = url.copy_with(fragment=None, userinfo=b"")
    return f"{plain}#{client_id}" if client_id else str(plain)
