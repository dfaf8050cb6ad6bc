"""Numbers in an answer are citations only if a source stands behind them."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, strategies as st
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from racto.core import Chunk, ChunkMetadata, Document, RetrievalResult
from racto.core.testing import DictStore, HashEmbedder, ScriptedKit
from racto.rag import (
    DocumentIndex,
    NeighbourRetriever,
    RactoRAG,
    RecursiveChunker,
    TextCleaner,
)
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
        ("Take `items[1]` of the list [2].", [2]),
        ("```python\nrows[3] = rows[1]\n```\nThis copies a row [4].", [4]),
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


TRIP = """# Pump

The pump is  guaranteed for five years.

# Travel

The train to the coast leaves at seven.

## Tickets

A ticket costs nine crowns and fifty cents.
"""


def section_and_words(rag: RactoRAG, text: str, question: str) -> tuple[str | None, str]:
    (citation, *_) = rag.query(question).citations
    return citation.section, text[citation.start : citation.end]


@pytest.mark.parametrize("index", [None, "index"])
def test_the_section_is_that_of_the_quoted_words(
    index: str | None, tmp_path: Path, store: DictStore, embedder: HashEmbedder
) -> None:
    path = tmp_path / "trip.md"
    path.write_text(TRIP)
    place = None if index is None else tmp_path / index
    with RactoRAG(store, embedder, index=place, processors=[]) as rag:
        (chunk,) = rag.ingest(path)
        assert chunk.metadata.section == "Pump"
        assert section_and_words(rag, TRIP, "When does the train to the coast leave?") == (
            "Travel",
            "The train to the coast leaves at seven.",
        )
        assert section_and_words(rag, TRIP, "What does a ticket cost?") == (
            "Travel > Tickets",
            "A ticket costs nine crowns and fifty cents.",
        )


def test_rewritten_chunks_are_cited_by_the_section_of_the_quote(
    tmp_path: Path, store: DictStore, embedder: HashEmbedder
) -> None:
    path = tmp_path / "trip.md"
    path.write_text(TRIP)
    with RactoRAG(store, embedder) as rag:
        (chunk,) = rag.ingest(path)
        assert REWRITTEN in chunk.metadata.extra
        travel, tickets = TRIP.index("# Travel"), TRIP.index("## Tickets")
        assert section_and_words(rag, TRIP, "When does the train to the coast leave?") == (
            "Travel",
            TRIP[travel:tickets],
        )
        section, words = section_and_words(rag, TRIP, "How long is the pump guaranteed?")
        assert (section, words) == ("Pump", TRIP[:travel])


@pytest.mark.parametrize("processors", [[], [TextCleaner()]])
def test_the_page_is_that_of_the_quoted_words(
    processors: list[TextCleaner], store: DictStore, embedder: HashEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(paged("The pump is   guaranteed.", "", "The train leaves at seven."))
    kit = ScriptedKit(["It leaves at seven [1], and the pump is guaranteed [2]."])
    with RactoRAG(store, embedder, processors=processors) as rag:
        (chunk,) = rag.ingest(path)
        assert chunk.metadata.page == 1
        (citation, *_) = rag.query("When does the train leave?").citations
        assert (citation.page, citation.quote) == (3, "The train leaves at seven.")
        (citation, *_) = rag.query("Is the pump guaranteed?").citations
        assert citation.page == 1
    with RactoRAG(store, embedder, llm_kit=kit, processors=processors) as rag:
        rag.ingest(path)
        real, made_up = rag.query("When does the train leave?").citations
    assert (real.page, real.quote) == (3, "The train leaves at seven.")
    assert (made_up.is_supported, made_up.page) == (False, None)


def paged(*pages: str) -> bytes:
    """A PDF with a line of text on each page."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = stream
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("answer", "is_supported"),
    [
        ('The guide says "the pump is guaranteed for FIVE years" [1].', True),
        ("The guide says “the pump is\nguaranteed, for five years” [1].", True),
        ('The guide says "the pump is guaranteed for fifty years" [1].', False),
        # What one source says may be quoted beside the number of another one.
        ('The guide says "filters last for one whole year" [1].', True),
        ('It is called "a pump" [1].', True),
    ],
)
def test_a_quotation_must_stand_in_a_source(answer: str, is_supported: bool) -> None:
    texts = ("The pump is guaranteed for five years.", "Filters last for one whole year.")
    sources = [
        RetrievalResult(chunk=Chunk(content=text), score=1.0, rank=rank)
        for rank, text in enumerate(texts, start=1)
    ]
    (citation,) = check_citations(answer, sources)
    assert citation.is_supported == is_supported


def test_what_stands_between_two_short_quotations_is_none() -> None:
    answer = 'The "pump" is guaranteed for five whole years, and the "valve" is not [1].'
    (citation,) = check_citations(answer, [source("The pump is guaranteed.")])
    assert citation.is_supported


def test_citations_of_merged_passages_are_exact(tmp_path: Path) -> None:
    pages = [f"Page {n} tells of kappa{n}. It is long enough to be a chunk." for n in range(30)]
    text = "\n\n".join(pages)
    starts = [text.index(page) for page in pages]
    document = Document(content=text, source="book", pages=tuple(starts))
    with DocumentIndex(tmp_path / "index", create=True) as index:
        rag = RactoRAG(
            DictStore(), HashEmbedder(64), index=index, processors=[],
            chunker=RecursiveChunker(70, 0),
            retriever=lambda found: NeighbourRetriever(found, index, window=1),
        )  # fmt: skip
        rag.ingest_documents([document])
        for number in range(0, 30, 3):
            reply = rag.query(f"What tells of kappa{number}?", top_k=1)
            cited = next(c for c in reply.citations if f"kappa{number}." in c.quote)
            assert text[cited.start : cited.end] == cited.quote
            assert cited.page == number + 1
