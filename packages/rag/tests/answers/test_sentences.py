"""Sentences are slices: in order, without overlap, and with nothing but white space between."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from racto.rag.answers.sentences import LONGEST_QUOTE, sentences


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("See Fig. 3 and Dr. Smith, e.g. A. Miller. Done.",
         ["See Fig. 3 and Dr. Smith, e.g. A. Miller.", "Done."]),
        ("It costs 5.99 euros.", ["It costs 5.99 euros."]),
        ("A line that\nis wrapped goes on.", ["A line that\nis wrapped goes on."]),
        ("Store.add\nStore chunks.", ["Store.add", "Store chunks."]),
        ("This line of prose is long enough to be wrapped by\nEmacs. Yes.",
         ["This line of prose is long enough to be wrapped by\nEmacs.", "Yes."]),
        ("# Title\n\nText.\n- one\n- two\n1. three", ["# Title", "Text.", "- one", "- two", "1. three"]),
        ("| a | b |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("一つ。二つ。", ["一つ。", "二つ。"]),
        ("", []),
        (" \n\t", []),
    ],
)  # fmt: skip
def test_texts(text: str, wanted: list[str]) -> None:
    assert split(text) == wanted


def test_endless_sentences_are_cut_between_words() -> None:
    quotes = split("word " * 1000)
    assert max(map(len, quotes)) <= LONGEST_QUOTE
    assert all(quote.endswith("word") for quote in quotes)
    assert " ".join(quotes).split() == ["word"] * 1000
    assert len(split("x" * 5000)[0]) == LONGEST_QUOTE


@given(st.text(alphabet="aB .!?\n\"'”e.g|#-1。", max_size=300))
def test_they_are_slices_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] for span in spans)
    assert all(span.start < span.end for span in spans)
    for one, two in pairwise(spans):
        assert one.end <= two.start
