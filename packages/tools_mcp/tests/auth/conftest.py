"""An authorization server and a guarded MCP server, both the SDK's own, and a scripted browser."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest
import uvicorn
from mcp.server.auth.handlers.token import TokenHandler
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.middleware.client_auth import ClientAuthenticator
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    ProviderTokenVerifier,
    RefreshToken,
    TokenError,
    construct_redirect_uri,
)
from mcp.server.auth.routes import create_auth_routes
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from racto.tools.mcp import MCPClientConfig

SCOPES = ["read", "write", "admin"]


class Authority:
    """Issues tokens, from memory; every login is granted at once unless it is told otherwise."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.secrets: dict[str, str] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.asked: list[list[str] | None] = []
        self.renewals = 0
        self.failed_renewals = 0
        self.grants = 0
        self.lifetime = 3600
        self.is_denying = False
        self.assertions: Callable[[str], bool] = lambda _: False

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        self.asked.append(params.scopes)
        if self.is_denying:
            raise AuthorizeError("access_denied", "Not <b>today</b>\r\nnor tomorrow")
        code = AuthorizationCode(
            code=secrets.token_urlsafe(24),
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        self.codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[authorization_code.code]
        code = authorization_code
        return self.issue(client.client_id, code.scopes, code.resource)

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> RefreshToken | None:
        found = self.refresh.get(refresh_token)
        if found is None:
            self.failed_renewals += 1
        return found

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        # A token is renewed once, as good servers do it.
        if self.refresh.pop(refresh_token.token, None) is None:
            raise TokenError("invalid_grant")
        self.renewals += 1
        return self.issue(client.client_id, scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        found = self.access.get(token)
        return None if found is None or (found.expires_at or 0) < time.time() else found

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.access.pop(token.token, None)
        self.refresh.pop(token.token, None)

    def issue(self, client_id: str, scopes: list[str], resource: str | None) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = AccessToken(
            token=access,
            client_id=client_id,
            scopes=scopes,
            expires_at=int(time.time()) + self.lifetime,
            resource=resource,
        )
        self.refresh[refresh] = RefreshToken(
            token=refresh, client_id=client_id, scopes=scopes, resource=resource
        )
        return OAuthToken(
            access_token=access,
            expires_in=self.lifetime,
            refresh_token=refresh,
            scope=" ".join(scopes) or None,
        )

    async def token(self, request: Request) -> Response:
        """The token endpoint, with a grant that the SDK's server does not know."""
        form = await request.form()
        if form.get("grant_type") != "client_credentials":
            authenticator: Any = ClientAuthenticator(self)
            answer: Response = await TokenHandler(self, authenticator).handle(request)
            return answer
        client = self._authenticated(request, {key: str(form[key]) for key in form})
        if client is None:
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        self.grants += 1
        scopes = str(form.get("scope", "")).split()
        self.asked.append(scopes)
        made = self.issue(client, scopes, str(form.get("resource")))
        return JSONResponse(made.model_dump(exclude={"refresh_token"}))

    def _authenticated(self, request: Request, form: dict[str, str]) -> str | None:
        if "client_assertion" in form:
            return "robot" if self.assertions(form["client_assertion"]) else None
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(packed).decode().partition(":")
        known = self.secrets.get(unquote(name))
        return unquote(name) if known is not None and known == unquote(secret) else None


class Harbour:
    """Apps on loopback ports, each made when its address is known, each in a thread of its own."""

    def __init__(self) -> None:
        self._running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(self, make: Callable[[str], Any]) -> str:
        """Serve what ``make`` returns for its own URL, and return that URL."""
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(make(url), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        self._running.append((server, thread))
        return url

    def stop(self) -> None:
        """Stop them all."""
        for server, _ in self._running:
            server.should_exit = True
        for _, thread in self._running:
            thread.join(timeout=10)


@pytest.fixture
def harbour() -> Iterator[Harbour]:
    """Serves apps until the test ends."""
    made = Harbour()
    yield made
    made.stop()


@pytest.fixture
def authority() -> Authority:
    """Who issues the tokens."""
    return Authority()


@pytest.fixture
def issuer(harbour: Harbour, authority: Authority) -> str:
    """URL of the authorization server."""

    def make(url: str) -> Starlette:
        routes = create_auth_routes(
            authority,
            AnyHttpUrl(url),
            client_registration_options=ClientRegistrationOptions(
                enabled=True, valid_scopes=SCOPES, default_scopes=["read"]
            ),
        )
        return Starlette(routes=[Route("/token", authority.token, methods=["POST"]), *routes])

    return harbour.serve(make)


class Guarded:
    """An MCP server that lets nobody in without a token of the authority."""

    def __init__(self, harbour: Harbour, authority: Authority, issuer: str) -> None:
        self.seen: list[str] = []
        self._authority, self._issuer = authority, issuer
        self._both = asyncio.Event()
        self._waiting = 0
        self.origin = harbour.serve(self._app)
        self.url = f"{self.origin}/mcp"
        self.config = MCPClientConfig(
            transport="streamable-http", url=self.url, name="guarded", open_timeout=20
        )

    def _app(self, url: str) -> Any:
        server = MCPServer(
            "guarded",
            auth=AuthSettings(
                issuer_url=AnyHttpUrl(self._issuer),
                resource_server_url=AnyHttpUrl(f"{url}/mcp"),
                required_scopes=["read"],
                validate_token_resource=True,
            ),
            token_verifier=ProviderTokenVerifier(self._authority),
        )

        @server.tool()
        async def whoami() -> str:
            """Tell whose token it is, and what it may do."""
            token = get_access_token()
            assert token is not None
            return f"{token.client_id} {' '.join(token.scopes)}"

        @server.tool()
        async def meet() -> str:
            """Answer when two calls are under way at once."""
            self._waiting += 1
            if self._waiting == 2:
                self._both.set()
            await asyncio.wait_for(self._both.wait(), 15)
            return "met"

        # Answers come as JSON, whose headers arrive with the answer and not before.
        app = server.streamable_http_app(json_response=True)

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                held = dict(scope["headers"]).get(b"authorization", b"").decode()
                self.seen.append(f"{scope['method']} {scope['path']} {held}".strip())
            await app(scope, receive, send)

        return watched


@pytest.fixture
def guarded(harbour: Harbour, authority: Authority, issuer: str) -> Guarded:
    """A server that asks for a login at an authorization server on another port."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return Guarded(harbour, authority, issuer)


class Browser:
    """Goes where it is sent, as a person's browser would after a click on "allow"."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        self._pages: queue.Queue[httpx2.Response] = queue.Queue()

    def __call__(self, url: str) -> bool:
        self.visits.append(url)
        with httpx2.Client(follow_redirects=True, verify=False) as client:
            self._pages.put(client.get(url))
        return True

    async def page(self) -> httpx2.Response:
        """What the next visit showed; the login may be over before it is read to its end."""
        return await asyncio.to_thread(self._pages.get, timeout=30)


@pytest.fixture
def browser() -> Browser:
    """A scripted browser."""
    return Browser()


class Kept:
    """The only login in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self) -> str:
        """The whole file."""
        return self.path.read_text()

    def entry(self) -> dict[str, Any]:
        """The login."""
        [found] = json.loads(self.text())["logins"].values()
        entry: dict[str, Any] = found
        return entry

    def update(self, group: str = "", **changes: Any) -> None:
        """Change fields of the login, or of a group of them."""
        content = json.loads(self.text())
        [found] = content["logins"].values()
        (found[group] if group else found).update(changes)
        self.path.write_text(json.dumps(content))


@pytest.fixture
def kept(logins: Path) -> Kept:
    """The login in the file, once there is one."""
    return Kept(logins)


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    """Where a file of logins is to be."""
    return tmp_path / "settings" / "logins.json"
