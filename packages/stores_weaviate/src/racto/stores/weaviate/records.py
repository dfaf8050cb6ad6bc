"""Chunks as Weaviate's objects: exact JSON, tokens to filter on, and integers for ranges."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Any, NamedTuple

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.core.records import packed, unpacked
from racto.core.vectors import Vector

from .tokens import TokenMaker, numbers_of

RECORD = "record"
"""The property with the chunk as JSON."""

# Any constants will do; they must never change.
_NAMESPACE = uuid.UUID("6f9d3c2e-0f0b-5a3e-9d0f-7a1d5a3b8c11")
_HALVES = uuid.UUID("6f9d3c2e-0f0b-5a3e-9d0f-7a1d5a3b8c12")


class Record(NamedTuple):
    """One chunk on its way into Weaviate.

    Attributes:
        key: Id of its object, made from the chunk's id.
        chunk_id: The chunk's id.
        text: The chunk as JSON.
        tokens: What filters ask for.
        numbers: What ranges ask for.
        values: Its vector, as :func:`~.vectors.checked` gave it.
        size: Roughly how many bytes it takes on its way.
    """

    key: str
    chunk_id: str
    text: str
    tokens: Sequence[str]
    numbers: Mapping[str, int]
    values: Any
    size: int


def key_of(chunk_id: str) -> str:
    """The id of a chunk's object: the same for the same chunk, everywhere."""
    try:
        data = _NAMESPACE.bytes + chunk_id.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: a space of its own, so that no other id can be the same.
        data = _HALVES.bytes + chunk_id.encode("utf-8", "surrogatepass").hex().encode()
    # A UUID of version 5, in a quarter of the time that the standard library takes for one.
    found = bytearray(sha1(data, usedforsecurity=False).digest()[:16])
    found[6] = found[6] & 0x0F | 0x50
    found[8] = found[8] & 0x3F | 0x80
    text = found.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def record_of(chunk: Chunk, values: Any, maker: TokenMaker) -> Record:
    """The object of a chunk.

    Args:
        chunk: The chunk.
        values: Its vector, as :func:`~.vectors.checked` gave it.
        maker: Makes the tokens of all chunks of a batch.

    Raises:
        StoreError: If its metadata cannot be stored.
    """
    chunk_id, text, tokens = chunk.chunk_id, packed(chunk), maker.tokens_of(chunk)
    size = 3 * len(text) + 30 * len(tokens) + 4 * len(values) + 300
    return Record(key_of(chunk_id), chunk_id, text, tokens, numbers_of(chunk), values, size)


def chunk_of(found: Any, *, with_values: bool = True) -> Chunk:
    """The chunk of an object that Weaviate gave.

    Args:
        found: The object.
        with_values: Whether the chunk gets its vector.

    Raises:
        StoreError: If racto did not write it.
    """
    text = found.properties.get(RECORD)
    if not isinstance(text, str):
        raise StoreError(
            f"the class holds object {found.uuid}, which racto did not write; give racto a class "
            f"of its own"
        )
    vector: Vector | None = next(iter(found.vector.values()), None) if found.vector else None
    return unpacked(text, vector if with_values else None)
