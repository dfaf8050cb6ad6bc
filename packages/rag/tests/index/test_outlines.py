"""Outlines come back as they were, and leave the index with their sources."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from racto.core import Chunk, Document, Section
from racto.rag.index import DocumentIndex, SourceRecord

SECTIONS = (Section(start=0, title='Pump "A"\n'), Section(start=40, title="Ü\ud800", level=3))


def document(doc_id: str, **structure: object) -> Document:
    return Document(content="the text", source="a.md", doc_id=doc_id, **structure)  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DocumentIndex]:
    with DocumentIndex(tmp_path / "index", create=True) as made:
        yield made


def put(index: DocumentIndex, outline: Document | None, key: bytes = b"a") -> None:
    chunk = Chunk(content="bees", chunk_id=f"c{key!r}", embedding=[1.0])
    index.replace(SourceRecord(key=key, label="a.md", chunks=1), [chunk], outline=outline)


def test_pages_and_sections_come_back(index: DocumentIndex) -> None:
    put(index, document("d", pages=(0, 10, 35), sections=SECTIONS))
    back = index.outline("d")
    assert back is not None
    assert (back.doc_id, back.pages, back.sections) == ("d", (0, 10, 35), SECTIONS)
    assert back.content == ""
    assert (back.page_at(36), back.section_at(10)) == (3, 'Pump "A"\n')


def test_only_documents_with_structure_have_one(index: DocumentIndex) -> None:
    put(index, document("d"))
    assert index.outline("d") is None
    assert index.outline("unknown") is None


def test_a_new_version_replaces_it(index: DocumentIndex) -> None:
    put(index, document("one", sections=SECTIONS))
    put(index, document("two", pages=(0,)))
    assert index.outline("one") is None
    assert index.outline("two") is not None
    put(index, None)
    assert index.outline("two") is None


def test_it_leaves_with_its_source(index: DocumentIndex) -> None:
    put(index, document("one", pages=(0,)))
    put(index, document("two", pages=(0,)), b"b")
    index.remove([b"a"])
    assert index.outline("one") is None
    assert index.outline("two") is not None
    index.clear()
    assert index.outline("two") is None


def test_rows_come_back_with_blank_ones(index: DocumentIndex) -> None:
    rows = (4, 4, 4, 19, 19, 400)
    put(index, document("d", rows=rows, sections=(Section(start=0, title="Sheet1"),)))
    back = index.outline("d")
    assert back is not None
    assert back.rows == rows
    assert [back.row_at(offset) for offset in (0, 4, 18, 19, 500)] == [None, 3, 3, 5, 6]


def test_an_index_made_before_rows_were_kept_still_opens(tmp_path: Path) -> None:
    with DocumentIndex(tmp_path / "index", create=True) as made:
        put(made, document("old", pages=(0, 3)))
    with closing(sqlite3.connect(tmp_path / "index" / "index.sqlite3")) as connection:
        connection.execute("ALTER TABLE outlines DROP COLUMN rows")
        connection.commit()
    with DocumentIndex(tmp_path / "index") as opened:
        old = opened.outline("old")
        assert old is not None
        assert (old.pages, old.rows) == ((0, 3), ())
        put(opened, document("new", rows=(0, 5)), b"b")
        new = opened.outline("new")
        assert new is not None
        assert new.rows == (0, 5)
        assert opened.outline("old") == old
