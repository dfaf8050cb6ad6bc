"""A person's login in the browser, which comes back to a listener on this machine."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.auth.oauth2 import OAuthContext
from mcp.client.auth.utils import is_valid_client_metadata_url
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
)
from pydantic import AnyUrl, SecretStr

from racto.core import ConfigurationError, RactoGatewayAuthError, RactoGatewayError, resolve_secret

from .flow import OAuth
from .logins import TokenStore, key_of
from .patience import while_a_person_acts
from .redirects import RedirectListener

_log = logging.getLogger("racto.tools.mcp")


def browser_login(
    server_url: str,
    *,
    scopes: Iterable[str] = (),
    client_name: str = "racto",
    store: TokenStore | None = None,
    open_url: Callable[[str], Any] = webbrowser.open,
    port: int = 0,
    path: str = "",
    timeout: float = 300.0,
    client_id: str | None = None,
    client_secret: SecretStr | str | None = None,
    issuer: str | None = None,
    client_metadata_url: str | None = None,
) -> OAuth:
    """Let a person log in when the server asks for it; ``RactoMCPClient(config, auth=...)``.

    Nothing happens before the first request that is refused. With a
    :class:`~racto.tools.mcp.auth.FileTokenStore` later processes go on without a browser until
    the login can no longer be renewed.

    Args:
        server_url: The MCP server, as in ``MCPClientConfig.url``.
        scopes: What to ask for, beside what the server demands; by default what it suggests.
        client_name: Name that the login page shows.
        store: Where the login is kept; None keeps it as long as the object.
        open_url: Shows a URL to the person: plain, run in a thread, or async. When it returns
            False, the URL goes to the log, as a warning. What it raises ends the login.
        port: Port on 127.0.0.1 that the browser comes back to; 0 for any that is free.
        path: Path that it comes back to, where the server knows it beforehand; random when empty.
        timeout: Seconds that the person has.
        client_id: A client that was registered by hand; by default the flow registers one.
        client_secret: Its secret, if it has one.
        issuer: The authorization server that knows ``client_id``. Its secret goes nowhere else.
        client_metadata_url: An https URL that describes this client, for servers that read it
            instead of registering clients.

    Raises:
        ConfigurationError: If an argument is malformed, or a secret comes without an issuer.
    """
    if path and not re.fullmatch(r"/[\w.~/-]*", path, re.ASCII):
        raise ConfigurationError(f"path must begin with / and be free of query, not {path!r}")
    if client_metadata_url and not is_valid_client_metadata_url(client_metadata_url):
        raise ConfigurationError(
            f"client_metadata_url must be an https URL with a path, not {client_metadata_url!r}"
        )
    client = _given_client(client_id, client_secret, issuer)
    host = httpx2.URL(key_of(server_url)).host
    visit = _Visit(host, open_url=open_url, timeout=timeout)
    visit.port, visit.path, visit.is_registered = port, path, client is not None

    def make(storage: TokenStorage) -> OAuthClientProvider:
        return OAuthClientProvider(
            server_url,
            # The address is known, and put in, once the listener is there.
            OAuthClientMetadata(redirect_uris=None, client_name=client_name),
            storage,
            redirect_handler=visit.send,
            callback_handler=visit.receive,
            client_metadata_url=client_metadata_url,
        )

    return OAuth(server_url, make, store=store, client=client, scopes=scopes, visit=visit.prepared)


class _Visit:
    """A person's way to the authorization server and back."""

    _listener: RedirectListener

    def __init__(self, host: str, *, open_url: Callable[[str], Any], timeout: float) -> None:
        self.port, self.path, self.is_registered = 0, "", False
        self._host, self._open_url, self._timeout = host, open_url, timeout
        self._url = ""

    @asynccontextmanager
    async def prepared(self, context: OAuthContext) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            self._listener = await self._listen(context, stack)
            context.client_metadata.redirect_uris = [AnyUrl(self._listener.url)]
            client = context.client_info
            places = map(str, (client.redirect_uris if client else None) or ())
            if not self.is_registered and self._listener.url not in places:
                # Most servers send a browser only to where its client is registered for.
                context.client_info = None
            yield

    async def send(self, url: str) -> None:
        # Opened while the answer is waited for: a text browser ends after the login only.
        self._url = url

    async def receive(self) -> AuthorizationCodeResult:
        came = self._listener.parameters
        opening = asyncio.create_task(self._open(came))
        try:
            with while_a_person_acts():
                async with asyncio.timeout(self._timeout):
                    found = await came
        except TimeoutError as error:
            raise RactoGatewayAuthError(
                f"nobody logged in for {self._host} within {self._timeout:g} s. If the login page "
                "did not know this program, make the store forget the server and try again"
            ) from error
        finally:
            opening.cancel()
            await asyncio.wait([opening])
        if "error" in found:
            raise RactoGatewayAuthError(
                f"the login for {self._host} was refused: {_plain(found['error'])}"
                f" {_plain(found.get('error_description', ''))}".rstrip()
            )
        return AuthorizationCodeResult(
            code=found["code"], state=found.get("state"), iss=found.get("iss")
        )

    async def _listen(self, context: OAuthContext, stack: AsyncExitStack) -> RedirectListener:
        known = (context.client_info.redirect_uris if context.client_info else None) or []
        is_free = not (self.is_registered or self.port or self.path)
        there = urlsplit(str(known[0])) if known and is_free else None
        if there is not None and there.hostname == "127.0.0.1" and there.port:
            # The same place again spares another registration.
            with suppress(ConfigurationError):
                again = RedirectListener(port=there.port, path=there.path)
                return await stack.enter_async_context(again)
        return await stack.enter_async_context(RedirectListener(port=self.port, path=self.path))

    async def _open(self, came: asyncio.Future[dict[str, str]]) -> None:
        try:
            if inspect.iscoroutinefunction(self._open_url):
                opened = await self._open_url(self._url)
            else:
                opened = await asyncio.to_thread(self._open_url, self._url)
        except webbrowser.Error:
            opened = False
        except Exception as error:
            # Told where the answer is waited for, instead of a wait that has no end to hope for.
            if not came.done():
                came.set_exception(self._unopened(error))
            return
        if opened is False:
            _log.warning("to log in, open this address on this machine: %s", self._url)

    def _unopened(self, error: Exception) -> RactoGatewayError:
        if isinstance(error, RactoGatewayError):
            return error
        made = RactoGatewayAuthError(
            f"the login page of {self._host} could not be shown: open_url raised "
            f"{type(error).__name__}: {_plain(str(error))}"
        )
        made.__cause__ = error
        return made


def _given_client(
    client_id: str | None, client_secret: SecretStr | str | None, issuer: str | None
) -> OAuthClientInformationFull | None:
    secret = resolve_secret(client_secret)
    if client_id is None:
        if secret or issuer:
            raise ConfigurationError("client_secret and issuer belong to a client_id; give it too")
        return None
    if secret is not None and issuer is None:
        raise ConfigurationError(
            "client_secret needs issuer, the URL of the authorization server that it is for; "
            "without it the MCP server could have it sent anywhere"
        )
    return OAuthClientInformationFull(
        client_id=client_id,
        client_secret=secret.get_secret_value() if secret else None,
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        issuer=issuer,
    )


def _plain(text: str) -> str:
    """A stranger's words, short and on one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:300])
