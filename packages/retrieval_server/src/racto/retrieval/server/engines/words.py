"""Texts as words, the same way for documents and queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError

# Scripts without spaces between words: their characters are indexed one by one.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")

Stemmer = Callable[[str], str]


class Words:
    """Cuts texts into words: folded to one form and lower case, then stemmed where that is asked.

    Args:
        stopwords: Words that are left out, of documents and of queries.
        stemmer: Brings words to their stem or lemma.
    """

    def __init__(self, stopwords: Collection[str] = (), stemmer: Stemmer | None = None) -> None:
        self._stop = frozenset(word.casefold() for word in stopwords)
        self._stemmer = stemmer
        # Words repeat, and a dictionary look-up is much cheaper than any stemmer.
        self._stems: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        """The words of a text, in order, those that come twice being twice in it."""
        folded = text.casefold()
        if not folded.isascii():
            folded = unicodedata.normalize("NFKC", folded).casefold()
        words = _WORD.findall(folded)
        if self._stop:
            words = [word for word in words if word not in self._stop]
        if self._stemmer is None:
            return words
        return [self._stems.get(word) or self._stem(word, self._stemmer) for word in words]

    def _stem(self, word: str, stemmer: Stemmer) -> str:
        stem = stemmer(word).casefold() or word
        # Queries come from anybody: what they say must not fill the memory.
        if len(self._stems) < 1_000_000:
            self._stems[word] = stem
        return stem


def lemmatizer(language: str) -> Stemmer:
    """What brings words of a language to their lemma.

    Args:
        language: Its code, such as ``en``.

    Raises:
        MissingExtraError: If simplemma is not installed.
        ConfigurationError: If it does not know the language.
    """
    simplemma = _simplemma()
    try:
        simplemma.lemmatize("word", lang=language)
    except ValueError as error:
        raise ConfigurationError(f"language: no lemmas for {language!r}: {error}") from error

    def lemma(word: str) -> str:
        return str(simplemma.lemmatize(word, lang=language))

    return lemma


def _simplemma() -> Any:
    try:
        import simplemma
    except ImportError as error:
        raise MissingExtraError(
            "simplemma",
            install="racto-retrieval-server[lemmas]",
            purpose="search by lemmas",
        ) from error
    return simplemma
