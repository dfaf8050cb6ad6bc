"""Pictures and sounds of a reply, put together from the pieces in which they came."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.core.content import AudioPart, ContentPart, ImagePart


def read_media(pieces: Sequence[Mapping[str, Any]]) -> Iterator[ContentPart]:
    """The pictures and sounds of one step.

    A picture comes whole; the pieces of a sound follow each other and are one.

    Args:
        pieces: Contents of type ``image`` and ``audio``, in their order.

    Raises:
        ValueError: If one is not base64, or has neither bytes nor address.
    """
    sound: list[bytes] = []
    for number, piece in enumerate(pieces):
        kind = {"mime_type": piece["mime_type"]} if piece.get("mime_type") else {}
        if piece["type"] == "image":
            yield ImagePart(data=_data(piece), url=_url(piece), **kind)
        elif _url(piece):
            yield AudioPart(url=_url(piece), **kind)
        else:
            sound.append(_data(piece) or b"")
            if number + 1 == len(pieces) or pieces[number + 1]["type"] != "audio":
                yield AudioPart(data=b"".join(sound), **kind)
                sound = []


def _data(piece: Mapping[str, Any]) -> bytes | None:
    data = piece.get("data")
    return None if data is None else base64.b64decode(data, validate=True)


def _url(piece: Mapping[str, Any]) -> str | None:
    # Bytes go before an address, of which both may be told.
    return None if piece.get("data") is not None else piece.get("uri")
