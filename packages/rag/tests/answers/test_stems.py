"""Forms of one word share a stem; different words do not."""

from __future__ import annotations

import pytest

from racto.rag.answers.stems import folded, stem, stems_of


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


def test_accents_are_no_difference() -> None:
    assert stems_of("Bücherei, Straße, café") == stems_of("Bucherei, Strasse, cafe")
    assert folded("ガラス 한국") == "ガラス 한국"


def test_signs_count_alone_and_in_pairs() -> None:
    assert {"首都", "日本", "水"} <= stems_of("日本の首都と水")
    assert "本都" not in stems_of("日本の首都と水")
