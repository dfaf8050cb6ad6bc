"""Text recognition: what a picture says, by models that come with the library."""

from __future__ import annotations

import threading
from typing import Any

from racto.core.errors import MissingExtraError, ReadError

from .characters import sound

# One engine for all readers: its models take a second to load and 200 MB of memory.
_engine: Any = None
_turn = threading.Lock()


def recognize(picture: Any, source: str) -> str:
    """Read the text of a picture. Needs the extra ``ocr``; nothing is downloaded.

    Args:
        picture: Pixels, an array of shape (height, width, 3) or (height, width), 8 bits each.
        source: Label of the document, for messages.

    Returns:
        Its lines from top to bottom; empty if there are none.

    Raises:
        ReadError: If the recognition fails.
        MissingExtraError: If the library rapidocr is not installed.
    """
    with _turn:
        engine = _loaded()
        try:
            found = engine(picture)
        except Exception as exc:
            raise ReadError(
                f"{source}: text recognition failed: {type(exc).__name__}: {exc}", source=source
            ) from exc
    return "\n".join(sound(line).strip() for line in found.txts or ())


def _loaded() -> Any:
    global _engine
    if _engine is None:
        try:
            from rapidocr import RapidOCR
        except ImportError as exc:
            raise MissingExtraError(
                "rapidocr", install="racto-rag[ocr]", purpose="Text recognition (OCR)"
            ) from exc
        _engine = RapidOCR(params={"Global.log_level": "critical"})
    return _engine
