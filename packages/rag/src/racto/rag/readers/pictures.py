"""Pictures: opened within limits, and what their files say about them in words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

from racto.core.errors import (
    DocumentTooLargeError,
    MissingExtraError,
    RactoGatewayError,
    ReadError,
)

from .characters import sound
from .sources import Original

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = 80_000_000
"""Most pixels of a picture; a flatbed scan of a page at 600 dots an inch has 35 million."""

MOST_FRAMES = 500
"""Most pictures in one file that are looked at."""

_EXIF = {
    270: "Description",
    0x9C9B: "Title",
    0x9C9C: "Comment",
    0x9C9E: "Keywords",
    0x9C9F: "Subject",
    315: "Artist",
    33432: "Copyright",
}
_EXIF_DETAILS, _USER_COMMENT, _TAKEN = 0x8769, 0x9286, 0x9003
# Begin a user comment, in eight bytes, and name its encoding.
_COMMENT_ENCODINGS = {b"ASCII": "ascii", b"UNICODE": "utf-16", b"JIS": "iso2022_jp"}
_XMP = {"title": "Title", "description": "Description", "subject": "Keywords", "Headline": "Title"}
_LONGEST_XMP = 4 * 1024 * 1024


@contextmanager
def opened_picture(original: Original) -> Iterator[Any]:
    """Open a picture without decoding it.

    Args:
        original: The bytes.

    Yields:
        Pillow's picture. Errors of the block that are Pillow's are translated too.

    Raises:
        DocumentTooLargeError: If it has more pixels than :data:`MOST_PIXELS`.
        ReadError: If it is no picture of the known kinds, or is damaged.
        MissingExtraError: If the library Pillow is not installed.
    """
    source = original.source
    try:
        with _open(original) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _too_large(source)
            yield picture
    except RactoGatewayError:
        raise
    except Exception as exc:
        kind = type(exc).__name__
        if kind.startswith("DecompressionBomb"):
            raise _too_large(source) from exc
        # Pillow names an object in memory there, which tells nobody anything.
        why = "of no known kind" if kind == "UnidentifiedImageError" else f"{kind}: {exc}"
        raise ReadError(f"{source} is not a sound picture: {why}", source=source) from exc


def words_of(picture: Any) -> dict[str, str]:
    """What the file says of its picture, by the name of the field, each text once.

    Looks at EXIF, XMP and the text fields of PNG and GIF.
    """
    found: dict[str, str] = {}
    for name, value in (*_exif(picture), *_xmp(picture), *_comments(picture)):
        text = sound(value).strip(" \n\t")
        if text and text not in found.values():
            found.setdefault(name, text)
    return found


def taken_at(picture: Any) -> str | None:
    """When the picture was taken, as EXIF writes it: ``2026:11:30 15:00:00``."""
    value = picture.getexif().get_ifd(_EXIF_DETAILS).get(_TAKEN)
    return sound(value).strip() or None if isinstance(value, str) else None


def _exif(picture: Any) -> Iterator[tuple[str, str]]:
    exif = picture.getexif()
    for tag, name in _EXIF.items():
        if tag in exif:
            yield name, _text(exif[tag])
    comment = exif.get_ifd(_EXIF_DETAILS).get(_USER_COMMENT)
    if isinstance(comment, bytes):
        encoding = _COMMENT_ENCODINGS.get(comment[:8].rstrip(b"\0"), "utf-8")
        yield "Comment", comment[8:].decode(encoding, "replace")


def _text(value: Any) -> str:
    # Windows keeps its fields as UTF-16, whatever type the file gives them.
    if isinstance(value, tuple) and all(isinstance(each, int) for each in value):
        value = bytes(each & 0xFF for each in value)
    return value.decode("utf-16-le", "replace") if isinstance(value, bytes) else str(value)


def _xmp(picture: Any) -> Iterator[tuple[str, str]]:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    if not isinstance(packet, bytes) or len(packet) > _LONGEST_XMP or b"<!" in packet:
        return
    try:
        # Safe, as a packet that declares anything was left alone.
        root = ElementTree.fromstring(packet.strip(b"\0 \n"))  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        return
    for element in root.iter():
        name = _XMP.get(str(element.tag).rpartition("}")[2])
        if name is not None:
            yield name, ", ".join(filter(None, (each.strip() for each in element.itertext())))


def _comments(picture: Any) -> Iterator[tuple[str, str]]:
    # Other kinds note how they are packed among these.
    names = picture.info if picture.format == "PNG" else ("comment",)
    for name in names:
        value = picture.info.get(name)
        if name == "comment" and isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and not name.startswith("XML:"):
            yield name, value


def upright(picture: Any) -> Any:
    """The picture in colour, turned as its file says it was held."""
    return _library()[1].exif_transpose(picture).convert("RGB")


def _open(original: Original) -> Any:
    return _library()[0].open(io.BytesIO(original.data), formats=_FORMATS)


def _library() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError as exc:
        raise MissingExtraError(
            "pillow", install="racto-rag[images]", purpose="Reading pictures"
        ) from exc
    return Image, ImageOps


def _too_large(source: str) -> DocumentTooLargeError:
    return DocumentTooLargeError(
        f"{source} has more than {MOST_PIXELS:,} pixels; make it smaller", source=source
    )
