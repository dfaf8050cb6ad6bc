"""ImageReader reads what files say of their pictures, and the pictures themselves when asked."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from racto.core import Document
from racto.core.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    MissingExtraError,
    ReadError,
)
from racto.core.testing import ReaderContract
from racto.rag.readers import ImageReader

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title><li>A hive</li></dc:title><dc:subject><li>bees</li><li>honey</li></dc:subject>"
    "</x:xmpmeta>"
)


def saved(kind: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    target = io.BytesIO()
    (picture or Image.new("RGB", (40, 30), "white")).save(target, kind, **options)
    return target.getvalue()


def png() -> bytes:
    info = PngInfo()
    info.add_text("Title", "Bees")
    info.add_itxt("Description", "Émile's hive")
    return saved("PNG", pnginfo=info)


def jpeg() -> bytes:
    exif = Image.Exif()
    exif[270] = "A bee on a flower"
    exif[0x9C9B] = "Große Biene".encode("utf-16-le")
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0Taken at noon"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:30 15:00:00"
    return saved("JPEG", exif=exif, xmp=XMP.encode())


class TestContract(ReaderContract):
    """ImageReader is a reader."""

    file_name = "sample.png"
    file_bytes = png()
    words = "Description: Émile's hive"

    @pytest.fixture
    def reader(self) -> ImageReader:
        return ImageReader()


def read(data: bytes) -> Document:
    return ImageReader().read(data)


def test_words_of_a_photograph():
    document = read(jpeg())
    assert document.text == (
        "Description: A bee on a flower\nTitle: Große Biene\nComment: Taken at noon\n"
        "Keywords: bees, honey"
    )
    facts = document.metadata
    assert (facts["format"], facts["width"], facts["height"]) == ("JPEG", 40, 30)
    assert (facts["title"], facts["taken"]) == ("Große Biene", "2026:11:30 15:00:00")
    assert facts["mime"] == "image/jpeg"


def test_a_comment_of_a_gif():
    assert read(saved("GIF", comment=b"Drawn by hand")).text == "comment: Drawn by hand"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_picture_without_words_is_refused_with_advice(kind: str):
    with pytest.raises(EmptyDocumentError, match=r'OCR.*pip install "racto-rag\[ocr\]"'):
        read(saved(kind))


def test_pages_of_a_scan_are_recognised():
    pytest.importorskip("rapidocr", reason="the extra racto-rag[ocr] is not installed")
    pages = []
    for words in ("Invoice 4711", "Total 99"):
        page = Image.new("RGB", (700, 200), "white")
        ImageDraw.Draw(page).text((30, 60), words, fill="black", font=ImageFont.load_default(48))
        pages.append(page)
    document = ImageReader(ocr=True).read(
        saved("TIFF", pages[0], save_all=True, append_images=pages[1:])
    )
    assert "4711" in document.text
    assert document.page_at(document.text.index("99")) == 2


def test_a_bomb_is_refused_by_its_size():
    bomb = bytearray(saved("BMP"))
    bomb[18:26] = (60_000).to_bytes(4, "little") * 2
    with pytest.raises(DocumentTooLargeError, match="pixels"):
        read(bytes(bomb))


def test_a_packet_that_declares_entities_is_left_alone():
    bomb = '<!DOCTYPE x [<!ENTITY a "aa">]><x><title>&a;</title></x>'
    with pytest.raises(EmptyDocumentError):
        read(saved("JPEG", xmp=bomb.encode()))


def test_other_kinds_are_refused():
    with pytest.raises(ReadError, match="not a sound picture"):
        read(saved("PPM"))


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    data = png()
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[images\]"'):
        read(data)
