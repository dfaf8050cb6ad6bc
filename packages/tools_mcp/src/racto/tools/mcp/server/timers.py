"""The clock of one tool call, which stands still while a user is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CallTimer:
    """Counts the seconds that a tool works, and tells when they are used up.

    Args:
        seconds: How many it has; None for as many as it wants.
        on_expiry: Called on the loop, once, when they are over.
    """

    def __init__(self, seconds: float | None, *, on_expiry: Callable[[], None]) -> None:
        self._left = seconds
        self._on_expiry = on_expiry
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | None = None
        self._since = 0.0
        self._pauses = 0
        self.expired = False
        self._go()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still inside the block; blocks may overlap."""
        self._pauses += 1
        self._halt()
        try:
            yield
        finally:
            self._pauses -= 1
            self._go()

    def stop(self) -> None:
        """Stand still for good."""
        self._pauses += 1
        self._halt()

    def _go(self) -> None:
        if self._left is not None and not self._pauses and not self.expired:
            self._since = self._loop.time()
            self._alarm = self._loop.call_later(self._left, self._expire)

    def _halt(self) -> None:
        if self._alarm is not None and self._left is not None:
            self._alarm.cancel()
            # What has passed is used up, however often the clock stood still.
            self._left = max(0.0, self._left - (self._loop.time() - self._since))
            self._alarm = None

    def _expire(self) -> None:
        self.expired, self._alarm = True, None
        self._on_expiry()
