"""Packing: chunks that end at the strongest borders of a text with lines and structure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from .pauses import between_letters, next_visible
from .sentences import Spans


class Borders(NamedTuple):
    """Places where a text may be cut without harm.

    Attributes:
        places: Offsets at which visible lines begin, ascending.
        strengths: For each place how good it is; what begins at a stronger one holds what begins
            at the weaker ones after it. One of strength 0 is used only where what stands between
            it and the border before it cannot be kept with what follows.
    """

    places: list[int]
    strengths: list[int]


class Packer:
    """Fills chunks up to a size, and keeps what begins at a border whole where it fits.

    A chunk ends at the strongest border within reach that either leaves it half full, or spares
    a block which fits into the next one. Without such a border it ends at a stop in its last
    third. The time is linear in the length of the text.

    Args:
        size: Most characters in a chunk.
        overlap: Most characters repeated, from a border on; never across one of a strength of
            ``wall`` or more.
        stops: Strings to cut at within a block, the best first, each with how many of its
            characters stay on the left.
        wall: Strength from which on a border is not repeated across.
    """

    def __init__(
        self, size: int, overlap: int, *, stops: Sequence[tuple[str, int]], wall: int
    ) -> None:
        self._size = size
        self._overlap = overlap
        self._stops = stops
        self._wall = wall

    def cut(self, text: str, borders: Borders) -> Spans:
        """The chunks of a text: each begins at a line's indentation and ends visibly."""
        found = Spans([], [])
        length = len(text.rstrip())
        start, last = self._line(text, 0), 0
        while last < length:
            new = next_visible(text, max(start, last))
            if new >= start + self._size:
                # What would be repeated leaves no room beside so much white space.
                start = self._line(text, last)
                continue
            end = self._end(text, borders, start, new, length)
            while text[end - 1].isspace():
                end -= 1
            found.starts.append(start)
            found.ends.append(end)
            last = end
            if end < length:
                start = self._restart(text, borders, start, end)
        return found

    def _line(self, text: str, at: int) -> int:
        """Where the next visible text begins: at its line's indentation, if that is not long."""
        seen = next_visible(text, at)
        # Without a line end before it the text goes on in the midst of a line.
        start = text.rfind("\n", at, seen) + 1
        return start if (start or not at) and seen - start < (self._size + 1) // 2 else seen

    def _end(self, text: str, borders: Borders, start: int, new: int, length: int) -> int:
        high = start + self._size
        if high >= length:
            return length
        places, strengths = borders
        low, top = bisect_right(places, new), bisect_right(places, high)
        window = strengths[low:top]
        for strength in sorted(set(window), reverse=True):
            at = top - 1 - window[::-1].index(strength)
            if places[at] - start >= self._size // 2 or self._fits(borders, at, length):
                return places[at if strength or at == low else self._joined(borders, at, length)]
        low = max(start + self._size * 2 // 3, new + 1)
        part = text[low : high + 1]
        for separator, kept in self._stops:
            end = part.rfind(separator, 0, high - low - kept + len(separator))
            if end >= 0:
                return low + end + kept
        return between_letters(text, low, high)

    def _fits(self, borders: Borders, at: int, length: int) -> bool:
        """Whether the block that begins at a border is no longer than a chunk."""
        places, strengths = borders
        most = places[at] + self._size
        if most >= length:
            return True
        after = bisect_right(places, most, at + 1)
        return max(strengths[at + 1 : after], default=-1) >= strengths[at]

    def _joined(self, borders: Borders, at: int, length: int) -> int:
        """The border before a last resort if that leaves both in one chunk; else the same one."""
        places = borders.places
        after = places[at + 1] if at + 1 < len(places) else length
        return at - 1 if after - places[at - 1] <= self._size else at

    def _restart(self, text: str, borders: Borders, start: int, end: int) -> int:
        ahead = self._line(text, end)
        places, strengths = borders
        low = bisect_left(places, max(end - self._overlap, start + 1))
        after = bisect_right(places, ahead)
        for at in range(after - 1, low - 1, -1):
            if strengths[at] >= self._wall:
                return places[at] if places[at] < end else ahead
        return places[low] if low < after and places[low] < end else ahead
