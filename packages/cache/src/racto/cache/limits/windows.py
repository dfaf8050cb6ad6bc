"""One budget's use over a sliding window, exact in whole numbers: the algorithm of every limiter.

The window is cut into :data:`SLICES` slices. What is used is added to the slice of its moment, and
counts until the whole slice is older than the window. So in **any** stretch of time as long as the
window at most the budget is granted: there is no edge at which two budgets meet, as with a counter
that starts anew each minute. The whole budget may be used in one burst, and then nothing more until
it leaves the window. The price is that use returns up to one slice (a sixtieth of the window) late,
and that a window takes at most 61 numbers, however many calls were made.

The other usual choice, a bucket that refills at a steady rate (GCRA), keeps one number, but grants
a full bucket and its refill, together twice the budget, within one window.

Time is in whole microseconds. The scripts of :mod:`racto.cache.redis.scripts` do the same in Lua.
"""

from __future__ import annotations

from collections import deque

from racto.cache.config import MOST

SLICES = 60
"""Slices of a window; one more is held, which the window's far end has not left yet."""


def slice_width(seconds: float) -> int:
    """Microseconds of one slice of a window, rounded up so that no window is shorter than said."""
    return max(1, -(-round(seconds * 1_000_000) // SLICES))


class Window:
    """What is used of one budget.

    Attributes:
        used: All that counts now, as of the last :meth:`roll`; more than the budget after a
            settlement that was over it.
    """

    __slots__ = ("_slices", "used")

    def __init__(self) -> None:
        # Each slice's number and what was used in it, oldest first.
        self._slices: deque[tuple[int, int]] = deque()
        self.used = 0

    def roll(self, current: int) -> None:
        """Forget what has left the window.

        Args:
            current: Number of the slice of this moment: the time divided by the slice's width.
        """
        slices = self._slices
        if not slices:
            return
        if slices[-1][0] > current:
            # The clock was set back. Without this, use would count until the clock is there again.
            slices.clear()
            slices.append((current, self.used))
        while slices and slices[0][0] < current - SLICES:
            self.used -= slices.popleft()[1]

    def add(self, current: int, amount: int) -> None:
        """Count an amount in the slice of this moment; roll first."""
        amount = min(amount, MOST - self.used)
        self.used += amount
        slices = self._slices
        if slices and slices[-1][0] == current:
            amount += slices.pop()[1]
        slices.append((current, amount))

    def give_back(self, number: int, amount: int) -> None:
        """Take an amount off the slice in which it was counted; nothing if that is gone."""
        slices = self._slices
        # After the clock was set back all use stands in the newest slice.
        number = min(number, slices[-1][0]) if slices else number
        for place, (found, held) in enumerate(slices):
            if found == number:
                back = min(amount, held)
                slices[place] = (found, held - back)
                self.used -= back
                return

    def wait(self, now: int, width: int, missing: int) -> int:
        """Microseconds until ``missing`` of what is used has left the window.

        Args:
            now: This moment, in microseconds; roll first.
            width: Width of a slice, in microseconds.
            missing: How much must leave; 0 or less needs no wait.
        """
        wait = 0
        for number, held in self._slices:
            if missing <= 0:
                break
            missing -= held
            wait = (number + SLICES + 1) * width - now
        return wait
