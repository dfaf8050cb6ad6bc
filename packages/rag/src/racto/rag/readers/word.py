"""WordReader: the body of a .docx file, its headings as sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from racto.core.documents import Document
from racto.core.errors import MissingExtraError, RactoGatewayError, ReadError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .characters import one_line, sound
from .composition import LINE, PARAGRAPH, Composition
from .containers import DEFAULT_MAX_UNPACKED, opened
from .sources import DEFAULT_MAX_BYTES, Original, load
from .tables import CELL_BREAK
from .word_markup import W, WordStyles, notes_of, paragraph_of

_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class WordReader:
    """Reads the paragraphs, lists and tables of .docx files in their order.

    Headings, by style or outline level, are sections. List items begin with ``- ``, and a table's
    row is a line, its cells apart by ``|``. Insertions under review are read and deletions are
    not. Text boxes follow the paragraph that holds them; footnotes and endnotes stand at the end.
    Headers, footers, comments and pictures are left out. Needs the extra ``docx``.

    Args:
        max_bytes: Largest file to accept.
        max_unpacked: Most bytes that its parts may have once unpacked.
    """

    def __init__(
        self, *, max_bytes: int = DEFAULT_MAX_BYTES, max_unpacked: int = DEFAULT_MAX_UNPACKED
    ) -> None:
        self.max_bytes = max_bytes
        self.max_unpacked = max_unpacked

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The one ending of today's Word files."""
        return frozenset({".docx"})

    def read(self, source: ReadSource) -> Document:
        """Read one Word file.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``title``, and ``author`` where it names one.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If it needs a password.
            EmptyDocumentError: If its body holds no text.
            ReadError: If it is damaged, too large, or cannot be read.
            MissingExtraError: If the library python-docx is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        with opened(original, max_unpacked=self.max_unpacked) as container:
            file = container.copy()
        with _translated(original.source):
            document, parse = _open(file)
            body = _Body(original, WordStyles(document.styles.element))
            body.read(document.element.body)
            body.write_notes(document.part, parse)
            facts = document.core_properties
            title, author = sound(facts.title or ""), sound(facts.author or "")
        return body.text.document(
            mime=_MIME, title=title.strip() or None, author=author.strip() or None
        )

    aread = threaded(read)


class _Body:
    """Walks through blocks; how deep they nest, the parser of the file limits."""

    def __init__(self, original: Original, styles: WordStyles) -> None:
        self.text = Composition(original)
        self._styles = styles
        self._notes: list[tuple[str, str]] = []
        self._in_list = False

    def read(self, container: Any) -> None:
        """Read the blocks of the body, a text box or a content control."""
        for block in container:
            if block.tag == f"{W}p":
                self._read_paragraph(block)
            elif block.tag == f"{W}tbl":
                self._read_table(block)
            elif block.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
                self.read(block)

    def _read_paragraph(self, element: Any) -> None:
        paragraph = paragraph_of(element, len(self._notes))
        self._notes += paragraph.notes
        depth = self._styles.list_depth(element)
        level = self._styles.level(element)
        text = sound(paragraph.text).strip()
        if level is not None:
            self.text.write(one_line(text), level=level)
        elif depth is not None and text:
            gap = LINE if self._in_list else PARAGRAPH
            self.text.write("  " * depth + "- " + text, gap=gap)
        else:
            self.text.write(text)
        self._in_list = depth is not None and level is None
        for box in paragraph.boxes:
            self.read(box)

    def _read_table(self, table: Any) -> None:
        gap = PARAGRAPH
        for row in table.iter(f"{W}tr"):
            # Rows of a table within a cell are in that cell's text.
            if next(row.iterancestors(f"{W}tbl")) is table and not _is_deleted(row):
                cells = [self._cell(cell) for cell in row.iter(f"{W}tc") if _is_of(cell, row)]
                if any(cells):
                    self.text.write(CELL_BREAK.join(cells), gap=gap)
                    gap = LINE

    def _cell(self, cell: Any) -> str:
        texts = []
        for element in cell.iter(f"{W}p"):
            paragraph = paragraph_of(element, len(self._notes))
            self._notes += paragraph.notes
            texts.append(one_line(sound(paragraph.text)))
        return " ".join(filter(None, texts))

    def write_notes(self, part: Any, parse: Callable[[bytes], Any]) -> None:
        """Write the footnotes and endnotes that were referred to, in their order."""
        known = notes_of(part, parse) if self._notes else {}
        for number, key in enumerate(self._notes, 1):
            text = sound(known.get(key, "")).strip()
            if text:
                self.text.write(f"[note {number}] {text}")


def _is_deleted(row: Any) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _is_of(cell: Any, row: Any) -> bool:
    return next(cell.iterancestors(f"{W}tr")) is row


def _open(file: Any) -> tuple[Any, Callable[[bytes], Any]]:
    try:
        import docx
        import docx.oxml
    except ImportError as exc:
        raise MissingExtraError(
            "python-docx", install="racto-rag[docx]", purpose="Reading Word files"
        ) from exc
    return docx.Document(file), docx.oxml.parse_xml


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """The border to python-docx, which answers broken files with almost any exception."""
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as exc:
        raise ReadError(
            f"{source} is not a sound Word file: {type(exc).__name__}: {exc}", source=source
        ) from exc
