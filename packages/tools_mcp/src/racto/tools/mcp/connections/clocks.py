"""The time that a call may take, which stands still while a person or a model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


class CallClock:
    """The clock of one call; an async context manager that raises TimeoutError when it is up.

    Args:
        seconds: How long the call may take; None for no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._left = seconds
        self._scope = asyncio.timeout(seconds)

    async def __aenter__(self) -> CallClock:
        await self._scope.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._scope.__aexit__(kind, error, trace)

    @property
    def is_up(self) -> bool:
        """Whether its time was up."""
        return self._scope.expired()

    def stop(self) -> None:
        """Let it stand still."""
        until = self._scope.when()
        if until is not None and not self._scope.expired():
            self._left = max(0.0, until - asyncio.get_running_loop().time())
            self._scope.reschedule(None)

    def go_on(self) -> None:
        """Let it run on with what was left."""
        if self._left is not None and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time() + self._left)


class Clocks:
    """The clocks of all calls of one connection; used on its loop only."""

    def __init__(self) -> None:
        self._running: set[CallClock] = set()
        self._stopped = 0

    @contextmanager
    def counting(self, clock: CallClock) -> Iterator[None]:
        """Count a clock in while its call lasts; the call has entered it already."""
        self._running.add(clock)
        if self._stopped:
            clock.stop()
        try:
            yield
        finally:
            self._running.discard(clock)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Stop them all while somebody is asked.

        A question does not say which call it belongs to, so all of them wait.
        """
        self._stopped += 1
        if self._stopped == 1:
            for clock in self._running:
                clock.stop()
        try:
            yield
        finally:
            self._stopped -= 1
            if not self._stopped:
                for clock in self._running:
                    clock.go_on()
