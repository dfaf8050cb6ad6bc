"""Sentences are found with exact offsets, whatever the library does with a text."""

from __future__ import annotations

import sys

import pytest

from racto.core.errors import MissingExtraError
from racto.rag.chunkers.sentences import SentenceFinder


def found(text: str, longest: int = 2_000, language: str = "en") -> list[str]:
    starts, ends = SentenceFinder(language, longest).find(text)
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def test_white_space_alone_is_no_sentence():
    assert [piece.strip() for piece in found("\n\nOne.\n\n \n\nTwo.\r\n\r\n")] == ["One.", "Two."]
    assert found("") == found(" \n\n\t") == []


@pytest.mark.parametrize(
    "text", ["C\u00a0.", "\u0416\u2028\u2028. And so on.", "a\ud800b. C. \udfff"]
)
def test_texts_on_which_the_library_fails(text: str, capfd: pytest.CaptureFixture[str]):
    assert "".join(found(text)) == text
    assert "panicked" not in capfd.readouterr().err


def test_empty_lines_that_the_library_loses_move_no_offset():
    paragraph = "A sentence that is as long as others. \u00c4nother one is this.\n\n"
    text = paragraph * 4_000
    pieces = found(text)
    assert len(pieces) == 8_000
    assert {piece.strip() for piece in pieces} == {
        "A sentence that is as long as others.",
        "\u00c4nother one is this.",
    }


def test_windows_do_not_show_in_one_long_paragraph():
    text = "This sentence has forty-one characters.  " * 2_000
    assert {piece.strip() for piece in found(text)} == {"This sentence has forty-one characters."}


class Panicking(SentenceFinder):
    """A finder whose library fails on every text, as Rust libraries do."""

    def __init__(self) -> None:
        super().__init__("en", 2_000)
        panic = type("PanicException", (BaseException,), {})

        def segment(language: str, text: str) -> list[str]:
            raise panic("index out of bounds")

        self._segment = segment


def test_a_panic_of_the_library_costs_no_text():
    text = "One is here. Two is there."
    starts, ends = Panicking().find(text)
    assert [text[a:b].strip() for a, b in zip(starts, ends, strict=True)] == [
        "One is here.",
        "Two is there.",
    ]


@pytest.mark.parametrize("piece", ["\u201c", "\u00ab a. ", "x", "(a. ", "\n", "a. "])
def test_the_library_never_sees_more_than_a_window(piece: str):
    finder = SentenceFinder("en", 2_000)
    seen: list[int] = []
    library = finder._segment

    def segment(language: str, text: str) -> list[str]:
        seen.append(len(text))
        return library(language, text)

    finder._segment = segment
    finder.find((piece * 100_000)[:100_000])
    # Its time may grow with the square of a window, but no window is long.
    assert max(seen) <= 10_000
    assert sum(seen) <= 250_000


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentencex", None)
    with pytest.raises(MissingExtraError, match=r"racto-rag\[sentences\]"):
        SentenceFinder("en", 100)
