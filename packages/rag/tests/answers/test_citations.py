"""Numbers in an answer are citations only if a source stands behind them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata, RetrievalResult
from racto.rag.answers import check_citations, cited_numbers
from racto.rag.answers.citations import citation_of
from racto.rag.answers.sentences import Span
from racto.rag.ingestion.preparation import REWRITTEN

TEXT = "Bees dance. The queen lays eggs. Honey keeps for years."


def source(text: str = TEXT, **extra: bool) -> RetrievalResult:
    metadata = ChunkMetadata(
        source="bees.pdf", page=4, start_char=50, end_char=50 + len(TEXT), extra=extra, section="A"
    )
    return RetrievalResult(
        chunk=Chunk(content=text, chunk_id="c", metadata=metadata), score=1.0, rank=1
    )


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("Yes [1]. No [2][3].", [1, 2, 3]),
        ("Both [2, 1; 5].", [2, 1, 5]),
        ("Again [1] and [1].", [1]),
        ("A link [1](http://x) is none.", []),
        ("Neither [x] nor [] nor [1234].", []),
        ("", []),
    ],
)
def test_numbers(answer: str, numbers: list[int]) -> None:
    assert list(cited_numbers(answer)) == numbers


def test_each_number_has_the_claim_before_it() -> None:
    claims = cited_numbers("Bees dance [1]. Honey keeps [2], and eggs are laid [3].")
    assert claims[1] == "Bees dance"
    assert "Honey keeps" in claims[2]


def test_the_quote_is_the_sentence_nearest_to_the_claim() -> None:
    (citation,) = check_citations("Honey stays good for many years [1].", [source()])
    assert citation.quote == "Honey keeps for years."
    assert TEXT[citation.start - 50 : citation.end - 50] == citation.quote
    assert (citation.source, citation.page, citation.section) == ("bees.pdf", 4, "A")
    assert "page 4" in citation.location


def test_numbers_without_a_source_are_marked() -> None:
    citations = check_citations("Really [2]. Sure [0]. True [1].", [source()])
    assert [(c.number, c.is_supported) for c in citations] == [(2, False), (0, False), (1, True)]
    assert citations[0].quote == ""


def test_rewritten_chunks_are_cited_as_a_whole() -> None:
    rewritten = source(TEXT, **{REWRITTEN: True}).chunk
    citation = citation_of(1, rewritten, Span(0, 11))
    assert (citation.start, citation.end, citation.quote) == (50, 50 + len(TEXT), "Bees dance.")
    shorter = source("bees dance").chunk
    assert citation_of(1, shorter, Span(0, 4)).end == 50 + len(TEXT)


@given(st.text(alphabet="ab [](),;0123456789.\n", max_size=200))
def test_any_answer_can_be_checked(answer: str) -> None:
    for citation in check_citations(answer, [source()]):
        assert citation.is_supported == (citation.number == 1)
