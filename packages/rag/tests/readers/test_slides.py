"""SlidesReader gives slides as pages, with their notes, groups and tables."""

from __future__ import annotations

import io
import sys

import pptx
import pytest
from pptx.util import Inches

from racto.core import Document
from racto.core.errors import EmptyDocumentError, MissingExtraError, ReadError
from racto.core.testing import ReaderContract
from racto.rag.readers import SlidesReader

SQUARE = (Inches(1), Inches(1), Inches(2), Inches(1))


def talk() -> bytes:
    made = pptx.Presentation()
    made.core_properties.title = "A talk"
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "Why\nbees"
    first.placeholders[1].text = "They fly\vfar\nand low"
    first.notes_slide.notes_text_frame.text = "Speak slowly."
    made.slides.add_slide(made.slide_layouts[6])
    third = made.slides.add_slide(made.slide_layouts[6])
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(*SQUARE).text_frame.text = "In a group"
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(*SQUARE).text_frame.text = "deeper"
    table = third.shapes.add_table(2, 2, *SQUARE).table
    for place, text in {(0, 0): "name", (0, 1): "age", (1, 0): "Émile"}.items():
        table.cell(*place).text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


class TestContract(ReaderContract):
    """SlidesReader is a reader."""

    file_name = "sample.pptx"
    file_bytes = talk()
    words = "and low"

    @pytest.fixture
    def reader(self) -> SlidesReader:
        return SlidesReader()


def read(data: bytes) -> Document:
    return SlidesReader().read(data)


def test_slides_are_pages_and_sections():
    document = read(talk())
    assert document.text == (
        "Why bees\n\nThey fly\nfar\nand low\n\nNotes: Speak slowly.\n\n"
        "In a group\n\ndeeper\n\nname | age\nÉmile | "
    )
    group = document.text.index("In a group")
    assert document.pages == (0, group, group)
    assert (document.page_at(5), document.page_at(group)) == (1, 3)
    assert document.section_at(12) == "Why bees"
    assert document.section_at(group) == "Slide 3"
    assert document.metadata["slide_count"] == 3
    assert document.metadata["title"] == "A talk"


def test_slides_without_text_are_refused_with_advice():
    made = pptx.Presentation()
    made.slides.add_slide(made.slide_layouts[6])
    target = io.BytesIO()
    made.save(target)
    with pytest.raises(EmptyDocumentError, match="OCR"):
        read(target.getvalue())


@pytest.mark.parametrize("keep", [10, 1000, 20_000])
def test_a_torn_file_is_refused(keep: int):
    with pytest.raises(ReadError):
        read(talk()[:keep])


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[pptx\]"'):
        read(talk())
