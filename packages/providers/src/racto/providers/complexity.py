"""How hard a message looks, from 0 to 100, in any language and without asking a model.

The score is the reference's: up to 50 points for length (an eighth of a point a token, 400 tokens
at most) and 8 points for each sign of hard work, 50 at most. Signs are words that ask for
analysis, proof or design, each meaning once, and what needs no language: code, formulas, lists
of parts, several questions. The words are data (``complexity.json``).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Keywords: TypeAlias = Iterable[str] | Mapping[str, Iterable[str]]
"""Words of your own; as a mapping, the words under one name count once."""

SATURATION = 400
LENGTH_POINTS = 50
POINTS_PER_SIGN = 8
SIGN_POINTS = 50

# Where points for length end. Of a longer message the beginning and the end are read: there
# stands what is asked, and between them the material that it is asked about.
_READ = SATURATION * 4
_HALF = _READ // 2
_PARTS = 3

_FOLDED = bytes(
    ord("0") if chr(code).isdigit() else ord(chr(code).lower()) if code < 128 else code
    for code in range(256)
)
_SPACED = bytes.maketrans(b".,;:!?()[]\"'", b" " * 12)
_ASCII = bytes(_SPACED[_FOLDED[code]] for code in range(256))
_WORD = re.compile(r"\w+(?:-\w+)*")
# A Han character says as much as four letters, a kana or a Hangul syllable as two.
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_SYLLABLES = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]+")
_ITEM = re.compile(r"\s*(?:[-*•]|\(?\w{1,2}[.)、])\s*\w")
_HEAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity:
    """What makes a message look hard.

    Attributes:
        tokens: Its length in tokens, estimated.
        signs: What asks for hard work, each once, sorted.
    """

    tokens: int
    signs: tuple[str, ...]

    @property
    def length_points(self) -> float:
        """Points for length, 0 to 50."""
        return min(self.tokens, SATURATION) * LENGTH_POINTS / SATURATION

    @property
    def sign_points(self) -> int:
        """Points for signs of hard work, 0 to 50."""
        return min(len(self.signs) * POINTS_PER_SIGN, SIGN_POINTS)

    @property
    def score(self) -> int:
        """Both together, rounded, 0 to 100."""
        return _rounded(self.tokens, len(self.signs))


class ComplexityGauge:
    """Measures messages; safe to share between threads.

    Args:
        keywords: Words that count beside racto's own, in any language and case.
    """

    def __init__(self, keywords: Keywords = ()) -> None:
        self._lexicon = _lexicon() if not keywords else _Lexicon(_data(), keywords)

    def score(self, text: str) -> int:
        """The score alone, 0 to 100; microseconds for any length."""
        length = len(text)
        tokens = length // 4 if length >= _READ or text.isascii() else _tokens(text)
        return _rounded(tokens, len(self._signs(text)))

    def measure(self, text: str) -> Complexity:
        """The score with what it is made of."""
        return Complexity(tokens=_tokens(text), signs=tuple(sorted(self._signs(text))))

    def _signs(self, text: str) -> set[str]:
        read = text if len(text) <= _READ else f"{text[:_HALF]} {text[-_HALF:]}"
        return self._lexicon.signs(read)


class _Lexicon:
    """The words and marks, in the shapes in which they are looked up fastest."""

    def __init__(self, data: Mapping[str, Any], keywords: Keywords = ()) -> None:
        self._words: dict[str, str] = {}
        self._prefixes: dict[str, list[tuple[str, str]]] = {}
        self._parts: dict[str, str] = {}
        for kinds in data["languages"].values():
            for meaning, words in kinds.get("words", {}).items():
                self._words.update(dict.fromkeys(words.split(), meaning))
            for meaning, words in kinds.get("prefixes", {}).items():
                for word in words.split():
                    self._prefixes.setdefault(word[:_HEAD], []).append((word, meaning))
            for meaning, words in kinds.get("parts", {}).items():
                self._parts.update(dict.fromkeys(words.split(), meaning))
        for sign, words in data["signs"].items():
            self._words.update(dict.fromkeys(words.split(), sign))
        for sign, marks in data["marks"].items():
            self._parts.update(dict.fromkeys(marks, sign))
        self._add(keywords)
        self._ascii = {
            word.encode(): meaning for word, meaning in self._words.items() if word.isascii()
        }
        self._known = frozenset(self._ascii)
        found = sorted(self._parts, key=len, reverse=True)
        self._part = re.compile("|".join(map(re.escape, found)))
        self._has_phrases = any(part.isascii() for part in self._parts)

    def _add(self, keywords: Keywords) -> None:
        named = keywords if isinstance(keywords, Mapping) else {word: [word] for word in keywords}
        for meaning, words in named.items():
            for word in map(str.lower, words):
                # What is no single word of letters and hyphens is looked for anywhere.
                alone = _WORD.fullmatch(word) and not _is_unspaced(word)
                (self._words if alone else self._parts)[word] = meaning

    def signs(self, text: str) -> set[str]:
        """The signs of hard work in a text."""
        # As bytes, which fold case and lose their punctuation in one pass of C.
        if not text.isascii():
            return self._foreign(text.lower())
        words = text.encode().translate(_ASCII).split()
        found = self._known.intersection(words)
        signs = {self._ascii[word] for word in found} if found else set()
        if self._has_phrases:
            self._add_parts(signs, text.lower())
        if "?" in text or "\n" in text:
            _add_shape(signs, text)
        return signs

    def _foreign(self, text: str) -> set[str]:
        # The marks of code and maths stand alone between spaces; words may touch commas.
        words = {*_WORD.findall(text), *text.split()}
        signs = {self._words[word] for word in self._words.keys() & words}
        for head in self._prefixes.keys() & {word[:_HEAD] for word in words}:
            for prefix, meaning in self._prefixes[head]:
                if any(word.startswith(prefix) for word in words):
                    signs.add(meaning)
        self._add_parts(signs, text)
        _add_shape(signs, text.replace("\uff1f", "?"))
        return signs

    def _add_parts(self, signs: set[str], text: str) -> None:
        signs.update(self._parts[part] for part in self._part.findall(text))


def _add_shape(signs: set[str], text: str) -> None:
    if text.count("?") >= _PARTS:
        signs.add("several questions")
    if sum(1 for line in text.splitlines() if _ITEM.match(line)) >= _PARTS:
        signs.add("several parts")


@functools.cache
def _data() -> Any:
    return json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


@functools.cache
def _lexicon() -> _Lexicon:
    return _Lexicon(_data())


def _tokens(text: str) -> int:
    letters = len(text)
    # Beyond the saturation nothing counts, so a long text need not be looked through.
    if letters < _READ and not text.isascii():
        letters += 3 * sum(map(len, _HAN.findall(text)))
        letters += sum(map(len, _SYLLABLES.findall(text)))
    return letters // 4


def _rounded(tokens: int, signs: int) -> int:
    # Conditions and no calls of min(): this is a tenth of the time of a short message.
    length = LENGTH_POINTS if tokens >= SATURATION else tokens * LENGTH_POINTS / SATURATION
    found = signs * POINTS_PER_SIGN
    return round(length + (SIGN_POINTS if found > SIGN_POINTS else found))


def _is_unspaced(word: str) -> bool:
    return bool(_HAN.search(word) or _SYLLABLES.search(word))
