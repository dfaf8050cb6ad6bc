"""Where text may be cut: around a separator, before a visible character, between letters."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import category

_VISIBLE = re.compile(r"\S")
_SPACE = re.compile(r"\s+")
_JOINER = "\N{ZERO WIDTH JOINER}"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
# More marks than this on one letter are no writing; the limit keeps the work bounded.
_MOST_MARKS = 16


class Pause(NamedTuple):
    """A separator and what becomes of its characters when the text is cut at it.

    Attributes:
        separator: The string to look for; not empty.
        kept: How many of its characters stay on the left of the cut.
        skipped: How many lie before the first one that the right side shows.
        rest: How many of its characters go to the right, white space included.
    """

    separator: str
    kept: int
    skipped: int
    rest: int


def take_apart(separator: str) -> Pause:
    """What becomes of a separator: it is parted at its first white space."""
    space = _SPACE.search(separator)
    if space is None:
        return Pause(separator, len(separator), len(separator), 0)
    return Pause(separator, space.start(), space.end(), len(separator) - space.start())


def next_visible(text: str, at: int) -> int:
    """The offset of the first visible character from ``at`` on; the text's length without any."""
    found = _VISIBLE.search(text, at)
    return found.start() if found else len(text)


def between_letters(text: str, low: int, high: int) -> int:
    """The last offset from ``low`` to ``high`` that parts no letter from its marks.

    Combining marks, variation selectors and emoji joined into one picture stay together where
    the range allows it; ``high`` is the answer where it does not.
    """
    for at in range(high, max(low, high - _MOST_MARKS) - 1, -1):
        if not _joined(text, at):
            return at
    return high


def _joined(text: str, at: int) -> bool:
    after = text[at : at + 1]
    if after.isascii():
        return False
    return category(after)[0] == "M" or _JOINER in (after, text[at - 1]) or after in _SKIN_TONES
