"""Lemmatizer: words in their dictionary form, and everything between them as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import normalize

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.rag.chunkers.languages import NAMES, language_code

# Marks that letters carry in Latin, Greek, Cyrillic, Hebrew, Arabic and Devanagari; Python does
# not count them as parts of words.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0957"
    "\u0962\u0963\u200c\u200d"
)
_JOINTS = rf"(?:[{_MARKS}]++[^\W\d_]*+|['\u2019](?=[^\W\d_])[^\W\d_]++)*+"
_WORD = re.compile(rf"([^\W\d_]++{_JOINTS})")
_LONGEST_WORD = 60
_MOST_WORDS = 100_000
Find = Callable[[str], "str | None"]

# One dictionary serves the languages that grammars count as one.
_DICTIONARIES = {"bs": "hbs", "hr": "hbs", "sr": "hbs", "no": "nb"}


class Lemmatizer:
    """Reduces words to their lemmas with simplemma; needs the extra ``lemmas``.

    Its dictionaries are in the wheel, so nothing is downloaded. A lemma keeps the capital letter
    its word begins with; words in capitals (``US``, ``NASA``), words with a negation in them
    (``don't``) and those of which nothing is known stay as they are, and so does every character
    that belongs to no word. The time is linear in the length of the text; each word is looked up
    once, and up to 100,000 are remembered.

    Args:
        use_pos_tagging: Simplemma tags no parts of speech. True takes what it has instead: beside
            the dictionary its rules on endings, prefixes and compounds, which find forms that are
            in no dictionary. False looks in the dictionary only, which errs less on names.
        language: English name or ISO 639 code.

    Raises:
        ConfigurationError: If there is no dictionary of the language; it is a ``ValueError``.
        MissingExtraError: If the library simplemma is not installed.
    """

    def __init__(self, use_pos_tagging: bool = True, language: str = "english") -> None:
        self.use_pos_tagging = use_pos_tagging
        self.language = language
        code = language_code(language)
        find = _finder(_DICTIONARIES.get(code, code), language, by_rules=use_pos_tagging)
        self._lemmas = _Lemmas(find)

    def process(self, text: str) -> str:
        """Return the text with each word replaced by its lemma."""
        # The words are every second part, and a look into a dictionary takes less than a call.
        parts = _WORD.split(text)
        parts[1::2] = map(self._lemmas.__getitem__, parts[1::2])
        return "".join(parts)


class _Lemmas(dict[str, str]):
    """Lemmas by word, looked up when they are first asked for."""

    def __init__(self, find: Find) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> str:
        lemma = word if _is_kept(word) else self._lemma(word)
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[word] = lemma
        return lemma

    def _lemma(self, word: str) -> str:
        composed = normalize("NFC", word)
        lemma = self._find(composed)
        if not lemma:
            return word
        if composed[0].isupper():
            lemma = lemma[0].upper() + lemma[1:]
        # Composing letters is the cleaner's work: what did not change stays as it is written.
        return word if lemma == composed else lemma


def _is_kept(word: str) -> bool:
    capitals = len(word) > 1 and word.isupper()
    negated = word.endswith(("n't", "n\u2019t"))
    return capitals or negated or len(word) > _LONGEST_WORD


def _finder(code: str, language: str, *, by_rules: bool) -> Find:
    """The library's way from a word to its lemma; the dictionary is loaded at the first word."""
    try:
        from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
    except ImportError as exc:
        raise MissingExtraError(
            "simplemma", install="racto-rag[lemmas]", purpose="Reducing words to their lemmas"
        ) from exc
    if code not in SUPPORTED_LANGUAGES:
        known = ", ".join(
            name
            for name, short in sorted(NAMES.items())
            if _DICTIONARIES.get(short, short) in SUPPORTED_LANGUAGES
        )
        raise ConfigurationError(
            f"simplemma has no dictionary of {language!r}; it has those of {known}"
        )
    strategy = DefaultStrategy() if by_rules else DictionaryLookupStrategy()
    return lambda word: strategy.get_lemma(word, code)
