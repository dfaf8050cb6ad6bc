"""The texts and pictures of a PDF's pages through pdfium, four times as fast as pypdf."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from racto.core.errors import MissingExtraError, RactoGatewayError, ReadError

from .characters import sound
from .pdf_limits import PdfLimits
from .sources import Original

# 200 dots an inch, the least at which small print is recognised; a page is 72 units an inch.
_SCALE = 200 / 72
_MOST_PIXELS = 25_000_000
_PASSWORD_ERROR = 4
# Pdfium writes these for a hyphen at the end of a line.
_HYPHENS = {2: "-", 0xFFFE: "-"}
# The library keeps its state in one place for all threads.
_turn = threading.RLock()


def texts_by_pdfium(original: Original, limits: PdfLimits) -> tuple[list[str], str | None]:
    """Read all pages in the order in which the file draws them.

    Args:
        original: The bytes.
        limits: Password, most pages and time.

    Returns:
        A text a page, blank for pages without any, and the title of the document.

    Raises:
        EncryptedDocumentError: If it cannot be opened without another password.
        ReadError: If it is broken, or more than the limits.
        MissingExtraError: If pypdfium2 is not installed.
    """
    texts: list[str] = []

    def take(page: Any) -> None:
        textpage = page.get_textpage()
        try:
            text = textpage.get_text_range()
        finally:
            textpage.close()
        texts.append(sound(text).translate(_HYPHENS).strip())

    title = _each_page(original, limits, take)
    return texts, title


def picture_by_pdfium(original: Original, limits: PdfLimits, number: int) -> Any:
    """Draw a page, for text recognition.

    Args:
        original: The bytes.
        limits: Password, most pages and time.
        number: 0-based number of the page.

    Returns:
        Pixels, an array of shape (height, width, 3).

    Raises:
        ReadError: If it is broken, or more than the limits.
        MissingExtraError: If pypdfium2 is not installed.
    """
    pictures: list[Any] = []

    def take(page: Any) -> None:
        width, height = page.get_size()
        fitting = (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5
        bitmap = page.render(scale=min(_SCALE, fitting))
        # A copy, as the library frees the pixels with the bitmap.
        pictures.append(bitmap.to_numpy().copy())
        bitmap.close()

    _each_page(original, limits, take, only=number)
    return pictures[0]


def _each_page(
    original: Original,
    limits: PdfLimits,
    take: Callable[[Any], None],
    *,
    only: int | None = None,
) -> str | None:
    source = original.source
    with _turn, _translated(original, limits):
        file = _open(original, limits)
        try:
            limits.require_pages(len(file), source)
            end = monotonic() + limits.max_seconds
            for number in range(len(file)) if only is None else [only]:
                if monotonic() > end:
                    raise limits.too_slow(source)
                page = file[number]
                try:
                    take(page)
                finally:
                    page.close()
            return sound(file.get_metadata_value("Title")).strip() or None
        finally:
            file.close()


def _open(original: Original, limits: PdfLimits) -> Any:
    try:
        import pypdfium2  # type: ignore[import-untyped]
    except ImportError as exc:
        raise MissingExtraError(
            "pypdfium2", install="racto-rag[pdf-fast]", purpose="Reading PDF files with pdfium"
        ) from exc
    return pypdfium2.PdfDocument(original.data, password=limits.password or None)


@contextmanager
def _translated(original: Original, limits: PdfLimits) -> Iterator[None]:
    """The border to pypdfium2."""
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as exc:
        if getattr(exc, "err_code", None) == _PASSWORD_ERROR:
            raise limits.locked(original.source) from exc
        raise ReadError(
            f"{original.source} is not a sound PDF: {type(exc).__name__}: {exc}",
            source=original.source,
        ) from exc
