"""Calls into the event loop that serves a request, from that loop, another one, or a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from racto.core.errors import ToolError

T = TypeVar("T")


class ToolCancelledError(ToolError):
    """The call is over: its client cancelled it, or it took too long. The tool should stop."""


class LoopLine:
    """A way to one event loop, for as long as one request is served.

    Make it on the loop that it leads to. When it is closed, whoever waits is released with
    :class:`ToolCancelledError`.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._open = True
        self._waiting: set[Future[Any]] = set()
        self._posted: set[asyncio.Task[Any]] = set()

    def call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop and wait for it, in a thread that is not the loop's.

        Args:
            make: Makes the coroutine.

        Raises:
            ToolCancelledError: If the request is over.
            RuntimeError: In the loop's own thread, which would wait for itself.
        """
        if threading.get_ident() == self._thread:
            raise RuntimeError(
                "this would block the event loop that has to do it; await the method of the same "
                "name with an a before it"
            )
        future = self._submitted(make)
        try:
            return future.result()
        except CancelledError as error:
            raise _over() from error
        finally:
            self._waiting.discard(future)

    async def acall(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Async twin of :meth:`call`; works on the loop itself and on any other."""
        if asyncio.get_running_loop() is self.loop:
            return await make()
        future = self._submitted(make)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as error:
            # Either this task was cancelled, or the line was closed under it.
            if self._open:
                raise
            raise _over() from error
        finally:
            self._waiting.discard(future)

    def post(self, make: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine on the loop: at once from a thread, in a moment from the loop itself.

        Nothing happens when the request is over.
        """
        if threading.get_ident() != self._thread:
            try:
                self.call(make)
            except ToolCancelledError:
                return
        elif self._open:
            # The loop cannot wait for itself; it is done before the result is sent.
            task = self.loop.create_task(make())
            self._posted.add(task)
            task.add_done_callback(self._posted.discard)

    def drained(self) -> Coroutine[Any, Any, None]:
        """Wait until all that was posted from the loop itself is done."""
        return self._drain()

    def close(self) -> None:
        """Release whoever waits; later calls fail."""
        with self._lock:
            self._open = False
            waiting = list(self._waiting)
        for future in waiting:
            future.cancel()
        for task in list(self._posted):
            task.cancel()

    async def _drain(self) -> None:
        while self._posted:
            await asyncio.gather(*self._posted)

    def _submitted(self, make: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        # Under the lock, so that no call slips in behind a closing line and waits for ever.
        with self._lock:
            if not self._open:
                raise _over()
            future = asyncio.run_coroutine_threadsafe(_made(make), self.loop)
            self._waiting.add(future)
        return future


async def _made(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return await make()


def _over() -> ToolCancelledError:
    return ToolCancelledError("this call is over: it was cancelled or took too long")
