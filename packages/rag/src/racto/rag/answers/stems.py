"""Words reduced to what their English forms share: enough to see that two words are one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from racto.rag.index.words import pairs, signs_of

# Names in code count by their parts too: MissingExtraError is about errors, extras and missing.
_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENDINGS = (
    "ations", "ation", "ingly", "ments", "ment", "ness", "ions", "ings", "ion", "ing",
    "edly", "ers", "ies", "ed", "er", "es", "ly", "or", "s",
)  # fmt: skip
_SHORTEST = 3


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of a lower-case word; a rough one, for comparing and never for showing."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    # running, stopped: the last letter was doubled for the ending.
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.rstrip("eiy") if len(word.rstrip("eiy")) >= _SHORTEST else word


def folded(text: str) -> str:
    """The text without accents, as the index compares words; ``ß`` becomes ``ss``."""
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare).replace("ß", "ss")


def stems_of(text: str) -> set[str]:
    """The stems of all words of a text; of Chinese and Japanese, all signs and pairs of signs."""
    text = folded(text)
    signs = signs_of(text)
    words = _WORD.findall(text)
    parts = [part for word in words if not word[1:].islower() for part in _PART.findall(word)]
    stems = {stem(word.lower()) for word in (*words, *parts)}
    return stems.union(*signs, *map(pairs, signs))
