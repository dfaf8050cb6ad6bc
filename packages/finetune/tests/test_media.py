"""Media and the URIs that stand for them: nothing changes on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core.content import AudioPart, DocumentPart, ImagePart
from racto.core.errors import UnsupportedFeatureError
from racto.finetune.media import (
    bytes_of,
    data_uri,
    guessed_image,
    guessed_type,
    image_at,
    medium,
    split_data_uri,
    text_of_document,
)


@given(st.binary(max_size=50), st.sampled_from(["image/png", "audio/wav", "application/pdf"]))
def test_bytes_come_back(data: bytes, kind: str) -> None:
    assert split_data_uri(data_uri(medium(kind, data=data))) == (kind, data)


@pytest.mark.parametrize("text", ["YWJj\n", "YWJ", "YWJjZB==", "ä", " YWJj"])
def test_base64_that_would_come_back_otherwise_is_none(text: str) -> None:
    assert bytes_of(text) is None
    uri = f"data:image/png;base64,{text}"
    assert split_data_uri(uri) is None
    assert image_at(uri).url == uri


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("https://h.test/a.JPG", "image/jpeg"),
        ("https://h.test/a.webp?size=1#x", "image/webp"),
        ("gs://b/a", "image/png"),
        ("https://h.test/a.php?name=b.gif", "image/png"),
    ],
)
def test_guesses(uri: str, kind: str) -> None:
    assert guessed_image(uri) == kind
    assert image_at(uri) == ImagePart(url=uri, mime_type=kind)


def test_kinds() -> None:
    assert isinstance(medium("image/gif", data=b""), ImagePart)
    assert isinstance(medium("audio/mpeg", url="https://h.test/a"), AudioPart)
    assert isinstance(medium("video/mp4", url="gs://b/a"), DocumentPart)
    assert (guessed_type("a.mp3"), guessed_type("a")) == ("audio/mpeg", "application/octet-stream")


def test_text_files() -> None:
    note = DocumentPart(data="\ufeffé".encode(), mime_type="text/plain", name="a.txt")
    words = text_of_document(note)
    assert words is not None
    assert words.text == "[File: a.txt]\né"
    assert text_of_document(DocumentPart(data=b"x", mime_type="application/pdf")) is None
    with pytest.raises(UnsupportedFeatureError, match="not UTF-8"):
        text_of_document(DocumentPart(data=b"\xff", mime_type="text/plain"))
