"""The thread that lets librdkafka report what became of records, as soon as it knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .clients import LOGGER

# A poll returns as soon as there is a report; this is only how long an idle one sleeps.
_IDLE_SECONDS = 0.1

# Woken for each report, this thread would fight the publishing one for the interpreter.
_PAUSE_SECONDS = 0.005

# For so long whoever polls anyway is trusted to do it again.
_RELIEF_SECONDS = 0.02

# A client that its owner has closed fails at each poll.
_SECONDS_BETWEEN_LINES = 30.0


class Pump:
    """Calls a client's ``poll`` again and again, until it is stopped.

    It knows the client's ``poll`` and not who owns it, so that a forgotten producer is collected.

    Args:
        poll: Takes the seconds to wait for something to report.
        is_awaited: Whether somebody waits for a report; otherwise many are taken at once.
    """

    def __init__(self, poll: Callable[[float], object], is_awaited: Callable[[], bool]) -> None:
        self._stopped = threading.Event()
        self._relief = _Relief()
        self._thread = threading.Thread(
            target=_pumped,
            args=(poll, is_awaited, self._stopped, self._relief),
            name="racto-kafka-reports",
            daemon=True,
        )
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether it is the pump's own thread that asks."""
        return self._thread is threading.current_thread()

    def relieve(self) -> None:
        """Note that the caller has just polled, and will again: the pump pauses for a moment.

        Two threads that take reports and run Python in between cost more than one that does both.
        """
        self._relief.until = time.monotonic() + _RELIEF_SECONDS

    def resume(self) -> None:
        """Note that the caller polls no more."""
        self._relief.until = 0.0

    def stop(self) -> None:
        """End the thread and wait for it, unless it is the one that asks."""
        self._stopped.set()
        if not self.is_here:
            self._thread.join()


class _Relief:
    """Until when the pump need not poll; apart from it, so that the thread does not keep it."""

    until = 0.0


def _pumped(
    poll: Callable[[float], object],
    is_awaited: Callable[[], bool],
    stopped: threading.Event,
    relief: _Relief,
) -> None:
    told = -_SECONDS_BETWEEN_LINES
    while not stopped.is_set():
        try:
            is_relieved = time.monotonic() < relief.until
            if is_relieved or (poll(_IDLE_SECONDS) and not is_awaited()):
                stopped.wait(_PAUSE_SECONDS)
        except Exception:
            # What a callback of the user raised; the reports of other records must go on.
            if time.monotonic() - told >= _SECONDS_BETWEEN_LINES:
                told = time.monotonic()
                LOGGER.exception("polling the producer failed")
            stopped.wait(_IDLE_SECONDS)
