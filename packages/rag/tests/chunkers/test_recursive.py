"""RecursiveChunker keeps offsets exact, loses nothing, and cuts where the text pauses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document, Section
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.chunkers import RecursiveChunker

# Text of what chunkers stumble over: no spaces, nothing but separators, marks, pairs, controls.
SEPARATORS = ["\n\n", "\n", ". ", " ", ".", "\t", "\r\n", "\x0c", "\u00a0", "\u3000", "\u2028"]
MARKED = ["e\u0301\u0302", "\U0001f469\u200d\U0001f4bb", "\U0001f44d\U0001f3fd", "\u0e01\u0e33"]
PIECES = st.sampled_from([*SEPARATORS, *MARKED, "a", "word", "x" * 40])
TEXTS = st.one_of(
    st.text(), st.lists(PIECES, max_size=200).map("".join), st.text(alphabet=" \n.a", max_size=300)
)
SIZES = st.integers(1, 60).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


class TestContract(ChunkerContract):
    """RecursiveChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> RecursiveChunker:
        return RecursiveChunker(chunk_size=40, overlap=10)


def cut(text: str, size: int = 512, overlap: int = 50, **more: object) -> list[str]:
    document = Document(content=text, source="a.txt", doc_id="a")
    return [chunk.content for chunk in RecursiveChunker(size, overlap, **more).chunk(document)]


def headings(text: str) -> st.SearchStrategy[tuple[Section, ...]]:
    offsets = st.lists(st.integers(0, max(len(text) - 1, 0)), unique=True, max_size=8)
    return offsets.map(
        lambda found: tuple(Section(start=at, title=f"at {at}", level=1) for at in sorted(found))
    )


@settings(max_examples=400, deadline=None)
@given(data=st.data(), text=TEXTS, sizes=SIZES)
def test_laws_of_chunks_hold_on_any_text(
    laws, data: st.DataObject, text: str, sizes: tuple[int, int]
):
    size, overlap = sizes
    separators = data.draw(
        st.none()
        | st.lists(st.sampled_from(["\n\n", "\n## ", "--", ",", " ", "", "a"]), max_size=4)
    )
    document = Document(content=text, source="a", sections=data.draw(headings(text)))
    chunks = RecursiveChunker(size, overlap, separators).chunk(document)

    laws(text, chunks)
    for chunk in chunks:
        assert 0 < len(chunk.content) <= size
        assert chunk.content == chunk.content.strip()
    for one, two in pairwise(chunks):
        assert one.end - two.start <= overlap


def test_sentences_keep_their_full_stops_and_newlines():
    text = "".join(f"Sentence number {i} ends here.\n" for i in range(80))
    chunks = cut(text, 200, 20)
    assert sum(chunk.count(".") for chunk in cut(text, 200, 0)) == 80
    assert all(len(chunk) <= 200 for chunk in chunks)
    assert any("\n" in chunk for chunk in chunks)


def test_the_strongest_separator_of_the_last_third_wins():
    text = "a" * 36 + "\n\n" + "b" * 8 + " " + "c" * 60
    assert cut(text, 50, 0)[0] == "a" * 36
    early = "a" * 10 + "\n\n" + "b" * 30 + " " + "c" * 60
    assert cut(early, 50, 0)[0] == "a" * 10 + "\n\n" + "b" * 30


def test_a_full_stop_stays_on_the_left():
    assert cut("One is here. Two is here. Three", 16, 0)[0] == "One is here."


def test_text_after_a_separators_space_goes_to_the_right():
    text = "intro of some length\n## Install\nrun it and see"
    assert cut(text, 30, 0, separators=["\n## "]) == [
        "intro of some length",
        "## Install\nrun it and see",
    ]


def test_overlap_begins_at_a_word():
    chunks = cut(" ".join(f"word{i:03}" for i in range(60)), 100, 30)
    assert len(chunks) > 4
    for one, two in pairwise(chunks):
        shared = two[: two.index(one.split()[-1]) + 7]
        assert one.endswith(shared)
        assert shared.startswith("word")
        assert 15 <= len(shared) <= 30


def test_text_without_separators_is_cut_at_full_length_with_full_overlap():
    assert [len(chunk) for chunk in cut("x" * 250, 100, 20)] == [100, 100, 90]


