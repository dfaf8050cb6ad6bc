"""MarkdownReader keeps the text as it is written and knows its headings."""

from __future__ import annotations

import pytest

from racto.core.testing import ReaderContract
from racto.rag.readers import MarkdownReader


class TestContract(ReaderContract):
    """MarkdownReader is a reader."""

    file_name = "sample.md"
    file_bytes = "# Grüße\r\n\r\n## From\r\n\r\nTwo *short* lines.\r\n".encode()
    words = "Two *short* lines."

    @pytest.fixture
    def reader(self) -> MarkdownReader:
        return MarkdownReader()


def test_sections_start_at_their_headings():
    text = "intro\n\n# One\ntext\n## Two `x` ##\nmore\n"
    document = MarkdownReader().read(text.encode())
    assert document.text == text
    assert [(s.title, s.level, text[s.start : s.start + 4]) for s in document.sections] == [
        ("One", 1, "# On"),
        ("Two x", 2, "## T"),
    ]
    assert document.section_at(text.index("more")) == "One > Two x"
    assert document.section_at(0) is None


def test_the_title_is_the_front_matters_or_the_highest_heading():
    assert MarkdownReader().read(b"## Low\n# High\n# Second\n").metadata["title"] == "High"
    matter = b'---\ntitle: "Given: so"\ntags: [a]\n---\n# High\n'
    document = MarkdownReader().read(matter)
    assert document.metadata["title"] == "Given: so"
    assert [section.title for section in document.sections] == ["High"]
    assert "title" not in MarkdownReader().read(b"text only").metadata
