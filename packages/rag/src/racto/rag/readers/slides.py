"""SlidesReader: the slides of a .pptx file as pages, their titles as sections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from racto.core.documents import Document
from racto.core.errors import MissingExtraError, RactoGatewayError, ReadError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .characters import one_line, sound
from .composition import LINE, PARAGRAPH, Composition
from .containers import DEFAULT_MAX_UNPACKED, opened
from .sources import DEFAULT_MAX_BYTES, load
from .tables import CELL_BREAK

_MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class SlidesReader:
    """Reads the slides of .pptx files: titles, texts, groups, tables and the speaker's notes.

    Each slide is a page, and a section under its title, or its number where it has none. Shapes
    come in the order in which PowerPoint reads them aloud. Texts of the master, pictures and
    charts are left out. Needs the extra ``pptx``.

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
        """The one ending of today's PowerPoint files."""
        return frozenset({".pptx"})

    def read(self, source: ReadSource) -> Document:
        """Read one presentation.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``slide_count``, ``title``, and ``author`` where it
            names one.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If it needs a password.
            EmptyDocumentError: If no slide holds text.
            ReadError: If it is damaged, too large, or cannot be read.
            MissingExtraError: If the library python-pptx is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        with opened(original, max_unpacked=self.max_unpacked) as container:
            file = container.copy()
        text = Composition(original)
        with _translated(original.source):
            presentation = _open(file)
            count = 0
            for count, slide in enumerate(presentation.slides, 1):
                _write_slide(text, slide, count)
            facts = presentation.core_properties
            title, author = sound(facts.title or ""), sound(facts.author or "")
        return text.document(
            advice="; if its slides are pictures, run text recognition (OCR) over them first",
            mime=_MIME,
            slide_count=count,
            title=title.strip() or None,
            author=author.strip() or None,
        )

    aread = threaded(read)


def _write_slide(text: Composition, slide: Any, number: int) -> None:
    text.page()
    heading = slide.shapes.title
    title = one_line(_plain(heading.text_frame.text)) if heading is not None else ""
    if title:
        text.write(title, level=1)
    else:
        text.section(f"Slide {number}")
    for shape in _shapes(slide.shapes):
        if heading is not None and shape.shape_id == heading.shape_id:
            continue
        if shape.has_text_frame:
            text.write(_plain(shape.text_frame.text).strip())
        elif shape.has_table:
            _write_table(text, shape.table)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        notes = _plain(frame.text).strip()
        text.write(notes and f"Notes: {notes}")


def _shapes(shapes: Any) -> Iterator[Any]:
    """All shapes, those of a group in its place."""
    pending = [iter(shapes)]
    while pending:
        shape = next(pending[-1], None)
        if shape is None:
            pending.pop()
        elif hasattr(shape, "shapes"):
            pending.append(iter(shape.shapes))
        else:
            yield shape


def _write_table(text: Composition, table: Any) -> None:
    gap = PARAGRAPH
    for row in table.rows:
        cells = [one_line(_plain(cell.text)) for cell in row.cells]
        if any(cells):
            text.write(CELL_BREAK.join(cells), gap=gap)
            gap = LINE


def _plain(text: str) -> str:
    # A vertical tab is how the library writes a line break within a paragraph.
    return sound(text).replace("\v", "\n")


def _open(file: Any) -> Any:
    try:
        import pptx
    except ImportError as exc:
        raise MissingExtraError(
            "python-pptx", install="racto-rag[pptx]", purpose="Reading PowerPoint files"
        ) from exc
    return pptx.Presentation(file)


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """The border to python-pptx, which answers broken files with almost any exception."""
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as exc:
        raise ReadError(
            f"{source} is not a sound PowerPoint file: {type(exc).__name__}: {exc}", source=source
        ) from exc
