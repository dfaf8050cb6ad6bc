"""Images and PDFs are looked at, as far as a test with made-up bytes allows it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"
WEBP = b"RIFF\x04\x00\x00\x00WEBP"
PLACE = "messages.0.content.0.image.source"


def said(block: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [block]}]}


def image(data: bytes | str, media_type: str = "image/png") -> dict[str, Any]:
    text = data if isinstance(data, str) else b64encode(data).decode()
    source = {"type": "base64", "media_type": media_type, "data": text}
    return said({"type": "image", "source": source})


def document(source: dict[str, Any], **more: Any) -> dict[str, Any]:
    return said({"type": "document", "source": source, **more})


def pdf(data: bytes) -> dict[str, Any]:
    text = b64encode(data).decode()
    return document({"type": "base64", "media_type": "application/pdf", "data": text})


@pytest.mark.parametrize(
    "fields",
    [
        image(PNG),
        image(JPEG, "image/jpeg"),
        image(GIF, "image/gif"),
        image(WEBP, "image/webp"),
        image(b"no image at all"),
        said({"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}),
        said({"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
        pdf(b"%PDF-1.7 ..."),
        document({"type": "url", "url": "https://example.org/a.pdf"}),
        document({"type": "file", "file_id": "file_1"}, title="T", context=None),
        document(
            {"type": "text", "media_type": "text/plain", "data": "words"},
            citations={"enabled": True},
        ),
        document({"type": "content", "content": "words"}),
        document({"type": "content", "content": [{"type": "text", "text": "words"}]}),
    ],
)
def test_images_and_documents_are_taken_from_everywhere(
    taken: Callable[..., None], fields: dict[str, Any]
) -> None:
    taken(**fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (image("%%%"), f"{PLACE}.base64.data: Invalid base64 data"),
        (image(PNG, "image/jpeg"), "using the image/jpeg media type, but the image appears to be"),
        (image(PNG, "image/tiff"), f"{PLACE}.base64.media_type: Input should be 'image/jpeg'"),
        (image(bytes(5 * 1024 * 1024 + 1)), "image exceeds 5 MB maximum: 5242881 bytes > 5242880"),
        (
            said({"type": "image", "source": {"type": "url", "url": "http://example.org/a.png"}}),
            f"{PLACE}.url.url: Only HTTPS URLs are supported.",
        ),
        (pdf(b"words"), "document.source.base64.data: The PDF specified was not valid."),
        (document({"type": "carved"}), "document.source: Input tag 'carved'"),
    ],
)
def test_a_medium_that_is_not_what_it_says_is_refused(
    refused: Callable[..., str], fields: dict[str, Any], words: str
) -> None:
    assert words in refused(**fields)
