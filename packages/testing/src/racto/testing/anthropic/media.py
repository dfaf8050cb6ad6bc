"""Images and PDFs in a request: whether they are what they say they are."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

# Of the decoded bytes; the text is a third longer.
_LARGEST_IMAGE = 5 * 1024 * 1024


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise PydanticCustomError("base64", "Invalid base64 data") from error


def _media_type(content: bytes) -> str | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def _image(data: str, info: ValidationInfo) -> str:
    content = _decoded(data)
    if len(content) > _LARGEST_IMAGE:
        raise PydanticCustomError(
            "image_size",
            "image exceeds 5 MB maximum: {size} bytes > {limit} bytes",
            {"size": len(content), "limit": _LARGEST_IMAGE},
        )
    told, found = info.data.get("media_type"), _media_type(content)
    # Bytes that are no image at all pass: tests may send any.
    if told and found and told != found:
        raise PydanticCustomError(
            "image_media_type",
            "The image was specified using the {told} media type, but the image appears to be a "
            "{found} image",
            {"told": told, "found": found},
        )
    return data


def _pdf(data: str) -> str:
    # No more than the first bytes: tests write PDFs by hand.
    if not _decoded(data).startswith(b"%PDF"):
        raise PydanticCustomError("pdf", "The PDF specified was not valid.")
    return data


def _url(url: str) -> str:
    # The provider fetches it, over a network that is not the client's.
    if not url.startswith("https://"):
        raise PydanticCustomError("url", "Only HTTPS URLs are supported.")
    return url


ImageData: TypeAlias = Annotated[str, AfterValidator(_image)]
"""An image in base64, of the media type that stands before it, not above 5 MB."""

PDFData: TypeAlias = Annotated[str, AfterValidator(_pdf)]
"""A PDF in base64."""

FetchedURL: TypeAlias = Annotated[str, AfterValidator(_url)]
"""A URL from which the API fetches."""
