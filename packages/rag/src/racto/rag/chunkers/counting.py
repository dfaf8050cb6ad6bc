"""CountedWindows: chunks of so many tokens where they can be counted but not seen."""

from __future__ import annotations

from collections.abc import Callable

from .pauses import between_letters, next_visible
from .sentences import Spans

# Counts for one chunk, beside the halving that a text with many tokens a character needs.
_MOST_TRIES = 6
_FIRST_GUESS = 3.0
_FILLED = 0.85


class CountedWindows:
    """One walk over a text that measures windows until they hold nearly so many tokens.

    Each window is counted a few times at most, so the work is linear in the text's length.

    Args:
        text: The whole text.
        count: Number of tokens in a text.
        size: Most tokens in a chunk.
        overlap: Most tokens repeated.
    """

    def __init__(self, text: str, count: Callable[[str], int], *, size: int, overlap: int) -> None:
        self._text = text
        self._length = len(text.rstrip())
        self._count = count
        self._size = size
        self._overlap = overlap
        # Characters in a token, as seen in the chunks so far.
        self._ratio = _FIRST_GUESS

    def cut(self) -> Spans:
        """The chunks' starts and ends, in characters."""
        found = Spans([], [])
        start, last = next_visible(self._text, 0), 0
        while last < self._length:
            end = self._end(start, last)
            if not end:
                # What is repeated leaves no room for the next character.
                start = next_visible(self._text, last)
                continue
            found.starts.append(start)
            found.ends.append(end)
            last = end
            if end < self._length:
                start = self._restart(start, end)
        return found

    def _end(self, start: int, last: int) -> int:
        """The furthest end found for a chunk that brings new text after ``last``; 0 for none."""
        least = next_visible(self._text, max(start, last)) + 1
        low, high = 0, self._length + 1
        guess = start + max(int(self._size * self._ratio * 0.95), 1)
        for _ in range(_MOST_TRIES):
            guess = self._snapped(least, max(min(guess, high - 1), least))
            tokens = self._count(self._text[start:guess])
            if tokens > self._size:
                high = guess
            else:
                low = guess
                if tokens >= self._size * _FILLED:
                    break
            reach = (guess - start) * self._size * 0.95 / max(tokens, 1)
            guess = start + int(min(reach, 4 * (guess - start) + 1))
            if high <= least or low >= min(high - 1, self._length) or (low and guess <= low):
                break
        if not low:
            low = self._halved(start, least, high)
            if not low:
                # One character is the least, however many tokens it has.
                return least if start >= last else 0
        self._ratio = max((low - start) / self._size, 0.01)
        return low

    def _halved(self, start: int, least: int, high: int) -> int:
        """An end below ``high`` with few enough tokens, found by halving; 0 for none."""
        end = high
        while end > least:
            half = start + (end - start) // 2
            end = self._trimmed(between_letters(self._text, least, max(half, least)))
            if self._count(self._text[start:end]) <= self._size:
                return end
        return 0

    def _snapped(self, least: int, end: int) -> int:
        """``end`` or the end of a word shortly before it."""
        if end >= self._length:
            return self._length
        if not (self._text[end].isspace() or self._text[end - 1].isspace()):
            space = self._text.rfind(" ", end - (end - least) // 8, end)
            end = space if space >= least else between_letters(self._text, least, end)
        return self._trimmed(end)

    def _trimmed(self, end: int) -> int:
        while self._text[end - 1].isspace():
            end -= 1
        return end

    def _restart(self, start: int, end: int) -> int:
        """Where the next chunk begins: at a word, with no more than the overlap before ``end``."""
        ahead = next_visible(self._text, end)
        back = int(self._ratio * self._overlap)
        for _ in range(_MOST_TRIES if back else 0):
            space = self._text.find(" ", max(end - back, start), end)
            begin = next_visible(self._text, space) if space >= 0 else end
            if begin >= end:
                break
            if self._count(self._text[begin:end]) <= self._overlap and begin > start:
                return begin
            back = (end - begin) // 2
        return ahead
