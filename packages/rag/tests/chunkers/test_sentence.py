"""SentenceChunker groups whole sentences, bounds them, and repeats no more than it may."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.chunkers.sentence import SentenceChunker

# fmt: off
PIECES = st.sampled_from(
    ["Mr. Smith left. ", "One! ", "Two? ", "end. ", "\n\n", "\r\n", "\n", " ", "\0", "no stop ",
     "\u05d0\u05d1. ", "\U0001f600", "e\u0301", "x" * 50, "C\u00a0.", "\u2028", "\u3002", "\ud800"]
)
# fmt: on
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=80).map("".join))
COUNTS = st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


class TestContract(ChunkerContract):
    """SentenceChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> SentenceChunker:
        return SentenceChunker(max_characters=200)


def cut(text: str, *args: object, **more: object) -> list[str]:
    return [
        chunk.content
        for chunk in SentenceChunker(*args, **more).chunk(Document(content=text, source="a"))
    ]


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, counts=COUNTS, longest=st.integers(1, 120))
def test_laws_of_chunks_hold_on_any_text(laws, text, counts, longest):
    chunker = SentenceChunker(*counts, max_characters=longest)
    chunks = chunker.chunk(Document(content=text, source="a", doc_id="d"))
    laws(text, chunks)
    for chunk in chunks:
        assert len(chunk.content) <= longest
        assert chunk.content == chunk.content.strip()
    if not counts[1]:
        assert all(one.end <= two.start for one, two in pairwise(chunks))


def test_sentences_are_grouped_and_the_last_is_repeated():
    text = "One is here. We met Dr. Smith. Three came! Was it four? Five."
    assert cut(text, 3, 1) == [
        "One is here. We met Dr. Smith. Three came!",
        "Three came! Was it four? Five.",
    ]
    assert cut(text, 2, 0) == [
        "One is here. We met Dr. Smith.",
        "Three came! Was it four?",
        "Five.",
    ]


def test_there_is_no_chunk_that_only_repeats():
    assert cut("One. Two. Three.", 3, 2) == ["One. Two. Three."]


def test_the_language_decides_on_abbreviations():
    text = "Das ist z.B. Wasser. Und mehr."
    assert (
        cut(text, 1, 0, "german")
        == cut(text, 1, 0, "de-CH")
        == ["Das ist z.B. Wasser.", "Und mehr."]
    )


def test_a_text_without_full_stops_is_divided_between_words():
    chunks = cut("word " * 200_000, max_characters=500)
    assert all(len(chunk) <= 500 and chunk.startswith("word") for chunk in chunks)
    assert sum(chunk.count("word") for chunk in cut("word " * 9_000, 5, 0)) == 9_000


def test_what_is_repeated_leaves_room_for_a_new_sentence():
    long = "A" * 60 + ". "
    assert [len(chunk) for chunk in cut(long * 3, 2, 1, max_characters=100)] == [61, 61, 61]


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"sentences_per_chunk": 0}, "at least 1"),
        ({"sentences_per_chunk": 2, "overlap_sentences": 2}, "no chunk would bring new text"),
        ({"overlap_sentences": -1}, "from 0"),
        ({"max_characters": 0}, "max_characters"),
        ({"language": "klingon"}, r"klingon.*english \(en\)"),
    ],
)
def test_what_makes_no_sense_is_refused(given_, reason):
    with pytest.raises(ConfigurationError, match=reason):
        SentenceChunker(**given_)
