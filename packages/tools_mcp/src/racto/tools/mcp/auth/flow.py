"""A login that lasts: the SDK's OAuth flow, with a memory, and for calls side by side.

The flow itself (discovery, registration, PKCE, state, exchange, renewal) is the SDK's. Around it:

- The SDK holds a lock while it waits for an answer, so that one call at a time would be on its
  way. Here calls with a valid token pass beside it.
- The SDK forgets with the process when a token ends and where it is renewed, and asks a person
  again after any 401. Here both are kept, and a renewal is tried first.
- A token that another process has renewed is taken over instead of renewed a second time, which
  servers that change the renewing token would refuse.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import TypeAlias

import anyio
import httpx2
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.auth.oauth2 import OAuthContext
from mcp.client.auth.utils import extract_field_from_www_auth, issuers_match, union_scopes
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from racto.core import ConfigurationError, RactoGatewayAuthError, ServerError
from racto.core.secrets import redact

from .logins import Login, TokenStore, key_of
from .stores import MemoryTokenStore

Visit: TypeAlias = Callable[[OAuthContext], AbstractAsyncContextManager[None]]
"""Prepares for a person's login, and clears up after it."""

_PAST = 1.0
# A token of another process may have run out too by the time it is used.
_ATTEMPTS = 3


class OAuth(httpx2.Auth):
    """Logs in where a server says so, and shows the token with every request to that server.

    Several clients may share one, and then one login, as long as they live on one event loop; it
    may move to another loop when nobody logs in.

    Args:
        server_url: The MCP server; the token goes nowhere else.
        make: Makes the SDK's provider on top of a storage.
        store: Where the login is kept; None keeps it as long as this object.
        client: The client's registration, when it was not registered by the flow.
        scopes: What to ask for, beside what the server demands.
        visit: Entered around a person's login; None when no person takes part.

    Attributes:
        provider: The SDK's flow.
    """

    def __init__(
        self,
        server_url: str,
        make: Callable[[TokenStorage], OAuthClientProvider],
        *,
        store: TokenStore | None = None,
        client: OAuthClientInformationFull | None = None,
        scopes: Iterable[str] = (),
        visit: Visit | None = None,
    ) -> None:
        key = key_of(server_url, client.client_id if client else "")
        self._url = httpx2.URL(server_url)
        self._storage = _Storage(store or MemoryTokenStore(), key, client=client)
        # A renewal sends the client's secret, and may go only where this very process was led.
        self._storage.is_resumable = visit is not None
        self.provider = make(self._storage)
        self._storage.context = self.provider.context
        self._scopes, self._visit = " ".join(scopes), visit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: tuple[int, Exception | None] = (0, None)

    def __repr__(self) -> str:
        return f"OAuth({str(self._url)!r})"

    def sync_auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Refuse a blocking HTTP client, which would send requests without a token.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError("OAuth needs an async HTTP client, such as httpx2.AsyncClient")

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send a request with a token, and log in when the server asks for it.

        Raises:
            ConfigurationError: If the request goes to another server, or somebody logs in on
                another event loop.
            RactoGatewayAuthError: If a person refused, or nobody logged in in time.
            ServerError: If the authorization server is out of order when it is to renew a login.
            OAuthFlowError: The SDK's error for a login that failed for another reason.
        """
        self._settle(request)
        context, failures = self.provider.context, self._failed[0]
        answer: httpx2.Response | None = None
        # The way of nearly every request, beside the lock that the SDK's flow would hold.
        if context.is_token_valid():
            request.headers["Authorization"] = str(_header(context.current_tokens))
            answer = yield request
            if not _is_challenge(answer):
                return
        for attempt in range(_ATTEMPTS):
            shown = request.headers.get("Authorization")
            if answer is None or answer.status_code == 401:
                await self._renew(shown)
            async with aclosing(self.provider.async_auth_flow(request)) as flow:
                outgoing, is_spent = await anext(flow), False
                while outgoing is not request:
                    renewed = context.current_tokens
                    renewal = yield outgoing
                    self._check(renewal)
                    outgoing = await flow.asend(renewal)
                    is_spent = self._storage.note_renewal_of(renewed)
                # Another process may have been faster, and its token is as good.
                if is_spent and attempt < _ATTEMPTS - 1:
                    continue
                # What was refused need not be sent twice to be refused again.
                if answer is None or request.headers.get("Authorization") != shown:
                    answer = yield request
                    if not _is_challenge(answer):
                        return
                    if answer.status_code == 401 and attempt < _ATTEMPTS - 1:
                        continue
                async with self._login(answer, failures):
                    try:
                        outgoing = await flow.asend(answer)
                        while True:
                            outgoing = await flow.asend((yield outgoing))
                    except StopAsyncIteration:
                        return

    def _settle(self, request: httpx2.Request) -> None:
        there = (request.url.scheme, request.url.host, request.url.port)
        if there != (self._url.scheme, self._url.host, self._url.port):
            raise ConfigurationError(
                f"this login is for {self._url.scheme}://{self._url.netloc.decode()}, and its "
                f"token is not sent to {request.url.host}; make one for each server"
            )
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        lock = self.provider.context.lock
        if self._loop is not None and self._loop.is_running() and lock.statistics().locked:
            raise ConfigurationError(
                f"a login at {self._url.host} is going on on another event loop; make an OAuth "
                "object for each loop, with one store"
            )
        # A lock belongs to the loop that first waited for it.
        self._loop, self.provider.context.lock = loop, anyio.Lock()

    def _check(self, renewal: httpx2.Response) -> None:
        status = renewal.status_code
        if status >= 500 or status == 429:
            # The SDK would drop the login, and trouble a person.
            raise ServerError(
                f"the authorization server {renewal.request.url.host} could not renew the login "
                f"(HTTP status {status}); try again later",
                status_code=status,
            )

    async def _renew(self, refused: str | None) -> None:
        """Take over a newer token, or have the refused one renewed, where that is possible."""
        context = self.provider.context
        if context.is_token_valid() and _header(context.current_tokens) != refused:
            return
        stored = await self._storage.stored()
        # Other calls may have come further while the store was read.
        if context.is_token_valid() and _header(context.current_tokens) != refused:
            return
        known = (refused, _header(context.current_tokens))
        if stored is not None and stored.is_fresh and _header(stored.tokens) not in known:
            self._storage.restore(stored)
            context.current_tokens = stored.tokens
        elif context.current_tokens is not None:
            context.token_expiry_time = _PAST

    @asynccontextmanager
    async def _login(self, challenge: httpx2.Response, failures: int) -> AsyncIterator[None]:
        count, cause = self._failed
        if count > failures:
            # One refusal of a person is enough for all the calls that waited for it.
            raise RactoGatewayAuthError(
                f"the login at {self._url.host} that this call waited for failed: "
                f"{str(cause)[:500]}"
            ) from cause
        if self._scopes:
            # By the protocol, what a challenge names goes before what metadata list.
            named = extract_field_from_www_auth(challenge, "scope")
            rest = challenge.headers.get("WWW-Authenticate", "Bearer").partition(" ")[2]
            wanted = f'Bearer scope="{union_scopes(named, self._scopes)}"'
            challenge.headers["WWW-Authenticate"] = f"{wanted}, {rest}" if rest else wanted
        try:
            async with self._visit(self.provider.context) if self._visit else nullcontext():
                yield
        except Exception as error:
            self._failed = (self._failed[0] + 1, error)
            raise


class _Storage:
    """The SDK's storage of one client's login at one server, in a store for many."""

    context: OAuthContext

    def __init__(
        self, store: TokenStore, key: str, *, client: OAuthClientInformationFull | None
    ) -> None:
        self.is_resumable = True
        self._store, self._key, self._client = store, key, client
        self._spent: str | None = None

    async def get_tokens(self) -> OAuthToken | None:
        login = await self.stored()
        if login is None:
            return None
        self.restore(login)
        return login.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        await self._save(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        if self._client is not None:
            return self._client
        login = await asyncio.to_thread(self._store.load, self._key)
        return login.client if login else None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        if self._client is not None:
            raise RactoGatewayAuthError(
                f"the client {self._client.client_id!r} is known to {self._client.issuer}, and the "
                f"server leads to {client_info.issuer}; no login was tried there"
            )
        await self._save(self.context.current_tokens)

    async def stored(self) -> Login | None:
        """What the store holds, if there is something to go on with."""
        login = await asyncio.to_thread(self._store.load, self._key)
        if login is None or login.tokens is None or login.tokens.access_token == self._spent:
            return None
        if not self.is_resumable:
            tokens = login.tokens.model_copy(update={"refresh_token": None})
            login = Login(tokens=tokens, expires_at=login.expires_at)
        can_go_on = login.is_fresh or bool(login.tokens and login.tokens.refresh_token)
        return login if can_go_on and self._fits(login) else None

    def restore(self, login: Login) -> None:
        """Tell the flow what its storage has no place for."""
        context = self.context
        context.token_expiry_time = login.expires_at
        if not self.is_resumable:
            return
        context.client_info = self._client or login.client
        context.oauth_metadata = login.metadata
        context.protected_resource_metadata = login.resource
        if login.resource is not None:
            context.auth_server_url = str(login.resource.authorization_servers[0])

    def _fits(self, login: Login) -> bool:
        issuer = self._client.issuer if self._client else None
        there = str(login.metadata.issuer) if login.metadata else None
        return issuer is None or there is None or issuers_match(issuer, there)

    def note_renewal_of(self, tokens: OAuthToken | None) -> bool:
        """Whether it failed, and then these tokens are not offered again."""
        has_failed = tokens is not None and self.context.current_tokens is None
        if tokens is not None and has_failed:
            self._spent = tokens.access_token
        return has_failed

    async def _save(self, tokens: OAuthToken | None) -> None:
        context = self.context
        login = Login(
            tokens=tokens,
            expires_at=context.token_expiry_time if tokens else None,
            client=None if self._client else context.client_info,
            metadata=context.oauth_metadata,
            resource=context.protected_resource_metadata,
        )
        await asyncio.to_thread(self._store.save, self._key, login)


class _Discretion(logging.Filter):
    """Masks secrets in the SDK's log, where an error quotes what an authorization server said."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg = f"{record.getMessage()}: {redact(str(error))[:500]}"
            record.args, record.exc_info = None, None
        return True


def _header(tokens: OAuthToken | None) -> str | None:
    return f"Bearer {tokens.access_token}" if tokens else None


def _is_challenge(response: httpx2.Response) -> bool:
    if response.status_code == 401:
        return True
    problem = extract_field_from_www_auth(response, "error")
    return response.status_code == 403 and problem == "insufficient_scope"


logging.getLogger("mcp.client.auth.oauth2").addFilter(_Discretion())
