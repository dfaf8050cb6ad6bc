"""PdfReader gives pages by offset and tells scans, passwords and damage apart."""

from __future__ import annotations

import io
import socket
import sys
from pathlib import Path

import pypdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from racto.core.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MissingExtraError,
    ReadError,
)
from racto.core.testing import ReaderContract
from racto.rag.chunkers import RecursiveChunker
from racto.rag.readers import PdfReader


def pdf(*pages: str, title: str = "", trailer: str = "") -> bytes:
    """Write a PDF byte by byte, with a line of text on each page; an empty string gives a page without text."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    objects.append(f"<< /Title ({title}) >>")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    info = f"/Info {len(objects)} 0 R" if title else ""
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {info} {trailer} >>\n".encode()
    out += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


class TestContract(ReaderContract):
    """PdfReader is a reader."""

    file_name = "sample.pdf"
    file_bytes = pdf("The first page.", "The second page.")
    words = "second page"

    @pytest.fixture
    def reader(self) -> PdfReader:
        return PdfReader()


def encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("A secret page.")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pages_are_known_by_offset(tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf("Page one.", "", "Page three.", title="Annual report"))
    document = PdfReader().read(path)
    assert document.text == "Page one.\n\n\n\nPage three."
    assert document.pages == (0, 11, 13)
    assert document.page_at(document.text.index("three")) == 3
    assert dict(document.metadata) == {
        "mime": "application/pdf",
        "size_bytes": path.stat().st_size,
        "title": "Annual report",
        "page_count": 3,
    }


def test_chunks_know_their_page_and_share_the_metadata():
    document = PdfReader().read(pdf(*(f"Page number {i} says this." for i in range(1, 9))))
    chunks = RecursiveChunker(60, 10).chunk(document)
    assert [chunk.metadata.page for chunk in chunks] == [
        document.page_at(chunk.start) for chunk in chunks
    ]
    assert chunks[-1].metadata.page >= 7
    assert all(chunk.metadata.extra is document.metadata for chunk in chunks)


def test_a_scan_is_refused_with_advice():
    with pytest.raises(EmptyDocumentError, match=r"2 page\(s\) and no text layer.*OCR"):
        PdfReader().read(pdf("", ""))


def test_an_empty_password_is_tried():
    assert "secret" in PdfReader().read(encrypted("")).text


def test_a_password_is_asked_for_and_used():
    with pytest.raises(EncryptedDocumentError, match="needs a password"):
        PdfReader().read(encrypted("opensesame"))
    with pytest.raises(EncryptedDocumentError, match="needs another one") as caught:
        PdfReader(password="wrong-one").read(encrypted("opensesame"))
    assert "wrong-one" not in str(caught.value)
    assert "secret" in PdfReader(password="opensesame").read(encrypted("opensesame")).text


@pytest.mark.parametrize("keep", [20, 300, 500])
def test_a_broken_file_is_refused_with_its_cause(keep: int, tmp_path: Path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(pdf("Page one.", "Page two.")[:keep])
    with pytest.raises(ReadError, match=r"broken\.pdf") as caught:
        PdfReader().read(path)
    assert caught.value.source == str(path)
    assert isinstance(caught.value, EmptyDocumentError) or caught.value.__cause__ is not None


def test_a_cipher_that_needs_another_library_is_told(monkeypatch: pytest.MonkeyPatch):
    def cannot(self: pypdf.PdfReader, password: str) -> None:
        raise pypdf.errors.DependencyError("cryptography>=3.1 is required for AES algorithm")

    data = encrypted("")
    monkeypatch.setattr(pypdf.PdfReader, "decrypt", cannot)
    with pytest.raises(EncryptedDocumentError, match=r"pypdf\[crypto\]") as caught:
        PdfReader().read(data)
    assert caught.value.__cause__ is not None


def test_too_many_pages_are_refused():
    with pytest.raises(DocumentTooLargeError, match="3 pages, and the limit is 2"):
        PdfReader(max_pages=2).read(pdf("a", "b", "c"))


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[pdf\]"'):
        PdfReader().read(pdf("a"))


class TestPdfiumContract(ReaderContract):
    """PdfReader is a reader with its other engine too."""

    file_name = "sample.pdf"
    file_bytes = pdf("The first page.", "The second page.")
    words = "second page"

    @pytest.fixture
    def reader(self) -> PdfReader:
        return PdfReader(engine="pdfium")


def test_both_engines_read_the_same():
    data = pdf("Page one.", "", "Page three.", title="Annual report")
    one, other = PdfReader().read(data), PdfReader(engine="pdfium").read(data)
    assert one == other
    with pytest.raises(EncryptedDocumentError, match="needs a password"):
        PdfReader(engine="pdfium").read(encrypted("opensesame"))
    assert (
        "secret"
        in PdfReader(engine="pdfium", password="opensesame").read(encrypted("opensesame")).text
    )


def test_an_unknown_engine_is_refused():
    with pytest.raises(ConfigurationError, match="pdfium"):
        PdfReader(engine="poppler")


def scan(words: str) -> bytes:
    """A page that is a picture of words."""
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((30, 60), words, fill="black", font=ImageFont.load_default(48))
    out = io.BytesIO()
    picture.save(out, "PDF")
    return out.getvalue()


def test_scans_are_read_by_recognition_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("rapidocr", reason="the extra racto-rag[ocr] is not installed")

    def no_network(*_: object) -> None:
        raise AssertionError("the models are downloaded")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    data = scan("Invoice number 4711")
    with pytest.raises(
        EmptyDocumentError, match=r'scanned.*OCR.*pip install "racto-rag\[ocr,pdf-fast\]"'
    ):
        PdfReader().read(data)
    document = PdfReader(ocr=True).read(data)
    assert "4711" in document.text
    assert document.metadata["recognized_pages"] == 1
    with pytest.raises(EmptyDocumentError, match="found none either"):
        PdfReader(ocr=True).read(pdf(""))


@pytest.mark.parametrize(
    ("library", "extra", "reader"),
    [
        ("pypdfium2", "pdf-fast", PdfReader(engine="pdfium")),
        ("pypdfium2", "pdf-fast", PdfReader(ocr=True)),
    ],
)
def test_other_missing_libraries_are_named(
    library: str, extra: str, reader: PdfReader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf'pip install "racto-rag\[{extra}\]"'):
        reader.read(pdf(""))
