"""Images and documents: by bytes, by URL, as uploaded files, or an error that says why not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import UnsupportedFeatureError
from racto.core.content import AudioPart, DocumentPart, ImagePart, UploadedFilePart
from racto.providers.anthropic.media import media_block
from racto.providers.kits import Omissions


def block(part: Any, policy: Any = "raise") -> dict[str, Any] | None:
    return media_block(part, Omissions(policy, provider="anthropic"))


def test_an_image_goes_as_bytes_or_by_url() -> None:
    assert block(ImagePart(data=b"png", mime_type="image/webp")) == {
        "type": "image",
        "source": {
            "type": "base64",
            "media_type": "image/webp",
            "data": base64.b64encode(b"png").decode(),
        },
    }
    assert block(ImagePart(url="https://example.org/a.png")) == {
        "type": "image",
        "source": {"type": "url", "url": "https://example.org/a.png"},
    }


def test_a_document_goes_as_pdf_or_as_plain_text_under_its_name() -> None:
    pdf = block(DocumentPart(data=b"%PDF-1", name="a.pdf"))
    assert pdf is not None
    assert (pdf["title"], pdf["source"]["media_type"]) == ("a.pdf", "application/pdf")
    assert block(DocumentPart(url="https://example.org/a.pdf")) == {
        "type": "document",
        "source": {"type": "url", "url": "https://example.org/a.pdf"},
    }
    assert block(DocumentPart(data=b"\xef\xbb\xbfhi", mime_type="text/markdown")) == {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "hi"},
    }


def test_an_uploaded_file_is_an_image_or_a_document() -> None:
    kinds = [
        block(UploadedFilePart(file_id="file_1", provider="anthropic", mime_type=kind))
        for kind in ("image/png", "application/pdf", None)
    ]
    assert [each and each["type"] for each in kinds] == ["image", "document", "document"]
    assert kinds[0] is not None
    assert kinds[0]["source"] == {"type": "file", "file_id": "file_1"}


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (ImagePart(data=b"x", mime_type="image/tiff"), "not image/tiff"),
        (ImagePart(url="https://example.org/a.png", detail="low"), "scale the image"),
        (AudioPart(data=b"x"), "transcript"),
        (DocumentPart(data=b"x", mime_type="application/msword"), "not application/msword"),
        (DocumentPart(url="https://e.org/a.txt", mime_type="text/plain"), "send the bytes"),
        (DocumentPart(data=b"\xff\xfe", mime_type="text/plain", name="a.txt"), "a.txt is not UTF"),
        (UploadedFilePart(file_id="f", provider="openai"), "lies with openai"),
    ],
)
def test_what_the_api_cannot_take_is_refused_with_a_reason(part: Any, why: str) -> None:
    with pytest.raises(UnsupportedFeatureError, match=why):
        block(part)


def test_what_may_be_dropped_is_dropped() -> None:
    assert block(AudioPart(data=b"x"), "drop") is None
    # Only the hint is lost, not the image.
    assert block(ImagePart(url="https://example.org/a.png", detail="low"), "drop") is not None
