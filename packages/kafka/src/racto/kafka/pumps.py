"""The thread that lets librdkafka report what became of records, as soon as it knows."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .clients import LOGGER

# A poll returns as soon as there is a report; this is only how long an idle one sleeps.
_IDLE_SECONDS = 0.1

# Woken for each report, this thread would fight the publishing one for the interpreter.
_PAUSE_SECONDS = 0.005


class Pump:
    """Calls a client's ``poll`` again and again, until it is stopped.

    It knows the client's ``poll`` and not who owns it, so that a forgotten producer is collected.

    Args:
        poll: Takes the seconds to wait for something to report.
        is_awaited: Whether somebody waits for a report; otherwise many are taken at once.
    """

    def __init__(self, poll: Callable[[float], object], is_awaited: Callable[[], bool]) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=_pumped,
            args=(poll, is_awaited, self._stopped),
            name="racto-kafka-reports",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it, unless it is the one that asks."""
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join()


def _pumped(
    poll: Callable[[float], object], is_awaited: Callable[[], bool], stopped: threading.Event
) -> None:
    while not stopped.is_set():
        try:
            if poll(_IDLE_SECONDS) and not is_awaited():
                stopped.wait(_PAUSE_SECONDS)
        except Exception:
            # What a callback of the user raised; the reports of other records must go on.
            LOGGER.exception("polling the producer failed")
            stopped.wait(_IDLE_SECONDS)
