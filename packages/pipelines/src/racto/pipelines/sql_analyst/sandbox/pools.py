"""Processes kept ready: locked, libraries loaded, each waiting for the one job of its life."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

from .processes import AnalysisProcess


class ProcessPool:
    """Keeps so many processes waiting; what was taken never comes back.

    Args:
        start: Makes a process.
        size: How many wait; 0 starts each one when it is needed.
    """

    def __init__(self, start: Callable[[], AnalysisProcess], size: int) -> None:
        self._start, self._size = start, size
        self._waiting: deque[AnalysisProcess] = deque()
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._closed = False

    def take(self) -> tuple[AnalysisProcess, bool]:
        """A process for one job, and whether it waited for it or is new."""
        with self._lock:
            self._leave_to_parent()
            while self._waiting:
                process = self._waiting.popleft()
                if process.alive():
                    return process, True
                process.end()
        return self._start(), False

    def fill(self) -> None:
        """Start what is missing; it loads on its own while this thread goes on."""
        with self._lock:
            self._leave_to_parent()
            while not self._closed and len(self._waiting) < self._size:
                self._waiting.append(self._start())

    def await_ready(self, seconds: float) -> None:
        """Wait until all that wait have loaded their libraries.

        Args:
            seconds: How long for each.

        Raises:
            SandboxUnavailableError: If one cannot be locked down.
            SandboxLimitError: If one takes longer.
            ProcessEndedError: If one ended.
        """
        # Under the lock, so that nobody takes one that this thread is talking to.
        with self._lock:
            for process in self._waiting:
                process.await_ready(seconds)

    def open(self) -> None:
        """Let it fill again after it was closed."""
        self._closed = False

    def close(self) -> None:
        """End all that wait, and keep none from now on."""
        with self._lock:
            self._leave_to_parent()
            self._closed = True
            while self._waiting:
                self._waiting.popleft().end()

    def _leave_to_parent(self) -> None:
        # After a fork both sides would talk to the same processes.
        if self._owner != os.getpid():
            self._owner = os.getpid()
            while self._waiting:
                self._waiting.popleft().forget()
