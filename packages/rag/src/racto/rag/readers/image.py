"""ImageReader: what a picture's file says in words, and, when asked, what the picture itself does."""

from __future__ import annotations

from typing import Any

from racto.core.documents import Document
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .composition import LINE, Composition
from .pictures import MOST_FRAMES, opened_picture, taken_at, upright, words_of
from .recognition import recognize
from .sources import DEFAULT_MAX_BYTES, load


class ImageReader:
    """Reads the words in the files of pictures: titles, descriptions, keywords, comments, authors.

    With ``ocr`` on, the text of the picture follows, and each picture of a file that holds
    several, as scanned TIFF files do, is a page. A picture without any words is refused as
    empty. Needs the extra ``images``, or ``ocr`` for recognition, which downloads nothing.

    Args:
        ocr: Whether to recognise the text of the picture.
        max_bytes: Largest file to accept.
    """

    def __init__(self, *, ocr: bool = False, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.ocr = ocr
        self.max_bytes = max_bytes

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The usual kinds of pictures made of pixels."""
        return frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"})

    def read(self, source: ReadSource) -> Document:
        """Read one picture.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``format``, ``width`` and ``height`` in pixels,
            ``title``, and ``taken`` where the camera noted it.

        Raises:
            FileNotFoundError: If the path does not exist.
            EmptyDocumentError: If it holds no words.
            DocumentTooLargeError: If it has too many bytes or pixels.
            ReadError: If it is damaged, of another kind, or cannot be read.
            MissingExtraError: If a library that it needs is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        text = Composition(original)
        with opened_picture(original) as picture:
            words = words_of(picture)
            for name, value in words.items():
                text.write(f"{name}: {value}", gap=LINE)
            facts: dict[str, Any] = {
                "mime": picture.get_format_mimetype() or "image/unknown",
                "format": picture.format,
                "width": picture.width,
                "height": picture.height,
                "title": words.get("Title"),
                "taken": taken_at(picture),
            }
            if self.ocr:
                self._recognize(text, picture, original.source)
        advice = (
            ", neither about it nor in it"
            if self.ocr
            else " about its picture. Recognise the text in it (OCR) with ImageReader(ocr=True), "
            'which needs: pip install "racto-rag[ocr]"'
        )
        return text.document(advice=advice, **facts)

    aread = threaded(read)

    def _recognize(self, text: Composition, picture: Any, source: str) -> None:
        for number in range(min(getattr(picture, "n_frames", 1), MOST_FRAMES)):
            picture.seek(number)
            text.page()
            text.write(recognize(upright(picture), source))
