"""The texts of a PDF's pages through pypdf, within a time that the caller sets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from racto.core.errors import (
    EncryptedDocumentError,
    MissingExtraError,
    RactoGatewayError,
    ReadError,
)

from .characters import sound
from .pdf_limits import PdfLimits
from .sources import Original

if TYPE_CHECKING:
    import pypdf

# How many drawing operators may pass between two looks at the clock.
_OPERATORS = 500


def texts_by_pypdf(original: Original, limits: PdfLimits) -> tuple[list[str], str | None]:
    """Read all pages in the order in which the file draws them.

    Args:
        original: The bytes.
        limits: Password, most pages and time.

    Returns:
        A text a page, blank for pages without any, and the title of the document.

    Raises:
        EncryptedDocumentError: If it cannot be opened without another password.
        ReadError: If it is broken, or more than the limits.
        MissingExtraError: If pypdf is not installed.
    """
    with _translated(original.source):
        file = _open(original)
        if file.is_encrypted and not file.decrypt(limits.password):
            raise limits.locked(original.source)
        limits.require_pages(len(file.pages), original.source)
        watch = _Watch(limits, original.source)
        texts = []
        for page in file.pages:
            watch.look()
            text = page.extract_text(visitor_operand_before=watch.pass_operator)
            texts.append(sound(text).strip())
        title = file.metadata.title if file.metadata else None
    return texts, sound(title).strip() or None if isinstance(title, str) else None


class _Watch:
    """Ends the reading of a file when its time is over, in the middle of a page if need be."""

    def __init__(self, limits: PdfLimits, source: str) -> None:
        self._limits = limits
        self._source = source
        self._end = monotonic() + limits.max_seconds
        self._passed = 0

    def look(self) -> None:
        """Raise if the time is over."""
        if monotonic() > self._end:
            raise self._limits.too_slow(self._source)

    def pass_operator(self, *_: Any) -> None:
        """Count a drawing operator, and look from time to time."""
        self._passed += 1
        # Over the time, at each of them: pypdf goes on after an error within a form.
        if self._passed > _OPERATORS:
            self.look()
            self._passed = 0


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
