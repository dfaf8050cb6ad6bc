"""Chunks put together: the text comes back whole, and every piece knows its place."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata, Document
from racto.rag import FixedChunker, RecursiveChunker
from racto.rag.answers.citations import citation_of
from racto.rag.answers.sentences import Span
from racto.rag.ingestion.preparation import PARTS, REWRITTEN, Preparation, is_exact
from racto.rag.processors import TextCleaner
from racto.rag.retrieval.passages import joined

TEXT = st.text(st.sampled_from("ab \n.é日"), min_size=1, max_size=300)


class Shouting:
    """Rewrites every text, and changes no length."""

    def process(self, text: str) -> str:
        return text.swapcase()


def chunk(content: str, start: int, *, length: int | None = None, **extra: object) -> Chunk:
    end = start + (len(content) if length is None else length)
    return Chunk(
        content=content,
        doc_id="d",
        metadata=ChunkMetadata(doc_id="d", start_char=start, end_char=end, extra=extra),
    )


def test_one_chunk_stays_what_it_is() -> None:
    only = chunk("words", 0)
    assert joined([only]) is only


@given(TEXT, st.integers(2, 40), st.integers(0, 39))
def test_windows_give_the_text_back(text: str, size: int, overlap: int) -> None:
    document = Document(content=text, source="s", doc_id="d")
    chunks = FixedChunker(size, min(overlap, size - 1)).chunk(document)
    if not chunks:
        return
    whole = joined(chunks)
    assert (whole.start, whole.end) == (chunks[0].start, chunks[-1].end)
    # Windows of white space alone are left out by the chunker, and may leave a gap.
    if is_exact(whole):
        assert whole.content == text[whole.start : whole.end]
        assert not {REWRITTEN, PARTS} & whole.metadata.extra.keys()
    else:
        assert whole.content.split() == text.split()


@given(TEXT, st.integers(10, 60), st.integers(0, 9))
def test_where_white_space_was_left_out_no_word_is_lost(text: str, size: int, overlap: int) -> None:
    document = Document(content=text, source="s", doc_id="d")
    chunks = RecursiveChunker(size, overlap).chunk(document)
    if not chunks:
        return
    whole = joined(chunks)
    assert "".join(whole.content.split()) == "".join(text.split())
    for place, offset, length in whole.metadata.extra.get(PARTS, ()):
        assert whole.content[place : place + length] == text[offset : offset + length]


@given(st.text(st.sampled_from("ab c"), min_size=30, max_size=200), st.integers(0, 9))
def test_a_rewritten_overlap_is_not_said_twice(text: str, overlap: int) -> None:
    document = Document(content=text, source="s", doc_id="d")
    chunks = Preparation(FixedChunker(20, overlap), [Shouting()]).chunks(document)
    rewritten = [each for each in chunks if not is_exact(each)]
    if len(rewritten) < 2 or len(rewritten) < len(chunks):
        return
    whole = joined(chunks)
    assert not is_exact(whole)
    # Joined by new lines where nothing overlaps, and without a seam where it does.
    assert whole.content.replace("\n", "") == text[whole.start : whole.end].swapcase()


def test_cleaned_chunks_join_and_citations_find_each_piece() -> None:
    text = "The   first sentence ends here. Then the second one begins and it ends there too."
    document = Document(content=text, source="s", doc_id="d")
    chunks = Preparation(FixedChunker(40, 12), [TextCleaner()]).chunks(document)
    assert len(chunks) > 2
    whole = joined(chunks)
    assert whole.content.split() == text.split()
    assert whole.metadata.extra[REWRITTEN] is True
    at = whole.content.index("there too")
    cited = citation_of(1, whole, Span(at, at + len("there too")))
    assert "there too" in text[cited.start : cited.end]
    assert cited.end - cited.start < len(text)


def test_a_short_chance_repetition_is_kept() -> None:
    # Ten characters of the source are shared, and one letter is no trace of them.
    first, second = chunk("the tone", 0, length=20), chunk("even so", 10, length=20)
    assert joined([first, second]).content == "the tone\neven so"


def test_a_chunk_within_the_others_adds_nothing() -> None:
    whole = joined([chunk("abcdef", 0), chunk("cd", 2), chunk("efgh", 4)])
    assert (whole.content, whole.start, whole.end) == ("abcdefgh", 0, 8)
    assert is_exact(whole)
    assert whole.chunk_id == "d:0-8"


def test_parts_of_rewritten_chunks_move_with_them() -> None:
    first = chunk("AAAA", 0, length=8, **{REWRITTEN: True, PARTS: [[2, 5]]})
    second = chunk("BBBB", 8, length=8, **{REWRITTEN: True, PARTS: [[1, 10]]})
    whole = joined([first, second])
    assert whole.content == "AAAA\nBBBB"
    assert whole.metadata.extra[PARTS] == [[2, 5], [5, 8], [6, 10]]
    assert first.metadata.extra[PARTS] == [[2, 5]]


@pytest.mark.parametrize("length", [20_000, 40_000])
def test_texts_that_repeat_themselves_take_linear_time(length: int) -> None:
    first = chunk("a" * length, 0, length=length, **{REWRITTEN: True})
    second = chunk("a" * (length - 1) + "b", 1, length=length, **{REWRITTEN: True})
    assert len(joined([first, second]).content) == length + 1
