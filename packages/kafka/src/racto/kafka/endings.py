"""The end of a stream's run: at once, or with some time to finish what is in hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from racto.core.flows import Flow, step

from .bells import Bell


class Ending:
    """Whether a run has been told to end, and whether its time for that is over.

    Args:
        bell: Wakes those who wait.
        seconds: Time to finish what is in hand, counted from the first :meth:`begin`.
    """

    def __init__(self, bell: Bell, *, seconds: float) -> None:
        self._bell = bell
        self._seconds = seconds
        self._at = math.inf

    @property
    def has_begun(self) -> bool:
        """Whether nothing new may be begun."""
        return self._at < math.inf

    @property
    def is_over(self) -> bool:
        """Whether nobody may go on: no failed message is tried again, and nobody is waited for."""
        return time.monotonic() >= self._at

    def left(self) -> float:
        """Seconds until it is over; infinite before :meth:`begin`."""
        return max(0.0, self._at - time.monotonic())

    def begin(self) -> None:
        """Let the run end in order; returns at once, and may be called from a signal's handler."""
        # The second to say so does not get the time anew.
        self._at = min(self._at, time.monotonic() + self._seconds)
        self._bell.ring()

    def now(self) -> None:
        """End it at once."""
        self._at = -math.inf
        self._bell.ring()

    def until(self, reached: Callable[[], bool], seconds: float = math.inf) -> Flow[bool]:
        """Wait until something is true, as :meth:`Bell.until` does, unless the end comes first.

        Args:
            reached: What is waited for; looked at under the bell's lock.
            seconds: Most seconds to wait.

        Returns:
            Whether it is true.
        """
        until = time.monotonic() + seconds
        while True:
            end = self._at
            left = min(until, end) - time.monotonic()
            # Woken when the end is nearer than it was: stop() comes while a minute is waited.
            yield from step(
                self._bell.until,
                self._bell.auntil,
                partial(self._is_called, reached, end),
                None if left == math.inf else max(0.0, left),
            )
            if reached():
                return True
            if self.is_over or time.monotonic() >= until:
                return False

    def _is_called(self, reached: Callable[[], bool], end: float) -> bool:
        return reached() or self._at != end

    def pause(self, seconds: float) -> Flow[bool]:
        """Wait so long, unless the end comes first; whether it is over."""
        yield from self.until(lambda: False, seconds)
        return self.is_over
