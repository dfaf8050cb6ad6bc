"""Clients of a provider, made at first use: one for plain calls, and one for each event loop.

A connection belongs to the loop that opened it. Each async client is therefore closed by its own
loop: in :meth:`Clients.aclose`, or when the loop shuts down, whichever comes first. The plain client
of a kit that nobody closed is closed with it.

A loop of another thread may be busy. It is given a few seconds to close its client, and closes it
without anybody waiting when it takes longer.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from .dialers import Dialer

if TYPE_CHECKING:
    # Loading it takes as long as all of this package; plain callers never need it.
    import asyncio
    from concurrent.futures import Future

_PATIENCE_SECONDS = 5.0


class Clients:
    """The clients of one kit.

    Args:
        dialer: Makes and closes them.
    """

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._is_loaded = False
        self._plain: Any = None
        self._forgotten: weakref.finalize[..., Clients] | None = None
        self._on_loops: dict[asyncio.AbstractEventLoop, tuple[Any, AsyncGenerator[None]]] = {}

    def load(self) -> float:
        """Import what the clients are made of; once a kit, and never under the lock.

        Returns:
            The seconds that it took.
        """
        if self._is_loaded:
            return 0.0
        begun = time.monotonic()
        self._dialer.load()
        self._is_loaded = True
        return time.monotonic() - begun

    async def aload(self) -> float:
        """Async twin of :meth:`load`, in a thread: an SDK takes seconds."""
        if self._is_loaded:
            return 0.0
        import asyncio

        begun = time.monotonic()
        await asyncio.to_thread(self.load)
        return time.monotonic() - begun

    def client(self) -> Any:
        """The synchronous client."""
        self.load()
        with self._lock:
            self._forget_if_forked()
            if self._plain is None:
                self._plain = self._dialer.client()
                self._forgotten = weakref.finalize(self, self._dialer.close, self._plain)
            return self._plain

    async def aclient(self) -> Any:
        """The client of the running event loop."""
        import asyncio

        loop = asyncio.get_running_loop()
        await self.aload()
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
            client = self._dialer.aclient()
            keeper = self._kept(loop, client)
            self._on_loops[loop] = (client, keeper)
        # Runs to its yield at once, which hands it to the loop's shutdown hooks.
        await anext(keeper)
        return client

    def close(self) -> None:
        """Close all clients: the plain one here, those of loops on their loops."""
        plain, held = self._taken()
        if plain is not None:
            self._dialer.close(plain)
        if not held:
            return
        import asyncio

        here = _running_loop()
        for loop, (_, keeper) in held.items():
            if loop is here:
                # This very loop is busy running us; it closes the client as soon as it is free.
                _closings[task := loop.create_task(keeper.aclose())] = self
                task.add_done_callback(_closings.pop)
            elif loop.is_running():
                _settled(asyncio.run_coroutine_threadsafe(keeper.aclose(), loop))
            elif not loop.is_closed() and here is None:
                loop.run_until_complete(keeper.aclose())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`; also waits for what :meth:`close` left to this loop."""
        import asyncio

        plain, held = self._taken()
        if plain is not None:
            self._dialer.close(plain)
        here = asyncio.get_running_loop()
        for loop, (_, keeper) in held.items():
            if loop is here:
                await keeper.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)
                await asyncio.to_thread(_settled, closing)
        begun = [task for task, owner in list(_closings.items()) if owner is self]
        await asyncio.gather(*(task for task in begun if task.get_loop() is here))

    async def _kept(self, loop: asyncio.AbstractEventLoop, client: Any) -> AsyncGenerator[None]:
        """Holds a client open until its loop shuts down its asynchronous generators."""
        try:
            yield
        finally:
            with self._lock:
                # After a close the loop may have a newer client, which is another keeper's.
                if self._on_loops.get(loop, (None,))[0] is client:
                    del self._on_loops[loop]
            await self._dialer.aclose(client)

    def _taken(self) -> tuple[Any, dict[asyncio.AbstractEventLoop, tuple[Any, Any]]]:
        with self._lock:
            self._forget_if_forked()
            plain, self._plain = self._plain, None
            held, self._on_loops = self._on_loops, {}
            self._detach()
        return plain, held

    def _detach(self) -> None:
        if self._forgotten is not None:
            self._forgotten.detach()
            self._forgotten = None

    def _forget_if_forked(self) -> None:
        # Two processes that write to one connection mix up their requests; the parent keeps it.
        if os.getpid() != self._process:
            self._process = os.getpid()
            self._plain, self._on_loops = None, {}
            self._detach()


# Loops hold their tasks weakly.
_closings: dict[asyncio.Task[None], Clients] = {}


def _settled(closing: Future[None]) -> None:
    """Wait a while for the loop of another thread; what fails there is raised here."""
    from concurrent.futures import wait

    if wait([closing], timeout=_PATIENCE_SECONDS).done:
        closing.result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
