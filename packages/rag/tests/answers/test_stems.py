"""Forms of one word share a stem; different words do not."""

from __future__ import annotations

import pytest

from racto.rag.answers.stems import stem, stems_of


@pytest.mark.parametrize(
    "words",
    [
        "ingest ingests ingested ingesting ingestion",
        "run running runs",
        "file files",
        "install installs installed installing installation",
        "license licensed licenses",
        "query queries",
        "chunker chunk chunks chunking",
    ],
)
def test_forms(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1


def test_different_words() -> None:
    words = ("bee", "wasp", "was", "red", "read", "error", "story", "test", "text")
    assert len({stem(word) for word in words}) == len(words)


def test_names_in_code_are_words_and_parts() -> None:
    assert {stem(word) for word in ("missing", "extra", "error")} <= stems_of("MissingExtraError")
    assert stem("http") in stems_of("HTTPServer")
    assert stems_of("") == set()
