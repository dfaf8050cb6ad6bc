"""Documents and chunks: offsets that hold, plain data that round-trips, drafts that never show."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, fields, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import (
    Chunk,
    ChunkMetadata,
    ConfigurationError,
    Document,
    RetrievalConfig,
    RetrievalResult,
    Section,
)
from racto.core.documents import METADATA_FIELDS, cut_all, make_chunk

# Any Unicode, lone surrogates included: files are not always what they should be.
contents = st.text(st.characters(), max_size=60)
facts = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5))


@st.composite
def cut_documents(draw: st.DrawFn) -> tuple[Document, list[int], list[int]]:
    content = draw(contents)
    offsets = st.integers(0, len(content))
    spans = sorted(
        tuple(sorted(draw(st.tuples(offsets, offsets)))) for _ in range(draw(st.integers(0, 5)))
    )
    headings = sorted(draw(st.lists(st.tuples(offsets, st.integers(1, 4)), max_size=5)))
    document = Document(
        content=content,
        source="a.txt",
        doc_id="d",
        metadata=draw(facts),
        pages=tuple(sorted(draw(st.sets(offsets, max_size=4)))),
        sections=tuple(
            Section(start=start, title=f"h{number}", level=level)
            for number, (start, level) in enumerate(headings)
        ),
    )
    return document, [start for start, _ in spans], [end for _, end in spans]


@given(cut_documents())
def test_every_chunk_is_a_slice_that_knows_its_place(
    case: tuple[Document, list[int], list[int]],
) -> None:
    document, starts, ends = case
    chunks = cut_all(document, starts, ends)
    assert [(chunk.start, chunk.end) for chunk in chunks] == list(zip(starts, ends, strict=True))
    for index, chunk in enumerate(chunks):
        assert document.text[chunk.start : chunk.end] == chunk.content
        assert chunk.doc_id == chunk.metadata.doc_id == document.doc_id
        assert (chunk.metadata.chunk_index, chunk.metadata.total_chunks) == (index, len(chunks))
        assert chunk.metadata.page == document.page_at(chunk.start)
        assert chunk.metadata.section == document.section_at(chunk.start)
        assert chunk.metadata.source == document.source
        assert chunk.metadata.extra == document.metadata
        assert chunk.embedding is None


@given(cut_documents())
def test_cutting_again_gives_the_same_chunks(case: tuple[Document, list[int], list[int]]) -> None:
    assert cut_all(*case) == cut_all(*case)
    ids = {(chunk.start, chunk.end): chunk.chunk_id for chunk in cut_all(*case)}
    assert len(set(ids.values())) == len(ids)


@given(cut_documents())
def test_no_draft_ever_shows(case: tuple[Document, list[int], list[int]]) -> None:
    for chunk in cut_all(*case):
        made = Chunk(
            content=chunk.content,
            chunk_id=chunk.chunk_id,
            doc_id=chunk.doc_id,
            metadata=ChunkMetadata(
                **{f.name: getattr(chunk.metadata, f.name) for f in fields(ChunkMetadata)}
            ),
        )
        assert (type(chunk), type(chunk.metadata)) == (Chunk, ChunkMetadata)
        assert chunk == made
        assert repr(chunk) == repr(made)
        assert asdict(chunk) == asdict(made)
        for again in (
            pickle.loads(pickle.dumps(chunk)),
            copy.copy(chunk),
            copy.deepcopy(chunk),
            replace(chunk, content=chunk.content),
            chunk.with_content(chunk.content),
            chunk.with_embedding([1.0]),
        ):
            assert (type(again), type(again.metadata)) == (Chunk, ChunkMetadata)
            assert again == made


@given(cut_documents())
def test_chunks_survive_json(case: tuple[Document, list[int], list[int]]) -> None:
    for chunk in cut_all(*case):
        plain = json.loads(json.dumps(chunk.to_dict()))
        again = Chunk.from_dict(plain, embedding=[0.5])
        assert again == chunk
        assert again.embedding == [0.5]


def test_fields_that_this_version_lacks_are_ignored() -> None:
    chunk = Chunk(content="x", chunk_id="c", doc_id="d", metadata=ChunkMetadata(page=3))
    later = chunk.to_dict()
    later["colour"] = "red"
    later["metadata"]["mood"] = "good"
    assert Chunk.from_dict(later) == chunk
    bare = Chunk.from_dict({"content": "x", "chunk_id": "c"})
    assert (bare.metadata, bare.doc_id) == (ChunkMetadata(), "")


def test_plain_data_shares_nothing_with_the_chunk() -> None:
    extra = {"lang": "en"}
    chunk = Chunk(content="x", metadata=ChunkMetadata(extra=extra))
    chunk.to_dict()["metadata"]["extra"]["lang"] = "de"
    assert extra == {"lang": "en"}
    assert "embedding" not in chunk.to_dict()


@pytest.mark.parametrize(
    "thing",
    [
        cut_all(Document(content="ab", source="s"), [0], [1])[0],
        cut_all(Document(content="ab", source="s"), [0], [1])[0].metadata,
        Chunk(content="x"),
        Document(content="x", source="s"),
        Section(start=0, title="t"),
        RetrievalResult(chunk=Chunk(content="x"), score=0.5, rank=1),
        RetrievalConfig(query="q"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_data_is_frozen_and_slotted(thing: Any) -> None:
    name = fields(thing)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(thing, name, "other")
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        thing.surprise = 1
    assert not hasattr(thing, "__dict__")
    with pytest.raises(TypeError, match="positional"):
        type(thing)("a", "b")


def test_defaults_are_the_references() -> None:
    metadata = ChunkMetadata()
    assert (metadata.source, metadata.page, metadata.doc_id) == ("", None, "")
    assert (metadata.chunk_index, metadata.total_chunks) == (0, 1)
    assert (metadata.start_char, metadata.end_char, dict(metadata.extra)) == (0, 0, {})
    one, two = (Document(content="", source="s") for _ in range(2))
    assert len(one.doc_id) == 36
    assert one.doc_id != two.doc_id
    assert Chunk(content="").chunk_id != Chunk(content="").chunk_id
    assert RetrievalConfig(query="q").top_k == 5
    assert set(METADATA_FIELDS) == {item.name for item in fields(ChunkMetadata)} - {"extra"}


def test_a_vector_is_neither_printed_nor_compared() -> None:
    chunk = Chunk(content="x", chunk_id="c")
    assert chunk.with_embedding([1.0, 2.0]) == chunk
    assert "2.0" not in repr(chunk.with_embedding([1.0, 2.0]))
    assert chunk.with_embedding([1.0]).metadata is chunk.metadata


def test_rewritten_text_keeps_its_place() -> None:
    (chunk,) = cut_all(Document(content="Hello", source="s", doc_id="d"), [1], [4])
    cleaned = chunk.with_content("E L L")
    assert (cleaned.content, cleaned.start, cleaned.end) == ("E L L", 1, 4)
    assert cleaned.chunk_id == chunk.chunk_id


@given(st.sets(st.integers(1, 50)), st.integers(0, 60))
def test_pages_are_counted_from_one(later_pages: set[int], offset: int) -> None:
    pages = (0, *sorted(later_pages))
    page = Document(content="", source="s", pages=pages).page_at(offset)
    assert page is not None
    assert pages[page - 1] <= offset
    assert page == len(pages) or offset < pages[page]


def test_text_before_the_first_page_belongs_to_it_and_no_pages_means_none() -> None:
    assert Document(content="", source="s", pages=(5,)).page_at(0) == 1
    assert Document(content="", source="s").page_at(0) is None


def test_sections_are_paths_of_headings() -> None:
    sections = tuple(
        Section(start=start, title=title, level=level)
        for start, title, level in [
            (5, "A", 1), (10, "B", 2), (15, "C", 3), (20, "D", 2), (25, "E", 1), (30, "F", 3),
        ]
    )  # fmt: skip
    document = Document(content="", source="s", sections=sections)
    found = [document.section_at(offset) for offset in (0, 5, 12, 15, 24, 25, 99)]
    assert found == [None, "A", "A > B", "A > B > C", "A > D", "E", "E > F"]


def test_cutting_needs_as_many_ends_as_starts() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cut_all(Document(content="abc", source="s"), [0, 1], [1])


def test_a_chunk_costs_little_beyond_its_text() -> None:
    """The reference's chunk carried a copy of the page map: 14 MB for 81 kB of text."""
    text = "x" * 100_000
    pages = tuple(range(0, len(text), 1000))
    document = Document(content=text, source="s", doc_id="d", metadata={"a": 1}, pages=pages)
    starts = list(range(0, len(text), 500))
    chunks = cut_all(document, starts, [start + 500 for start in starts])
    own = 0
    for chunk in chunks:
        assert chunk.metadata.extra is document.metadata
        assert chunk.metadata.source is document.source
        owned = [chunk, chunk.metadata, chunk.chunk_id, chunk.start, chunk.end]
        own += sum(map(sys.getsizeof, owned))
    assert own / len(chunks) <= 400
    assert all(one.end == two.start for one, two in pairwise(chunks))


