"""PdfReader: the text layer of a PDF, page by page."""

from __future__ import annotations

from itertools import accumulate
from typing import Literal

from racto.core.documents import Document
from racto.core.errors import ConfigurationError, EmptyDocumentError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .pdf_limits import PdfLimits
from .pdfium_pages import picture_by_pdfium, texts_by_pdfium
from .pypdf_pages import texts_by_pypdf
from .recognition import recognize
from .sources import DEFAULT_MAX_BYTES, Original, load

PAGE_BREAK = "\n\n"
"""What stands between the texts of two pages."""


class PdfReader:
    """Reads the text layer of PDF files; ``Document.pages`` tells where each page begins.

    Files encrypted without a password for reading are opened. Scans hold no text and are
    refused, unless ``ocr`` is on. Needs the extra ``pdf``, or ``pdf-fast`` with the engine
    pdfium; recognition needs ``pdf-fast`` and ``ocr``.

    Args:
        password: Password to try on encrypted files; never printed.
        max_bytes: Largest file to accept.
        max_pages: Most pages to accept.
        engine: ``"pypdf"``, which is Python throughout, or ``"pdfium"``, which is four times as
            fast, and one file at a time.
        ocr: Whether to recognise the text of pages without a text layer.
        max_seconds: Most seconds to read one file for, recognition not counted.

    Raises:
        ConfigurationError: If there is no such engine.
    """

    def __init__(
        self,
        *,
        password: str | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_pages: int = 10_000,
        engine: Literal["pypdf", "pdfium"] = "pypdf",
        ocr: bool = False,
        max_seconds: float = 300.0,
    ) -> None:
        if engine not in ("pypdf", "pdfium"):
            raise ConfigurationError(f'engine must be "pypdf" or "pdfium", not {engine!r}')
        self.max_bytes = max_bytes
        self.engine = engine
        self.ocr = ocr
        self._limits = PdfLimits(
            password=password or "", max_pages=max_pages, max_seconds=max_seconds
        )

    @property
    def max_pages(self) -> int:
        """Most pages that the reader accepts."""
        return self._limits.max_pages

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The one ending of PDF files."""
        return frozenset({".pdf"})

    def read(self, source: ReadSource) -> Document:
        """Read one PDF.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document, its pages in order and apart by :data:`PAGE_BREAK`; its metadata has
            ``page_count`` beside ``mime``, ``size_bytes`` and ``title``, and ``recognized_pages``,
            their count, where there are any.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If it cannot be opened without another password.
            EmptyDocumentError: If no page has a text layer.
            ReadError: If it is broken, too large, or cannot be read.
            MissingExtraError: If a library that it needs is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        texts_by = texts_by_pypdf if self.engine == "pypdf" else texts_by_pdfium
        texts, title = texts_by(original, self._limits)
        recognized = self._recognize(original, texts) if self.ocr and not all(texts) else 0
        if not any(texts):
            raise _without_text(original.source, len(texts), tried=self.ocr)
        starts = accumulate((len(text) + len(PAGE_BREAK) for text in texts[:-1]), initial=0)
        return original.document(
            PAGE_BREAK.join(texts),
            mime="application/pdf",
            title=title,
            pages=starts,
            page_count=len(texts),
            recognized_pages=recognized or None,
        )

    aread = threaded(read)

    def _recognize(self, original: Original, texts: list[str]) -> int:
        """Fill in the texts of blank pages, one picture at a time, and count them."""
        found = 0
        for number, text in enumerate(texts):
            if not text:
                picture = picture_by_pdfium(original, self._limits, number)
                texts[number] = recognize(picture, original.source)
                found += bool(texts[number])
        return found


def _without_text(source: str, pages: int, *, tried: bool) -> EmptyDocumentError:
    advice = (
        "recognition found none either"
        if tried
        else "it is scanned or holds only pictures. Recognise its text (OCR) with "
        'PdfReader(ocr=True), which needs: pip install "racto-rag[ocr,pdf-fast]"'
    )
    return EmptyDocumentError(
        f"{source} has {pages} page(s) and no text layer: {advice}", source=source
    )
