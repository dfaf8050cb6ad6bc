"""Sentences of a text as offsets, so that a quotation is a slice and never a rewording."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_QUOTE = 400
"""Characters; a longer sentence is quoted in pieces that end between words."""

# A sentence ends after a full stop with its closing quotes, at a blank line, and where the next
# line begins a list item, a heading, a table row, a code fence or a labelled entry.
_BREAK = re.compile(
    r"""(?x)
    (?<=[.!?…])["'’”)\]]*\s+(?=[^\W_a-z]|["'“‘(\[*`])
    | (?<=[。！？])
    | [^\S\n]*\n\s*\n\s*
    | \n(?=\s*(?:[-*+•|>\#]|\d+[.)]\s|```|\w+:\s))
    | (?<=[:|])\n
    | (?P<title>\n)(?=[^\W_a-z])
    """
)
# A line this short that the next one does not continue is a title; prose is wrapped later.
_LONGEST_TITLE = 45
_ABBREVIATION = re.compile(
    r"(?i:\b(?:e\.g|i\.e|dr|mrs?|ms|prof|vs|figs?|nos?|al|st|cf|ca|approx|dept|inc|sec|vol))\.$"
    r"|\b[A-Z]\.$"
)


class Span(NamedTuple):
    """A passage of a text: ``text[start:end]``."""

    start: int
    end: int


def sentences(text: str, *, longest: int = LONGEST_QUOTE) -> list[Span]:
    """The sentences of a text in their order, without the white space around them.

    Args:
        text: The text.
        longest: Most characters of one; a longer one comes in pieces.
    """
    spans: list[Span] = []
    start = 0
    for found in _BREAK.finditer(text):
        if _is_inside(text, found, start):
            continue
        # Closing quotes are matched with the break and belong to the sentence.
        _add(spans, text, start, found.end(), longest)
        start = found.end()
    _add(spans, text, start, len(text), longest)
    return spans


def _is_inside(text: str, found: re.Match[str], start: int) -> bool:
    """Whether what looks like a break lies within a sentence that began at ``start``."""
    at = found.start()
    if found.group("title"):
        return at - max(start, text.rfind("\n", 0, at) + 1) > _LONGEST_TITLE
    return bool(_ABBREVIATION.search(text, max(start, at - 8), at))


def _add(spans: list[Span], text: str, start: int, end: int, longest: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    # The rest of a long one is quoted by itself: the answer may stand there.
    while end - start > longest:
        space = text.rfind(" ", start, start + longest)
        stop = space if space > start else start + longest
        spans.append(Span(start, stop))
        start = stop + (stop == space)
    if end > start:
        spans.append(Span(start, end))
