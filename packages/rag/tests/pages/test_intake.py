"""PageIntake knows a document again, and keeps facts and keywords with each page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core import Document
from racto.core.documents import Section
from racto.core.errors import UnsupportedFormatError
from racto.rag.pages import PageChunker, PageIndex
from racto.rag.pages.intake import PageIntake


class OneDocument:
    """Reads whatever it is told to read, as one document; may break on it."""

    def __init__(self, document: Document, error: Exception | None = None) -> None:
        self.document = document
        self.error = error

    def get_reader(self, path: str | Path) -> object:
        if Path(path).suffix == ".odd":
            raise UnsupportedFormatError("no reader")
        return self

    def read(self, path: str | Path) -> Document:
        if self.error is not None:
            raise self.error
        return self.document


BOOK = Document(
    content="Bees dance. Bees hum.Bread rises.",
    source="elsewhere",
    pages=(0, 21),
    sections=(Section(start=0, title="Bees"),),
    metadata={"author": "Ann", "year": 2020},
)


def intake(reader: OneDocument, index: PageIndex, most: int = 2) -> PageIntake:
    return PageIntake(index, reader, chunker=PageChunker(100, 0), top_keywords=most)


def test_pages_carry_facts_keywords_and_their_place() -> None:
    index = PageIndex()
    bees, bread = intake(OneDocument(BOOK), index).file(Path("book.pdf"), {"year": 2024})
    assert bees.metadata.extra == {
        "author": "Ann", "year": 2024, "top_keywords": ["bees", "dance"],
    }  # fmt: skip
    assert bread.metadata.extra["top_keywords"] == ["bread", "rises"]
    assert (bees.metadata.page, bread.metadata.page) == (1, 2)
    assert bees.metadata.source == "book.pdf"
    outline = index.outline(bees.doc_id)
    assert outline is not None
    assert (outline.content, outline.pages, outline.sections) == ("", BOOK.pages, BOOK.sections)


def test_no_keywords_leave_the_facts_alone() -> None:
    (page, _) = intake(OneDocument(BOOK), PageIndex(), most=0).file(Path("book.pdf"), {})
    assert page.metadata.extra == BOOK.metadata


@pytest.mark.parametrize("change", ["content", "facts", "sizes", "name"])
def test_whatever_changes_a_document_makes_new_pages(change: str) -> None:
    index, reader = PageIndex(), OneDocument(BOOK)
    first = intake(reader, index).text("Bees dance.", "note", {"lang": "en"})
    again = intake(reader, index).text("Bees dance.", "note", {"lang": "en"})
    assert again == first
    assert again[0] is first[0]
    text = "Bees hum." if change == "content" else "Bees dance."
    facts = {"lang": "de"} if change == "facts" else {"lang": "en"}
    most = 1 if change == "sizes" else 2
    name = "other" if change == "name" else "note"
    (new,) = intake(reader, index, most).text(text, name, facts)
    assert new.doc_id != first[0].doc_id


def test_a_reader_that_breaks_stops_no_folder(write: Callable[..., Path]) -> None:
    folder = write(a_txt="x", b_odd="x")
    broken = intake(OneDocument(BOOK, RuntimeError("parser bug")), PageIndex())
    report = broken.folder(folder, "**/*", {}).report
    assert [(one.kind, one.reason) for one in report.skipped] == [
        ("RuntimeError", "RuntimeError: parser bug")
    ]
    assert report.ignored == {".odd": 1}
    refused = intake(OneDocument(BOOK, PermissionError(13, "Permission denied")), PageIndex())
    (skipped,) = refused.folder(folder, "*.txt", {}).report.skipped
    assert skipped.reason == "permission denied"


def test_an_interrupt_is_no_file_that_cannot_be_read(write: Callable[..., Path]) -> None:
    class Interrupted(OneDocument):
        def read(self, path: str | Path) -> Document:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake(Interrupted(BOOK), PageIndex()).folder(write(a_txt="x"), "*", {})


def test_half_characters_are_replaced() -> None:
    (page,) = intake(OneDocument(BOOK), PageIndex()).text("bees \ud800", "note", {})
    assert page.content == "bees \ufffd"
