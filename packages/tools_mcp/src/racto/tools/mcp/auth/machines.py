"""Logins of programs without a person: by a secret, or by a signed assertion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Literal

from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
)
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import SecretStr

from racto.core import ConfigurationError, resolve_secret

from .flow import OAuth
from .logins import TokenStore, key_of

SECRET_VARIABLE = "RACTO_MCP_CLIENT_SECRET"  # noqa: S105 - a name, and no secret
"""The environment variable that a client's secret is read from."""


def client_credentials(
    server_url: str,
    *,
    client_id: str,
    issuer: str,
    client_secret: SecretStr | str | None = None,
    scopes: Iterable[str] = (),
    store: TokenStore | None = None,
    method: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic",
) -> OAuth:
    """Log in as a program with an id and a secret; ``RactoMCPClient(config, auth=...)``.

    Args:
        server_url: The MCP server, as in ``MCPClientConfig.url``.
        client_id: The program's id at the authorization server.
        issuer: URL of the authorization server. It is the MCP server that says where to log in;
            without this it could name its own address, and would be sent the secret.
        client_secret: The secret; None reads the environment variable RACTO_MCP_CLIENT_SECRET.
        scopes: What to ask for, beside what the server demands.
        store: Where the access token is kept; None keeps it as long as the object.
        method: Whether the secret goes in a header or in the body.

    Raises:
        ConfigurationError: If there is no secret, or a URL is malformed.
    """
    secret = resolve_secret(client_secret, SECRET_VARIABLE)
    if secret is None:
        raise ConfigurationError(
            f"the client {client_id!r} has no secret; pass client_secret= or set {SECRET_VARIABLE}"
        )
    key_of(issuer)

    def make(storage: TokenStorage) -> OAuthClientProvider:
        return ClientCredentialsOAuthProvider(
            server_url,
            storage,
            client_id,
            secret.get_secret_value(),
            token_endpoint_auth_method=method,
            issuer=issuer,
        )

    return OAuth(server_url, make, store=store, client=_known(client_id, issuer), scopes=scopes)


def private_key_jwt(
    server_url: str,
    *,
    client_id: str,
    issuer: str,
    assert_to: Callable[[str], Awaitable[str]],
    scopes: Iterable[str] = (),
    store: TokenStore | None = None,
) -> OAuth:
    """Log in as a program with a signed assertion, as workload identities do.

    Args:
        server_url: The MCP server, as in ``MCPClientConfig.url``.
        client_id: The program's id at the authorization server.
        issuer: URL of the authorization server; no assertion is made for any other.
        assert_to: Async function that takes the audience and returns a JWT. The SDK's
            ``SignedJWTParameters(...).create_assertion_provider()`` makes one of a private key.
        scopes: What to ask for, beside what the server demands.
        store: Where the access token is kept; None keeps it as long as the object.

    Raises:
        ConfigurationError: If a URL is malformed.
    """
    key_of(issuer)

    def make(storage: TokenStorage) -> OAuthClientProvider:
        return PrivateKeyJWTOAuthProvider(server_url, storage, client_id, assert_to, issuer=issuer)

    return OAuth(server_url, make, store=store, client=_known(client_id, issuer), scopes=scopes)


def _known(client_id: str, issuer: str) -> OAuthClientInformationFull:
    return OAuthClientInformationFull(client_id=client_id, issuer=issuer)
