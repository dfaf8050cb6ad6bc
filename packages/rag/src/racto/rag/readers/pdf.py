"""PdfReader: the text layer of a PDF, page by page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING

from racto.core.documents import Document
from racto.core.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MissingExtraError,
    RactoGatewayError,
    ReadError,
)
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .sources import DEFAULT_MAX_BYTES, Original, load

if TYPE_CHECKING:
    import pypdf

PAGE_BREAK = "\n\n"
"""What stands between the texts of two pages."""


class PdfReader:
    """Reads the text layer of PDF files; ``Document.pages`` tells where each page begins.

    Files encrypted without a password for reading are opened. Scans hold no text and are
    refused. Needs the extra ``pdf``.

    Args:
        password: Password to try on encrypted files; never printed.
        max_bytes: Largest file to accept.
        max_pages: Most pages to accept.
    """

    def __init__(
        self,
        *,
        password: str | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_pages: int = 10_000,
    ) -> None:
        self._password = password or ""
        self.max_bytes = max_bytes
        self.max_pages = max_pages

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
            ``page_count`` beside ``mime``, ``size_bytes`` and ``title``.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If it cannot be opened without another password.
            EmptyDocumentError: If no page has a text layer.
            ReadError: If it is broken, too large, or cannot be read.
            MissingExtraError: If the library pypdf is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        with _translated(original.source):
            file = _open(original)
            if file.is_encrypted:
                self._decrypt(file, original.source)
            texts = self._texts(file, original.source)
            title = file.metadata.title if file.metadata else None
        starts = accumulate((len(text) + len(PAGE_BREAK) for text in texts[:-1]), initial=0)
        return original.document(
            PAGE_BREAK.join(texts),
            mime="application/pdf",
            title=_sound(title).strip() if isinstance(title, str) else None,
            pages=starts,
            page_count=len(texts),
        )

    aread = threaded(read)

    def _decrypt(self, file: pypdf.PdfReader, source: str) -> None:
        if not file.decrypt(self._password):
            advice = "another one" if self._password else "a password, PdfReader(password=...)"
            raise EncryptedDocumentError(f"{source} is encrypted and needs {advice}", source=source)

    def _texts(self, file: pypdf.PdfReader, source: str) -> list[str]:
        count = len(file.pages)
        if count > self.max_pages:
            raise DocumentTooLargeError(
                f"{source} has {count:,} pages, and the limit is {self.max_pages:,}; split it, or "
                "give the reader a larger max_pages",
                source=source,
            )
        texts = [_sound(page.extract_text()).strip() for page in file.pages]
        if not any(texts):
            raise EmptyDocumentError(
                f"{source} has {count} page(s) and no text layer: it is a scan or holds only "
                "pictures; run text recognition (OCR) over it first",
                source=source,
            )
        return texts


def _open(original: Original) -> pypdf.PdfReader:
    try:
        import pypdf
    except ImportError as exc:
        raise MissingExtraError(
            "pypdf", install="racto-rag[pdf]", purpose="Reading PDF files"
        ) from exc
    return pypdf.PdfReader(io.BytesIO(original.data), strict=False)


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """The border to pypdf, which answers broken files with almost any exception."""
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as exc:
        kind = type(exc).__name__
        if kind == "DependencyError":
            raise EncryptedDocumentError(
                f"{source} is encrypted in a way that pypdf opens only with the library "
                'cryptography. Install it: pip install "pypdf[crypto]"',
                source=source,
            ) from exc
        raise ReadError(f"{source} is not a sound PDF: {kind}: {exc}", source=source) from exc


def _sound(text: str) -> str:
    """Text that can be stored: no NUL, no halves of surrogate pairs, plain line ends."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
