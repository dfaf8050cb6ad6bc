"""Images, sounds and documents between bytes and the URIs that stand for them in files."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TypeAlias

from racto.core.content import AudioPart, DocumentPart, ImagePart, TextPart
from racto.core.files import FALLBACK_TYPE, RactoFile

Medium: TypeAlias = ImagePart | AudioPart | DocumentPart
"""A part that is a file."""

_DATA_URI = re.compile(r"data:([^;,]*);base64,(.*)", re.DOTALL)
# Of the operating system's table only what is the same everywhere.
_ENDINGS = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
}
_IMAGES = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "gif": "gif", "webp": "webp"}
_ENDINGS |= {ending: f"image/{kind}" for ending, kind in _IMAGES.items()}


def data_uri(part: Medium) -> str:
    """The part's bytes as a ``data:`` URI."""
    return f"data:{part.mime_type};base64,{base64_of(part.data or b'')}"


def source_of(part: Medium) -> str:
    """Where the part is: its URL, or its bytes as one."""
    return part.url if part.url is not None else data_uri(part)


def base64_of(data: bytes) -> str:
    """Bytes as base64 in ASCII."""
    return base64.b64encode(data).decode("ascii")


def bytes_of(text: str) -> bytes | None:
    """The bytes of a base64 text; None when it is none, or would not come back the same."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Other spellings of the same bytes are kept as texts, so that nothing changes.
    return data if base64_of(data) == text else None


def split_data_uri(uri: str) -> tuple[str, bytes] | None:
    """MIME type and bytes of a ``data:`` URI; None when it is another URI."""
    found = _DATA_URI.fullmatch(uri) if uri.startswith("data:") else None
    data = bytes_of(found.group(2)) if found else None
    return None if found is None or data is None else (found.group(1), data)


def image_at(uri: str, *, detail: str | None = None) -> ImagePart:
    """The image at a URL, or in a ``data:`` URI."""
    facts = {"detail": detail} if detail is not None else {}
    # Validated by pydantic, for the detail comes from a file.
    if inside := split_data_uri(uri):
        kind, data = inside
        return ImagePart.model_validate({"data": data, "mime_type": kind, **facts})
    return ImagePart.model_validate({"url": uri, "mime_type": guessed_image(uri), **facts})


def guessed_image(uri: str) -> str:
    """The MIME type of an image, by the ending of its URL; PNG when that says nothing."""
    path = uri.partition("?")[0].partition("#")[0]
    return f"image/{_IMAGES.get(path.rpartition('.')[2].lower(), 'png')}"


def medium(
    mime_type: str, *, data: bytes | None = None, url: str | None = None, name: str = ""
) -> Medium:
    """The part that a MIME type asks for."""
    kind: type[Medium] = DocumentPart
    if mime_type.startswith("image/"):
        kind = ImagePart
    elif mime_type.startswith("audio/"):
        kind = AudioPart
    return kind(data=data, url=url, mime_type=mime_type, name=name)


def guessed_type(name: str) -> str:
    """The MIME type of a file, by its name."""
    return _ENDINGS.get(name.rpartition(".")[2].lower(), FALLBACK_TYPE)


def text_of_document(part: DocumentPart) -> TextPart | None:
    """A text file as words, under a line with its name; None when it is no text file.

    Raises:
        UnsupportedFeatureError: If it is not UTF-8.
    """
    from racto.core.attachments import text_of

    if part.data is None or not part.mime_type.startswith("text/"):
        return None
    return TextPart(text=text_of(RactoFile(part.data, part.mime_type, part.name)))
