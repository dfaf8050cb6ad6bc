"""Wakes the threads and the tasks that wait for something to become true."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


class Bell:
    """A lock, and a signal to those who wait for what it guards to change.

    Attributes:
        lock: Held while the guarded state is read or changed; a thread may take it twice.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._condition = threading.Condition(self.lock)
        self._tasks: set[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = set()

    def ring(self) -> None:
        """Let everybody who waits look again."""
        with self.lock:
            self._condition.notify_all()
            tasks, self._tasks = self._tasks, set()
        for loop, future in tasks:
            # The loop may have ended since; then nobody waits there.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_wake, future)

    def until(self, reached: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until something is true.

        Args:
            reached: Looked at under the lock.
            timeout: Most seconds to wait; None for as long as it takes.

        Returns:
            Whether it became true in time.
        """
        with self.lock:
            return self._condition.wait_for(reached, timeout)

    async def auntil(self, reached: Callable[[], bool], timeout: float | None = None) -> bool:
        """Async twin of :meth:`until`."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            with self.lock:
                if reached():
                    return True
                left = None if end is None else end - loop.time()
                if left is not None and left <= 0:
                    return False
                future = loop.create_future()
                seat = (loop, future)
                self._tasks.add(seat)
            try:
                await asyncio.wait((future,), timeout=left)
            finally:
                with self.lock:
                    self._tasks.discard(seat)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
