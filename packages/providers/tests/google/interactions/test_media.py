"""Pictures and sounds of an interaction, from the pieces in which they came."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core.content import AudioPart, ImagePart
from racto.providers.google.interactions.media import read_media


def piece(kind: str, data: bytes | None = None, **fields: Any) -> dict[str, Any]:
    made = {"type": kind, **fields}
    return made if data is None else made | {"data": base64.b64encode(data).decode()}


def test_a_sound_is_one_however_many_pieces_it_came_in() -> None:
    found = list(
        read_media(
            [
                piece("audio", b"ab", mime_type="audio/mp3"),
                piece("audio", b"cd", mime_type="audio/mp3"),
                piece("image", b"i", mime_type="image/webp"),
                piece("audio", b"ef"),
                piece("image", uri="https://x.test/i.png"),
                piece("audio", uri="https://x.test/a.wav"),
            ]
        )
    )
    assert found == [
        AudioPart(data=b"abcd", mime_type="audio/mp3"),
        ImagePart(data=b"i", mime_type="image/webp"),
        AudioPart(data=b"ef"),
        ImagePart(url="https://x.test/i.png"),
        AudioPart(url="https://x.test/a.wav"),
    ]


@pytest.mark.parametrize("bad", [{"type": "image"}, {"type": "image", "data": "no base64!"}])
def test_what_is_none_is_an_error(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"data|base64"):
        list(read_media([bad]))
