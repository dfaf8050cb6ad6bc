"""Async clients, one for each event loop, each closed by its own loop.

A connection belongs to the loop that opened it. A client is closed in :meth:`LoopClients.aclose`
or when its loop shuts down its asynchronous generators, as ``asyncio.run`` does at its end.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, NamedTuple


class LoopClient(NamedTuple):
    """One loop's client.

    Attributes:
        client: The client.
        seats: How many calls may run at once where the client itself raises for one too many.
        keeper: Closes the client when it is closed.
    """

    client: Any
    seats: asyncio.Semaphore
    keeper: AsyncGenerator[None]


class LoopClients:
    """The clients of one object, by loop; when it is forgotten, they are closed by their loops.

    Args:
        make: Makes a client; called on the loop, must not block.
        close: Closes one, on its loop; must not hold on to the object.
        seats: Calls that may run at once.
    """

    def __init__(
        self, make: Callable[[], Any], *, close: Callable[[Any], Awaitable[None]], seats: int
    ) -> None:
        self._make, self._close, self._seats = make, close, seats
        self._lock = threading.Lock()
        self._held: dict[asyncio.AbstractEventLoop, LoopClient] = {}
        # Sees the connections closed before the collector meets them and warns of open ones.
        weakref.finalize(self, _let_go, self._held).atexit = False

    def here(self) -> LoopClient | None:
        """The running loop's client if it is made already."""
        return self._held.get(asyncio.get_running_loop())

    def held(self) -> Awaitable[LoopClient]:
        """The running loop's client, made at first use."""
        return self._opened()

    async def _opened(self) -> LoopClient:
        loop = asyncio.get_running_loop()
        with self._lock:
            # Another task may have made it while this one loaded the library.
            if (found := self._held.get(loop)) is not None:
                return found
            # Loops that were closed without ceremony leave nothing that could still be closed.
            for gone in [each for each in self._held if each.is_closed()]:
                del self._held[gone]
            client = self._make()
            keeper = _kept(self._held, loop, client, self._close)
            found = LoopClient(client, asyncio.Semaphore(self._seats), keeper)
            self._held[loop] = found
        # Runs to its yield at once, which hands it to the loop's shutdown hooks.
        await anext(keeper)
        return found

    async def aclose(self) -> None:
        """Close the running loop's client; those of other loops are closed by their loops."""
        found = self.here()
        if found is not None:
            await found.keeper.aclose()

    def close(self) -> None:
        """Ask every loop that runs to close its client soon; waits for none of them."""
        with self._lock:
            _let_go(self._held)


async def _kept(
    held: dict[asyncio.AbstractEventLoop, LoopClient],
    loop: asyncio.AbstractEventLoop,
    client: Any,
    close: Callable[[Any], Awaitable[None]],
) -> AsyncGenerator[None]:
    """Holds a client open until its loop shuts down its asynchronous generators."""
    try:
        yield
    finally:
        # After a close the loop may have a newer client, which is another keeper's.
        if (found := held.get(loop)) is not None and found.client is client:
            del held[loop]
        try:
            await close(client)
        except asyncio.CancelledError:
            # A loop that ends cancels each task once, and waits for what it still does.
            await close(client)
            raise
        finally:
            _ending.pop(id(client), None)


async def _ended(keeper: AsyncGenerator[None]) -> None:
    # Cancelled before it began, this leaves the keeper as it is; aclose() itself would not.
    await keeper.aclose()


# A loop that ends before it comes to close a client does so at its end, if the keeper still lives.
_ending: dict[int, AsyncGenerator[None]] = {}


def _let_go(held: dict[asyncio.AbstractEventLoop, LoopClient]) -> None:
    while held:
        loop, each = held.popitem()
        if loop.is_running():
            _ending[id(each.client)] = each.keeper
            asyncio.run_coroutine_threadsafe(_ended(each.keeper), loop)
