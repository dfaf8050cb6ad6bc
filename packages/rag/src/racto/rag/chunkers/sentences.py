"""Sentences of a text as offsets, found by sentencex, in time linear in the text's length."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from racto.core.documents import Document
from racto.core.errors import MissingExtraError
from racto.rag.answers.sentences import sentences

from .languages import language_code
from .pauses import between_letters
from .recursive import RecursiveChunker

Segment = Callable[[str, str], list[str]]

# The library's time grows with the square of a paragraph, and one of 4 MB takes ten seconds. Text
# of more than 10,240 bytes it divides itself, and loses the empty lines where it does.
_WINDOW = 10_000
# It fails where a capital letter, one of these spaces and a full stop follow each other.
_SPACE = "[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SPACES = re.compile(_SPACE)
_TRAP = re.compile(rf"\.(?<={_SPACE}\.)")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Spans(NamedTuple):
    """Passages of a text in their order: where each begins and ends."""

    starts: list[int]
    ends: list[int]


class SentenceFinder:
    """Finds the sentences of texts in one language; needs the extra ``sentences``.

    Args:
        language: Name or ISO 639 code.
        longest: Characters; what goes on for longer is divided, at words where there are any.

    Raises:
        ConfigurationError: If the language is unknown.
        MissingExtraError: If the library sentencex is not installed.
    """

    def __init__(self, language: str, longest: int) -> None:
        self.language = language_code(language)
        self.longest = longest
        self._segment = _load()
        self._window = max(_WINDOW, 2 * longest)
        self._divider = RecursiveChunker(longest, 0)

    def find(self, text: str) -> Spans:
        """The sentences of a text, white space at their ends included.

        None is of white space alone, none is longer than ``longest``, and everything visible is
        in one of them.
        """
        found = Spans([], [])
        at = 0
        while at < len(text):
            end = self._window_end(text, at)
            pieces = self._pieces(text[at:end])
            if end < len(text) and len(pieces) > 1:
                # The window may have cut the last one short: it begins the next window.
                end -= len(pieces.pop())
            self._add(found, text, at, pieces)
            at = end
        return found

    def _window_end(self, text: str, at: int) -> int:
        end = at + self._window
        if end >= len(text):
            return len(text)
        for pause in ("\n\n", " "):
            place = text.rfind(pause, at + self._window // 2, end)
            if place >= 0:
                return place + len(pause)
        return between_letters(text, at + 1, end)

    def _pieces(self, window: str) -> list[str]:
        """The window in pieces, of which each is a sentence or white space."""
        plain = _SPACES.sub(" ", window) if _TRAP.search(window) else window
        try:
            pieces = self._segment(self.language, plain)
        except UnicodeEncodeError:
            return self._pieces(_SURROGATES.sub("\ufffd", window))
        except BaseException as exc:
            # A panic of the library is no Exception. It costs the passage its best borders only.
            if type(exc).__name__ != "PanicException":
                raise
            pieces = []
        if sum(map(len, pieces)) == len(window):
            return pieces
        borders = _located(plain, pieces) or [span.start for span in sentences(window)]
        borders = [0, *borders[1:], len(window)]
        return [window[one:two] for one, two in pairwise(borders)]

    def _add(self, found: Spans, text: str, at: int, pieces: list[str]) -> None:
        longest = self.longest
        for piece in pieces:
            end = at + len(piece)
            if end - at > longest:
                self._divide(found, text, at, end)
            elif not piece.isspace():
                found.starts.append(at)
                found.ends.append(end)
            at = end

    def _divide(self, found: Spans, text: str, start: int, end: int) -> None:
        passage = Document(content=text[start:end], source="", doc_id="")
        for piece in self._divider.chunk(passage):
            found.starts.append(start + piece.start)
            found.ends.append(start + piece.end)


def _located(window: str, pieces: list[str]) -> list[int]:
    """Where pieces of a text begin of which some between are lost; empty if one is not found."""
    borders: list[int] = []
    at = 0
    for piece in pieces:
        at = window.find(piece, at)
        if at < 0:
            return []
        borders.append(at)
        at += len(piece)
    return borders


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of ``text[start:end]`` without the white space around it; there must be some."""
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end


def _load() -> Segment:
    try:
        from sentencex import segment  # type: ignore[import-untyped]
    except ImportError as exc:
        raise MissingExtraError(
            "sentencex", install="racto-rag[sentences]", purpose="Finding sentences"
        ) from exc
    found: Segment = segment
    return found
