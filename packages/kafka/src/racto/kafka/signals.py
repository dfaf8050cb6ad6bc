"""Ends a stream in order when the process is told to end, and at once when told again."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def drained_on_signals(stop: Callable[[], None], *, enabled: bool = True) -> Iterator[None]:
    """Call ``stop`` at the first SIGTERM or SIGINT; a second one is a KeyboardInterrupt.

    Only a process's main thread may handle signals; in any other thread nothing happens. What
    handled the signals before does so again after the block.

    Args:
        stop: Starts the orderly end; returns at once.
        enabled: False does nothing.
    """
    if not enabled or threading.current_thread() is not threading.main_thread():
        yield
        return
    told = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if told:
            raise KeyboardInterrupt
        told = True
        stop()

    before = {number: signal.signal(number, handle) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None stands for a handler that was not installed from Python.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
