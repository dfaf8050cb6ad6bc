"""Clients of httpx2, made at first use: one for plain calls, and one for each event loop.

A connection belongs to the loop that opened it. The client of a loop is closed by that loop: in
:meth:`HTTPClients.aclose`, or when the loop shuts its asynchronous generators down, as
``asyncio.run`` does at its end.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import asyncio
    import ssl

    import httpx2

MOST_CONNECTIONS = 16
"""Most connections of one client; a batch job needs few, and a service may run many."""


class _Held(NamedTuple):
    client: httpx2.AsyncClient
    keeper: AsyncGenerator[None]


class HTTPClients:
    """The clients of one host.

    Args:
        transport: What carries plain calls, for tests and special networks; httpx2's when None.
        atransport: What carries async calls.
    """

    def __init__(
        self,
        *,
        transport: httpx2.BaseTransport | None = None,
        atransport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._transport = transport
        self._atransport = atransport
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._plain: httpx2.Client | None = None
        self._finalizer: Any = None
        self._on_loops: dict[asyncio.AbstractEventLoop, _Held] = {}

    def client(self) -> httpx2.Client:
        """The client for plain calls."""
        import httpx2

        with self._lock:
            self._forget_if_forked()
            if self._plain is None:
                self._plain = httpx2.Client(**_options(), transport=self._transport)
                self._finalizer = weakref.finalize(self, self._plain.close)
            return self._plain

    async def aclient(self) -> httpx2.AsyncClient:
        """The client of the running event loop."""
        import asyncio

        import httpx2

        loop = asyncio.get_running_loop()
        with self._lock:
            self._forget_if_forked()
            if held := self._on_loops.get(loop):
                return held.client
            # A loop that was closed without ceremony leaves nothing that could still be closed.
            self._on_loops = {
                each: held for each, held in self._on_loops.items() if not each.is_closed()
            }
            client = httpx2.AsyncClient(**_options(), transport=self._atransport)
            keeper = self._kept(loop, client)
            self._on_loops[loop] = _Held(client, keeper)
        # Runs to its yield: from now on the loop knows the generator, and ends it.
        await anext(keeper)
        return client

    def close(self) -> None:
        """Close the client for plain calls, and let the loops close theirs.

        A loop that runs elsewhere closes its client in its own time; nobody waits for it here.
        """
        import asyncio

        for loop, held in self._taken().items():
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(held.keeper.aclose(), loop)
            elif not loop.is_closed() and not _is_in_a_loop():
                loop.run_until_complete(held.keeper.aclose())

    async def aclose(self) -> None:
        """Close all clients: this loop's here, those of other loops on their own."""
        import asyncio

        here = asyncio.get_running_loop()
        for loop, held in self._taken().items():
            if loop is here:
                await held.keeper.aclose()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(held.keeper.aclose(), loop)

    async def _kept(
        self, loop: asyncio.AbstractEventLoop, client: httpx2.AsyncClient
    ) -> AsyncGenerator[None]:
        """Holds a client open until its loop ends."""
        try:
            yield
        finally:
            with self._lock:
                if (held := self._on_loops.get(loop)) and held.client is client:
                    del self._on_loops[loop]
            await client.aclose()

    def _taken(self) -> dict[asyncio.AbstractEventLoop, _Held]:
        with self._lock:
            self._forget_if_forked()
            plain, self._plain = self._plain, None
            held, self._on_loops = self._on_loops, {}
            if self._finalizer is not None:
                self._finalizer.detach()
        if plain is not None:
            plain.close()
        return held

    def _forget_if_forked(self) -> None:
        # Two processes that write to one connection mix up their requests; the parent keeps it.
        if os.getpid() != self._process:
            self._process = os.getpid()
            self._plain, self._on_loops = None, {}
            if self._finalizer is not None:
                self._finalizer.detach()


def _options() -> dict[str, Any]:
    import httpx2

    limits = httpx2.Limits(
        max_connections=MOST_CONNECTIONS, max_keepalive_connections=4, keepalive_expiry=60.0
    )
    # Redirects are followed by hand: a key must not go to another host.
    return {"limits": limits, "verify": _trust(), "follow_redirects": False}


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificates to trust, read once a process."""
    import httpx2

    return httpx2.create_ssl_context()


def _is_in_a_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
