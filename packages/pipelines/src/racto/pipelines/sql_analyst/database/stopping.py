"""What stops a running statement: by the clock, or because its caller went away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Stopper:
    """Stops at most one statement, from any thread, before or after it has started."""

    def __init__(self) -> None:
        self.fired = False
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    def arm(self, interrupt: Callable[[], None] | None) -> None:
        """Say how the statement that is about to run is stopped."""
        with self._lock:
            self._interrupt = interrupt

    def disarm(self) -> None:
        """Say that nothing runs any more; waits for an interrupt that is under way."""
        with self._lock:
            self._interrupt = None

    def fire(self) -> None:
        """Stop what runs; what has not started yet sees ``fired``."""
        # Under the lock, or the interrupt could hit the connection's next user.
        with self._lock:
            self.fired = True
            if self._interrupt is not None:
                # A connection that is gone has nothing left to stop.
                with suppress(Exception):
                    self._interrupt()

    @contextmanager
    def clock(self, seconds: float) -> Iterator[None]:
        """Stop the statement after some seconds, from a thread of its own."""
        timer = threading.Timer(seconds, self.fire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
