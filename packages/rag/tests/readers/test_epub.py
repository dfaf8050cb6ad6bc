"""EpubReader reads chapters in the order of the spine, each a page."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from racto.core import Document
from racto.core.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MissingExtraError,
    ReadError,
)
from racto.core.testing import ReaderContract
from racto.rag.readers import EpubReader

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
CHAPTERS = {
    "text/two%20b.xhtml": "<html><head><title>Second</title></head><body><p>B begins.</p></body></html>",
    "cover.xhtml": '<html><head><title/></head><body><img src="a.png"/></body></html>',
    "text/one.xhtml": (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html><head><title/>'
        '<script src="x.js"/></head><body><h1>One</h1><p><a id="p1"/>Émile reads.</p></body></html>'
    ),
}
SPINE = ("text/one.xhtml", "cover.xhtml", "text/two%20b.xhtml", "text/one.xhtml")


def book(more: dict[str, str] | None = None) -> bytes:
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in CHAPTERS
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in SPINE)
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A book</dc:title>'
            "<dc:creator>Émile</dc:creator><dc:language>en</dc:language></metadata>"
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
        ),
        **{f"OEBPS/{name.replace('%20', ' ')}": text for name, text in CHAPTERS.items()},
        **(more or {}),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in files.items():
            file.writestr(name, text)
    return target.getvalue()


class TestContract(ReaderContract):
    """EpubReader is a reader."""

    file_name = "sample.epub"
    file_bytes = book()
    words = "Émile reads."

    @pytest.fixture
    def reader(self) -> EpubReader:
        return EpubReader()


def read(data: bytes) -> Document:
    return EpubReader().read(data)


def test_chapters_come_in_the_order_of_the_spine():
    document = read(book())
    assert document.text == "One\n\nÉmile reads.\n\nB begins."
    second = document.text.index("B begins")
    assert document.pages == (0, second, second)
    assert (document.page_at(6), document.page_at(second)) == (1, 3)
    assert (document.section_at(6), document.section_at(second)) == ("One", "Second")
    facts = document.metadata
    assert (facts["title"], facts["author"], facts["language"]) == ("A book", "Émile", "en")
    assert facts["chapter_count"] == 3


def test_copy_protection_is_told_from_scrambled_fonts():
    def locked(name: str) -> dict[str, str]:
        return {"META-INF/encryption.xml": f'<e><CipherReference URI="{name}"/></e>'}

    assert "B begins." in read(book(locked("OEBPS/font.otf"))).text
    with pytest.raises(EncryptedDocumentError, match="copy protection"):
        read(book(locked("OEBPS/text/one.xhtml")))


@pytest.mark.parametrize(
    "more",
    [
        {"META-INF/container.xml": "<container>"},
        {"META-INF/container.xml": "<container/>"},
        {"META-INF/container.xml": CONTAINER.replace("book.opf", "lost.opf")},
        {"OEBPS/book.opf": "<package/>"},
        {
            "OEBPS/book.opf": '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><package>&b;</package>'
        },
        {"OEBPS/text/one.xhtml": "<div>" * 10_000},
    ],
)
def test_broken_books_are_refused(more: dict[str, str]):
    with pytest.raises(ReadError):
        read(book(more))


def test_books_of_pictures_are_empty():
    blank = {f"OEBPS/{name.replace('%20', ' ')}": "<p/>" for name in CHAPTERS}
    with pytest.raises(EmptyDocumentError):
        read(book(blank))


def test_bombs_are_refused():
    with pytest.raises(DocumentTooLargeError, match="zip bomb"):
        read(book({"OEBPS/text/one.xhtml": "<p>" + " " * 50_000_000}))


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(MissingExtraError, match="pip install"):
        read(book())
