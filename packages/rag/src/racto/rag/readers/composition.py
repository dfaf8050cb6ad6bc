"""The text of a document put together from pieces, with its pages, sections and rows by offset."""

from __future__ import annotations

from typing import Any

from racto.core.documents import Document, Section
from racto.core.errors import DocumentTooLargeError, EmptyDocumentError

from .characters import one_line
from .sources import Original

PARAGRAPH = "\n\n"
"""What stands between two pieces that are paragraphs of their own."""

LINE = "\n"
"""What stands between two items of a list or rows of a table."""

DEFAULT_MAX_CHARACTERS = 256 * 1024 * 1024
"""Most characters of text that one document may be put together to."""


class Composition:
    """Writes pieces one after another and notes where each page and section begins.

    Args:
        original: What is being read; messages name it.
        max_characters: Most characters to write.
    """

    def __init__(self, original: Original, *, max_characters: int = DEFAULT_MAX_CHARACTERS) -> None:
        self._original = original
        self._most = max_characters
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[int] = []
        self._sections: list[Section] = []
        self._rows: list[int] = []
        # Pages and sections begin with the next piece, behind the gap that is still to come.
        self._new_pages = 0
        self._new_section: tuple[str, int] | None = None

    def page(self) -> None:
        """Begin a page; it may stay empty."""
        self._new_pages += 1

    def section(self, title: str, level: int = 1) -> None:
        """Begin a section with the next piece, under a title that is no part of the text."""
        self._new_section = (one_line(title), level)

    def write(self, text: str, *, gap: str = PARAGRAPH, level: int | None = None) -> None:
        """Write a piece, unless it is blank.

        Args:
            text: The piece.
            gap: What parts it from the piece before.
            level: Makes it a heading of this level, 1 for the highest.

        Raises:
            DocumentTooLargeError: If the text grows too long.
        """
        if not text or text.isspace():
            return
        start = self._begin(gap)
        if level is not None:
            self._sections.append(Section(start=start, title=one_line(text), level=level))
        self._append(text)

    def include(self, document: Document, *, below: int = 0) -> None:
        """Write another document's text and take over its sections and rows.

        Args:
            document: A part of the whole: a chapter, an attachment.
            below: How many levels its headings sink.
        """
        start = self._begin(PARAGRAPH)
        self._sections += (
            Section(start=start + each.start, title=each.title, level=each.level + below)
            for each in document.sections
        )
        self._rows += (start + row for row in document.rows)
        self._append(document.content)

    def document(self, *, advice: str = "", **facts: Any) -> Document:
        """The document that was put together.

        Args:
            advice: What to tell of a document without text.
            **facts: Arguments and metadata for :meth:`Original.document`.

        Raises:
            EmptyDocumentError: If nothing was written.
        """
        if not self._length:
            source = self._original.source
            raise EmptyDocumentError(f"{source} holds no text{advice}", source=source)
        self._pages += [self._length] * self._new_pages
        return self._original.document(
            "".join(self._parts),
            pages=self._pages,
            sections=self._sections,
            rows=self._rows,
            **facts,
        )

    def _begin(self, gap: str) -> int:
        if self._length:
            self._append(gap)
        start = self._length
        self._pages += [start] * self._new_pages
        self._new_pages = 0
        if self._new_section is not None:
            title, level = self._new_section
            self._sections.append(Section(start=start, title=title, level=level))
            self._new_section = None
        return start

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > self._most:
            source = self._original.source
            raise DocumentTooLargeError(
                f"{source} holds more than {self._most:,} characters of text; split it",
                source=source,
            )
