"""Calls over plain HTTP, for providers whose protocol needs no SDK."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from racto.core.errors import MissingExtraError
from racto.providers.kits.wires import WireRequest

from .bounds import heed

MAX_CONNECTIONS = 64
"""Most connections of one client; calls beyond them wait for one that is free."""

# Models take their time and people theirs; the usual five seconds would mean a handshake a turn.
_IDLE_SECONDS = 60.0


class HTTPDialer:
    """Posts JSON to a server; keeps :class:`~racto.providers.connections.dialers.Dialer`.

    Args:
        base_url: Root of the API; a request's path is appended to it.
        extra: Extra of racto-providers that brings the HTTP library, for the error without it.
        headers: Headers of every call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        extra: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._extra = extra
        # In lower case: names that differ in nothing else are one header, and would be sent twice.
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}

    def load(self) -> None:
        """Import the HTTP library, and read the certificates."""
        pool_options(extra=self._extra)

    def client(self) -> Any:
        """A new synchronous client."""
        options = sync_options(extra=self._extra)
        return httpx(self._extra).Client(**options, follow_redirects=False)

    def aclient(self) -> Any:
        """A new client for the running event loop."""
        options = pool_options(extra=self._extra)
        return httpx(self._extra).AsyncClient(**options, follow_redirects=False)

    def headers(self) -> Mapping[str, str]:
        """The headers of a call; overridden where they must be asked for elsewhere."""
        return self._headers

    async def aheaders(self) -> Mapping[str, str]:
        """Async twin of :meth:`headers`."""
        return self.headers()

    def call(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Make one call."""
        return client.send(self._built(client, request, timeout, self.headers()), stream=True)

    async def acall(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Async twin of :meth:`call`."""
        headers = await self.aheaders()
        return await client.send(self._built(client, request, timeout, headers), stream=True)

    def close(self, client: Any) -> None:
        """Close a synchronous client."""
        client.close()

    async def aclose(self, client: Any) -> None:
        """Close a client of an event loop."""
        await client.aclose()

    def _built(
        self, client: Any, request: WireRequest, timeout: Any, headers: Mapping[str, str]
    ) -> Any:
        body = json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))
        return client.build_request(
            "POST",
            self._base_url + request.path,
            # A lone half of a surrogate pair, which no server takes, must not end in a traceback.
            content=body.encode("utf-8", "replace"),
            headers={"content-type": "application/json", **headers, **request.headers},
            timeout=timeout,
        )


def pool_options(*, extra: str = "openai") -> dict[str, Any]:
    """What all clients are made with: how many connections, and whom to trust.

    Args:
        extra: Extra that brings the HTTP library, for the error without it.
    """
    # As many kept as open: a burst would otherwise pay for its handshakes again and again.
    limits = httpx(extra).Limits(
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
    )
    return {"limits": limits, "verify": _trust()}


def sync_options(*, extra: str = "openai") -> dict[str, Any]:
    """What synchronous clients are made with: also, that their reads heed deadlines.

    Args:
        extra: Extra that brings the HTTP library, for the error without it.
    """
    return {**pool_options(extra=extra), "event_hooks": {"request": [heed]}}


@functools.cache
def _trust() -> Any:
    """The certificates to trust, read once a process: a client of its own would read for 20 ms."""
    return httpx().create_ssl_context()


@functools.cache
def httpx(extra: str = "openai") -> Any:
    """The HTTP library, for its clients, its timeouts and its errors.

    Args:
        extra: Extra that brings it, for the error without it: ``ollama`` prints the line for
            ``racto-providers[ollama]``.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import httpx2
    except ImportError as error:
        raise MissingExtraError(
            "httpx2", install=f"racto-providers[{extra}]", purpose="talking to a provider"
        ) from error
    return httpx2
