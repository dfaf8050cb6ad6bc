"""Bearer tokens: who may use a server over HTTP, checked before anything else is read."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.auth.settings import AuthSettings
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from racto.core.errors import ConfigurationError
from racto.core.signatures import is_async

_log = logging.getLogger("racto.tools.mcp")

Tokens: TypeAlias = (
    Mapping[str, str] | Callable[[str], str | Awaitable[str | None] | None] | TokenVerifier
)
"""Client names by token, or a function that names a token's owner, or the SDK's verifier."""


@dataclass(frozen=True, kw_only=True)
class BearerGate:
    """Lets in who has a token.

    Attributes:
        verifier: Knows the tokens.
        settings: OAuth settings of the SDK, for a resource server; None for plain tokens.
    """

    verifier: TokenVerifier
    settings: AuthSettings | None = None

    @classmethod
    def of(cls, tokens: Tokens, settings: AuthSettings | None = None) -> BearerGate:
        """A gate for tokens in any of their forms.

        Raises:
            ConfigurationError: If there are no tokens, or an empty one.
        """
        if isinstance(tokens, Mapping):
            return cls(verifier=_ListedTokens(tokens), settings=settings)
        if hasattr(tokens, "verify_token"):
            return cls(verifier=_FallibleTokens(tokens), settings=settings)
        if callable(tokens):
            return cls(verifier=_AskedTokens(tokens), settings=settings)
        raise ConfigurationError(
            "auth is a mapping of token to client name, a function that takes a token and "
            f"returns the client's name or None, or a TokenVerifier, not a {type(tokens).__name__}"
        )

    @property
    def middleware(self) -> list[Middleware]:
        """Reads the token of each request."""
        # An audience is compared only where the owner asks for it, as the SDK has it.
        checked = self.settings and self.settings.validate_token_resource
        backend = BearerAuthBackend(
            self.verifier,
            resource_server_url=self.settings.resource_server_url
            if self.settings and checked
            else None,
        )
        return [
            Middleware(AuthenticationMiddleware, backend=backend),
            Middleware(AuthContextMiddleware),
        ]

    def guarded(self, app: ASGIApp) -> ASGIApp:
        """The app, for requests whose token is good; 401 or 403 for the others."""
        settings = self.settings
        where = (
            build_resource_metadata_url(settings.resource_server_url)
            if settings and settings.resource_server_url
            else None
        )
        return RequireAuthMiddleware(app, (settings and settings.required_scopes) or [], where)

    @property
    def routes(self) -> list[Route]:
        """Where OAuth clients read whom to ask for a token."""
        if self.settings is None or self.settings.resource_server_url is None:
            return []
        return create_protected_resource_routes(
            resource_url=self.settings.resource_server_url,
            authorization_servers=[self.settings.issuer_url],
            scopes_supported=self.settings.required_scopes,
        )


class _ListedTokens:
    def __init__(self, tokens: Mapping[str, str]) -> None:
        if not tokens or not all(tokens):
            raise ConfigurationError("auth has no token, or an empty one; give at least one")
        # Digests are of one length, so that comparing them tells nothing of the tokens.
        self._clients = {_digest(token): client for token, client in tokens.items()}

    async def verify_token(self, token: str) -> AccessToken | None:
        asked, found = _digest(token), None
        for known, client in self._clients.items():
            # No way out of the loop: the time taken must not tell which one fits.
            if hmac.compare_digest(asked, known):
                found = client
        return _access(token, found)


class _AskedTokens:
    def __init__(self, ask: Callable[[str], str | Awaitable[str | None] | None]) -> None:
        self._ask = ask

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            if is_async(self._ask):
                answer = self._ask(token)
            else:
                # It may look into a database, and all other requests share this loop.
                answer = await asyncio.to_thread(self._ask, token)
            client = await answer if inspect.isawaitable(answer) else answer
        # Whatever the function raises, a token that was not confirmed opens nothing.
        except Exception:
            _log.exception("the auth function failed; the request is refused")
            return None
        return _access(token, client)


class _FallibleTokens:
    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            return await self._verifier.verify_token(token)
        # As above.
        except Exception:
            _log.exception("the token verifier failed; the request is refused")
            return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _access(token: str, client: str | None) -> AccessToken | None:
    return AccessToken(token=token, client_id=client, scopes=[]) if client else None