def test_there_is_no_tail_that_only_repeats():
    chunks = cut(" ".join(map(str, range(1000, 1200))), 100, 40)
    assert not chunks[-2].endswith(chunks[-1])


def test_letters_keep_their_marks():
    text = "e\u0301" * 50
    assert all(chunk[0] == "e" and chunk[-1] == "\u0301" for chunk in cut(text, 11, 0))
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    assert cut(family * 4, 6, 0) == [family] * 4


def test_long_white_space_is_jumped_over():
    text = "begin" + " " * 5_000 + "end"
    assert cut(text, 20, 5) == ["begin", "end"]


def test_headings_are_cut_before_and_overlap_stays_behind_them():
    head = "First part of the text. " * 4
    text = head + "\n\n# Second\n" + "More of the text. " * 6
    section = Section(start=text.index("# Second"), title="Second")
    document = Document(content=text, source="a.md", sections=(section,))
    chunks = RecursiveChunker(150, 30).chunk(document)
    assert chunks[0].content == head.strip()
    assert chunks[1].content.startswith("# Second")
    assert chunks[1].metadata.section == "Second"


def test_metadata_says_where_a_chunk_is():
    text = "page one " * 20 + "page two " * 20
    document = Document(
        content=text, source="a.pdf", doc_id="d", metadata={"lang": "en"}, pages=(0, 180)
    )
    chunks = RecursiveChunker(100, 10).chunk(document)
    assert [chunk.metadata.page for chunk in chunks] == [
        document.page_at(chunk.start) for chunk in chunks
    ]
    assert chunks[0].metadata.extra is document.metadata
    assert chunks[0].chunk_id == f"d:0-{chunks[0].end}"


def test_sections_of_many_headings_are_those_the_document_names():
    levels = [1, 2, 3, 3, 2, 4, 1, 3, 2, 2]
    lines = [f"{'#' * level} Title {i}\ntext of part {i}\n\n" for i, level in enumerate(levels)]
    starts = [sum(map(len, lines[:i])) for i in range(len(lines))]
    sections = tuple(
        Section(start=start, title=f"Title {i}", level=level)
        for i, (start, level) in enumerate(zip(starts, levels, strict=True))
    )
    document = Document(content="".join(lines), source="a.md", sections=sections)
    chunks = RecursiveChunker(30, 5).chunk(document)
    assert {chunk.metadata.section for chunk in chunks} > {"Title 0 > Title 1 > Title 2"}
    for chunk in chunks:
        assert chunk.metadata.section == document.section_at(chunk.start)


class CountedText(str):
    """A text that counts how many characters its searches may have looked at."""

    looked_at = 0

    def find(self, sub: str, start: int, end: int) -> int:  # type: ignore[override]
        type(self).looked_at += end - start
        return super().find(sub, start, end)

    def rstrip(self) -> str:  # type: ignore[override]
        return str(self).rstrip()

    def __getitem__(self, at: object) -> str:
        found = super().__getitem__(at)  # type: ignore[index]
        # What is cut out is looked through as well.
        type(self).looked_at += len(found)
        return found


@pytest.mark.parametrize("piece", ["x", "word ", "one. two\n\n", "a" + " " * 700, "é\u0301"])
def test_work_grows_with_the_text_and_no_faster(piece: str):
    def work(length: int) -> int:
        CountedText.looked_at = 0
        text = CountedText((piece * length)[:length])
        RecursiveChunker().chunk(Document(content=text, source="a"))
        return CountedText.looked_at

    assert work(80_000) <= 4.4 * work(20_000)
    assert work(80_000) <= 8 * 80_000


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-1, 0), (10, 10), (10, 11), (10, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int):
    with pytest.raises(ValueError, match=r"chunk_size|overlap"):
        RecursiveChunker(size, overlap)


def test_one_string_of_separators_is_refused():
    with pytest.raises(ConfigurationError, match="list of strings"):
        RecursiveChunker(separators="\n\n")


async def test_the_async_twin_cuts_the_same():
    document = Document(content="some words to cut " * 20, source="a", doc_id="d")
    chunker = RecursiveChunker(60, 10)
    assert await chunker.achunk(document) == chunker.chunk(document)