def test_results_and_configs() -> None:
    result = RetrievalResult(chunk=Chunk(content="x"), score=0.5, rank=1)
    assert result.at_rank(3) == replace(result, rank=3)
    assert dict(result.scores) == {}
    with pytest.raises(ConfigurationError, match="at least 1, not 0"):
        RetrievalConfig(query="q", top_k=0)


def test_chunks_made_from_all_their_values_are_those_of_the_constructors() -> None:
    extra = {"lang": "en"}
    made = make_chunk("text", "c", "d", [1.0], "a.md", 3, 1, 9, 10, 14, extra, "A > B")
    metadata = ChunkMetadata(
        source="a.md", page=3, chunk_index=1, total_chunks=9, start_char=10, end_char=14,
        doc_id="d", extra=extra, section="A > B",
    )  # fmt: skip
    built = Chunk(content="text", chunk_id="c", doc_id="d", embedding=[1.0], metadata=metadata)
    assert made == built
    assert repr(made) == repr(built)
    assert made.embedding == [1.0]
    assert (type(made), type(made.metadata)) == (Chunk, ChunkMetadata)
    with pytest.raises(FrozenInstanceError):
        made.content = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "take",
    [
        lambda chunk: pickle.loads(pickle.dumps(chunk)),
        copy.copy,
        copy.deepcopy,
        lambda chunk: replace(chunk, doc_id=chunk.doc_id),
        lambda chunk: chunk.with_content(chunk.content),
        lambda chunk: Chunk.from_dict(chunk.to_dict()),
    ],
)
def test_what_is_read_late_is_there_whatever_comes_first(take: Callable[[Chunk], Chunk]) -> None:
    document = Document(content="one two", source="a.txt", doc_id="d", metadata={"lang": "en"})

    def fresh() -> Chunk:
        return cut_all(document, [0, 4], [3, 7])[1]

    taken, known = take(fresh()), fresh()

    assert (taken.chunk_id, known.chunk_id) == ("d:4-7", "d:4-7")
    assert taken == known
    assert known.metadata is known.metadata
    assert taken.metadata == ChunkMetadata(
        source="a.txt", chunk_index=1, total_chunks=2, start_char=4, end_char=7, doc_id="d",
        extra={"lang": "en"},
    )  # fmt: skip
    with pytest.raises(FrozenInstanceError):
        known.metadata = taken.metadata  # type: ignore[misc]


def test_rows_are_counted_within_their_section() -> None:
    text = "Name\nAnn\nBob\nSize\n9\n"
    document = Document(
        content=text,
        source="s",
        sections=(Section(start=0, title="one"), Section(start=13, title="two")),
        rows=(0, 5, 5, 9, 13, 18),
    )
    assert document.row_at(0) == 1
    # The second row is blank and begins where the third does.
    assert document.row_at(text.index("Ann")) == 3
    assert document.row_at(text.index("Bob")) == 4
    assert document.row_at(text.index("9")) == 2
    assert Document(content="x", source="s").row_at(0) is None


def test_rewritten_text_may_bring_other_facts() -> None:
    document = Document(content="a  b", source="s", metadata={"lang": "en"}, pages=(0,))
    (chunk,) = cut_all(document, [0], [4])
    other = chunk.with_content("a b", {"lang": "en", "rewritten": True})
    assert other.content == "a b"
    assert other.chunk_id == chunk.chunk_id
    assert other.metadata == replace(chunk.metadata, extra={"lang": "en", "rewritten": True})
    assert chunk.metadata.extra == {"lang": "en"}
