"""SDK clients, made at first use: one for plain calls, and one for each event loop.

A connection belongs to the loop that opened it. Each async client is therefore closed by its own
loop: in :meth:`Clients.aclose`, or when the loop shuts down, whichever comes first.
"""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from racto.core.errors import RactoGatewayAuthError

from . import sdk

if TYPE_CHECKING:
    # Loading it takes as long as all of this package; plain callers never need it.
    import asyncio

_NO_KEY = "no-key-needed"


class Clients:
    """The SDK clients of one kit.

    Args:
        api_key: Key; None when the server wants none.
        base_url: Root of the API; None for OpenAI's own, or ``OPENAI_BASE_URL``.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        organization: str | None = None,
        project: str | None = None,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._headers = headers
        self._organization = organization
        self._project = project
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._plain: Any = None
        self._on_loops: dict[asyncio.AbstractEventLoop, tuple[Any, AsyncGenerator[None]]] = {}

    @property
    def host(self) -> str | None:
        """Where requests go, for telemetry; None for OpenAI's own servers."""
        return self._base_url

    def client(self) -> Any:
        """The synchronous client."""
        with self._lock:
            self._forget_if_forked()
            if self._plain is None:
                self._plain = sdk.openai().OpenAI(**self._options())
            return self._plain

    async def aclient(self) -> Any:
        """The client of the running event loop."""
        import asyncio

        loop = asyncio.get_running_loop()
        with self._lock:
            self._forget_if_forked()
            found = self._on_loops.get(loop)
            if found is not None:
                return found[0]
            # Loops that were closed without ceremony leave nothing that could still be closed.
            self._on_loops = {
                each: held for each, held in self._on_loops.items() if not each.is_closed()
            }
            # Made under the lock: two tasks of one loop share one client.
            client = sdk.openai().AsyncOpenAI(**self._options())
            keeper = self._kept(loop, client)
            self._on_loops[loop] = (client, keeper)
        # Runs to its yield at once, which hands it to the loop's shutdown hooks.
        await anext(keeper)
        return client

    def close(self) -> None:
        """Close all clients: the plain one here, those of loops on their loops."""
        plain, held = self._taken()
        if plain is not None:
            plain.close()
        if not held:
            return
        import asyncio

        here = _running_loop()
        for loop, (_, keeper) in held.items():
            if loop is here:
                # This very loop is busy running us; it closes the client as soon as it is free.
                _closings.add(task := loop.create_task(keeper.aclose()))
                task.add_done_callback(_closings.discard)
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(keeper.aclose(), loop).result(timeout=5.0)
            elif not loop.is_closed() and here is None:
                loop.run_until_complete(keeper.aclose())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        import asyncio

        plain, held = self._taken()
        if plain is not None:
            plain.close()
        here = asyncio.get_running_loop()
        for loop, (_, keeper) in held.items():
            if loop is here:
                await keeper.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)
                await asyncio.wrap_future(closing)

    async def _kept(self, loop: asyncio.AbstractEventLoop, client: Any) -> AsyncGenerator[None]:
        """Holds a client open until its loop shuts down its asynchronous generators."""
        try:
            yield
        finally:
            with self._lock:
                self._on_loops.pop(loop, None)
            await client.close()

    def _taken(self) -> tuple[Any, dict[asyncio.AbstractEventLoop, tuple[Any, Any]]]:
        with self._lock:
            self._forget_if_forked()
            plain, self._plain = self._plain, None
            held, self._on_loops = self._on_loops, {}
        return plain, held

    def _forget_if_forked(self) -> None:
        # Two processes that write to one connection mix up their requests; the parent keeps it.
        if os.getpid() != self._process:
            self._process = os.getpid()
            self._plain, self._on_loops = None, {}

    def _options(self) -> dict[str, Any]:
        key = self._api_key.get_secret_value() if self._api_key is not None else None
        if key is None and not (self._base_url or os.environ.get("OPENAI_BASE_URL")):
            raise RactoGatewayAuthError(
                "OpenAI needs an API key: pass api_key=, set OPENAI_API_KEY, or name another "
                "server with base_url=",
                provider="openai",
            )
        return {
            # The SDK insists on some key, also for servers that want none.
            "api_key": key or _NO_KEY,
            "base_url": self._base_url,
            "default_headers": dict(self._headers or {}),
            "organization": self._organization,
            "project": self._project,
            # One policy retries, and it is racto's.
            "max_retries": 0,
        }


_closings: set[asyncio.Task[None]] = set()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
