"""Words are spelled as the index spells them."""

from __future__ import annotations

import pytest

from racto.rag.index.terms import SPELLER


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ("Running", ("run",)),
        ("CAFÉ", ("cafe",)),
        ("snake_case", ("snake", "case")),
        ("京都", ("京", "都")),
        ("_", ()),
        ("", ()),
        ("\x00", ()),
        ("a\ud800", ("a",)),
        ('"AND', ("and",)),
    ],
)
def test_terms(word: str, terms: tuple[str, ...]) -> None:
    assert SPELLER.terms(word) == terms
    assert SPELLER.terms(word) == terms


def test_very_long_words_are_cut() -> None:
    assert len(SPELLER.terms("x" * 1_000_000)[0]) == 200
