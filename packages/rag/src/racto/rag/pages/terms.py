"""The terms by which pages are found: words without case, accents and endings."""

from __future__ import annotations

import re
from collections import Counter

from racto.rag.answers.stems import folded, stem
from racto.rag.index.words import MOST_WORDS, STOP_WORDS, pairs, segmented, signs_of

_WORD = re.compile(r"[^\W_]+")


def terms_of(text: str) -> list[str]:
    """All terms of a text with their repetitions; of Chinese and Japanese, signs and pairs."""
    return [stem(word) for word in _words(text)]


def asked(question: str) -> dict[str, str]:
    """The terms of a question, each with the word that it was first written as.

    Frequent English words are left out unless there is nothing else, and so is what goes beyond
    64 terms: a pasted document is no question.
    """
    found: dict[str, str] = {}
    # Enough to fill the limit with words that carry meaning, whatever stands between them.
    for word in _words(question[: 256 * MOST_WORDS]):
        found.setdefault(stem(word), word)
    telling = {term: word for term, word in found.items() if word not in STOP_WORDS}
    return dict(list((telling or found).items())[:MOST_WORDS])


def keywords_of(text: str, most: int) -> list[str]:
    """The words that occur most in a text, the most frequent first, ties in the text's order.

    Words of one letter or digit, and frequent English words, are left out; forms of one word are
    counted together and named by the first of them.
    """
    if not most:
        return []
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    # Words are counted before they are stemmed, which is the slow part.
    for word, count in Counter(_words(text)).items():
        if len(word) > 1 and word not in STOP_WORDS:
            term = stem(word)
            names.setdefault(term, word)
            counts[term] += count
    return [names[term] for term, _ in counts.most_common(most)]


def _words(text: str) -> list[str]:
    words = _WORD.findall(folded(segmented(text)).lower())
    if text.isascii():
        return words
    # Single signs stand in the list already, because they are taken apart.
    return words + [pair for signs in signs_of(text) if len(signs) > 1 for pair in pairs(signs)]
