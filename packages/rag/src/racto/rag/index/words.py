"""Questions as full-text queries: any words are safe, and none is an operator.

Chinese and Japanese are written without spaces. Their texts are indexed sign by sign, and every
two neighbouring signs of a question are looked up as one word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

MOST_WORDS = 64
"""Distinct words of a question that are looked up; the rest of a very long one is ignored."""

_SIGNS = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
_SIGN = re.compile(f"[{_SIGNS}]")
_RUN = re.compile(rf"(?P<signs>[{_SIGNS}]+)|[^\W{_SIGNS}]+")

# Words that stand in nearly every English text; they cost time and say nothing. In other
# languages the ranking itself gives frequent words little weight.
_FREQUENT = """
a about after all also am an and any are as at be because been before being but by can could did
do does doing done for from had has have having he her here hers him his how i if in into is it
its itself just me more most my no nor not of off on once only or other our out over own same she
should so some such than that the their them then there these they this those through to too under
until up us very was we were what when where which while who whom whose why will with would you
your
"""
STOP_WORDS = frozenset(_FREQUENT.split())


def segmented(text: str) -> str:
    """The text with its Chinese and Japanese signs apart, as it is indexed and looked up."""
    return text if text.isascii() else _SIGN.sub(r" \g<0> ", text)


def words_of(text: str) -> list[str]:
    """The distinct words of a text in their order, lower-case."""
    return list(dict.fromkeys(_runs(text)))


def _runs(text: str) -> Iterator[str]:
    for found in _RUN.finditer(text):
        yield from pairs(found[0]) if found["signs"] else (found[0].lower(),)


def signs_of(text: str) -> list[str]:
    """The runs of Chinese and Japanese signs in a text."""
    return [] if text.isascii() else [found["signs"] for found in _RUN.finditer(text) if found[1]]


def pairs(signs: str) -> list[str]:
    """Every two neighbouring signs of a run, or the only one that there is."""
    return [signs[at : at + 2] for at in range(max(len(signs) - 1, 1))]


def content_words(question: str) -> list[str]:
    """The words of a question that carry meaning; all of them when none does."""
    # A whole document pasted as a question must not become a query of thousands of words.
    words = words_of(question)[: 4 * MOST_WORDS]
    return ([word for word in words if word not in STOP_WORDS] or words)[:MOST_WORDS]


def content_counts(question: str) -> dict[str, int]:
    """How often each of a question's :func:`content_words` stands in it."""
    counts = Counter(_runs(question))
    return {word: counts[word] for word in content_words(question)}
