"""Attachments arrive in each provider's shape, or are refused; never as garbled text."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core.attachments import user_turn
from racto.core.errors import UnsupportedFeatureError
from racto.core.files import RactoFile

PDF = RactoFile(b"%PDF-1.7 \xff\xfe", "application/pdf", "a.pdf")
PNG = RactoFile(b"\x89PNG", "image/png", "a.png")
WAV = RactoFile(b"RIFF", "audio/wav", "a.wav")
ZIP = RactoFile(b"PK\x03\x04", "application/zip", "a.zip")
TXT = RactoFile("grüße".encode(), "text/plain", "a.txt")
LATIN = RactoFile("grüße".encode("latin-1"), "text/plain", "a.txt")


def b64(file: RactoFile) -> str:
    return base64.b64encode(file.data).decode()


@pytest.mark.parametrize(
    ("provider", "file", "block"),
    [
        ("openai", PNG, {"type": "image_url", "image_url": {"url": PNG.data_uri}}),
        ("openai", PDF, {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF.data_uri}}),
        (
            "openai",
            WAV,
            {"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}},
        ),
        ("generic", PNG, {"type": "image_url", "image_url": {"url": PNG.data_uri}}),
        ("generic", TXT, {"type": "text", "text": "[File: a.txt]\ngrüße"}),
        (
            "anthropic",
            PDF,
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PDF)},
            },
        ),
        (
            "anthropic",
            PNG,
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)},
            },
        ),
        ("google", PDF, {"inline_data": {"mime_type": "application/pdf", "data": b64(PDF)}}),
        ("google", TXT, {"text": "[File: a.txt]\ngrüße"}),
    ],
)
def test_blocks(provider: str, file: RactoFile, block: dict[str, Any]) -> None:
    content = user_turn("Read it.", [file], provider=provider)["content"]
    words = {"text": "Read it."} if provider == "google" else {"type": "text", "text": "Read it."}
    assert content == [block, words]


def test_ollama_takes_images_beside_the_text() -> None:
    turn = user_turn("Read it.", [TXT, PNG], provider="ollama")
    assert turn["content"] == "[File: a.txt]\ngrüße\n\nRead it."
    assert turn["images"] == [b64(PNG)]


@pytest.mark.parametrize(
    ("provider", "file"),
    [
        ("generic", PDF),
        ("ollama", PDF),
        ("ollama", WAV),
        ("openai", ZIP),
        ("anthropic", ZIP),
        ("anthropic", WAV),
        ("google", ZIP),
        ("openai", RactoFile(b"II*", "image/tiff")),
    ],
)
def test_what_a_provider_cannot_take_is_refused(provider: str, file: RactoFile) -> None:
    with pytest.raises(UnsupportedFeatureError, match=provider) as caught:
        user_turn("Read it.", [file], provider=provider)
    assert caught.value.feature == "attachments"
    assert file.mime_type in str(caught.value)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "ollama", "generic"])
def test_text_that_is_not_utf8_is_refused(provider: str) -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"a\.txt.*UTF-8"):
        user_turn("Read it.", [LATIN], provider=provider)
