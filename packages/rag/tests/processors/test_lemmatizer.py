"""Lemmatizer replaces words by their lemmas and leaves everything else as it was."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError, MissingExtraError
from racto.core.testing import TextProcessorContract
from racto.rag.chunkers import RecursiveChunker
from racto.rag.ingestion.preparation import Preparation
from racto.rag.processors import Lemmatizer, ProcessingPipeline, TextCleaner
from racto.rag.processors.lemmatizer import _MOST_WORDS

LEMMATIZER = Lemmatizer()


class TestContract(TextProcessorContract):
    """Lemmatizer is a text processor."""

    @pytest.fixture
    def processor(self) -> Lemmatizer:
        return Lemmatizer()


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("The geese were running.", "The goose be run."),
        ("Mice, children\u2019s (3) cats!", "Mouse, child (3) cat!"),
        ("  two\r\n\tdogs\0  ", "  two\r\n\tdog\0  "),
        ("x_1 = indices[42]; e-mails", "x_1 = index[42]; e-mail"),
    ],
)
def test_words_become_lemmas_and_the_rest_stays(text: str, lemmas: str):
    assert LEMMATIZER.process(text) == lemmas


@pytest.mark.parametrize(
    "text",
    [
        "US and NASA",
        "I don't",
        "microservices",
        "McDonald",
        "cafe\u0301",
        "\u65e5\u672c\u8a9e",
        "a" * 90_000,
    ],
)
def test_names_negations_and_unknown_words_stay(text: str):
    assert LEMMATIZER.process(text) == text


@pytest.mark.parametrize(
    ("language", "text", "lemmas"),
    [
        ("german", "Die H\u00e4user", "Der Haus"),
        ("de", "H\u00e4user", "Haus"),
        ("fr-CA", "chevaux", "cheval"),
        ("Croatian", "ku\u0107e", "ku\u0107a"),
    ],
)
def test_languages_go_by_name_or_code(language: str, text: str, lemmas: str):
    assert Lemmatizer(language=language).process(text) == lemmas


def test_without_rules_only_the_dictionary_counts():
    assert Lemmatizer(False).process("The dog's geese") == "The dog's goose"
    assert Lemmatizer(True).process("The dog's geese") == "The dog goose"


@given(st.text())
def test_what_is_no_letter_is_kept_exactly(text: str):
    def rest(text: str) -> list[str]:
        return re.findall(r"[^\w\u0300-\u036f'\u2019-]+", text)

    if not re.search(r"['\u2019-]|[^\x00-\u036f]", text):
        assert rest(LEMMATIZER.process(text)) == rest(text)


def test_what_is_remembered_is_bounded():
    lemmatizer = Lemmatizer()
    words = (
        f"{a}{b}{c}{d}"
        for a in "abcdefghij"
        for b in "klmnopqrstuvwxyz"
        for c in "abcdefghij"
        for d in "qrstuvwxyzabcdefghijklmnop"
    )
    text = " ".join(f"{word}x{last}" for word in words for last in "abc")
    assert lemmatizer.process(text).count(" ") == text.count(" ")
    assert 0 < len(lemmatizer._lemmas) <= _MOST_WORDS


def test_it_works_in_a_pipeline():
    pipeline = ProcessingPipeline([TextCleaner(), Lemmatizer()])
    assert pipeline.process("  Hello,   worlds!  ") == "Hello, world!"


def test_processed_chunks_go_on_pointing_at_their_passages():
    text = "The  geese were running. " * 40
    plain = RecursiveChunker(200, 0).chunk(Document(content=text, source="a", doc_id="d"))
    preparation = Preparation(RecursiveChunker(200, 0), [TextCleaner(), Lemmatizer()])
    made = preparation.chunks(Document(content=text, source="a", doc_id="d"))
    assert [(one.start, one.end) for one in made] == [(one.start, one.end) for one in plain]
    assert all("The goose be run." in one.content for one in made)


@pytest.mark.parametrize("language", ["klingon", "japanese", "ja"])
def test_a_language_without_a_dictionary_is_refused(language: str):
    with pytest.raises(ConfigurationError, match=language):
        Lemmatizer(language=language)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "simplemma", None)
    monkeypatch.setitem(sys.modules, "simplemma.strategies", None)
    with pytest.raises(MissingExtraError, match=r"racto-rag\[lemmas\]"):
        Lemmatizer()
