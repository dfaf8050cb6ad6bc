"""Chunks as Weaviate's objects: exact JSON, tokens to filter on, and integers for ranges."""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.core.vectors import Vector

from .payloads import packed, unpacked
from .tokens import numbers_of, tokens_of

RECORD = "record"
"""The property with the chunk as JSON."""

# Any constants will do; they must never change.
_NAMESPACE = uuid.UUID("6f9d3c2e-0f0b-5a3e-9d0f-7a1d5a3b8c11")
_HALVES = uuid.UUID("6f9d3c2e-0f0b-5a3e-9d0f-7a1d5a3b8c12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One chunk on its way into Weaviate.

    Attributes:
        key: Id of its object, made from the chunk's id.
        chunk_id: The chunk's id.
        properties: Properties of the object.
        values: Its vector.
        size: Roughly how many bytes it takes on its way.
    """

    key: str
    chunk_id: str
    properties: Mapping[str, Any]
    values: array[float]
    size: int


def key_of(chunk_id: str) -> str:
    """The id of a chunk's object: the same for the same chunk, everywhere."""
    try:
        return str(uuid.uuid5(_NAMESPACE, chunk_id))
    except UnicodeEncodeError:
        # Half of a surrogate pair: a space of its own, so that no other id can be the same.
        return str(uuid.uuid5(_HALVES, chunk_id.encode("utf-8", "surrogatepass").hex()))


def record_of(chunk: Chunk, values: array[float]) -> Record:
    """The object of a chunk.

    Args:
        chunk: The chunk.
        values: Its vector.

    Raises:
        StoreError: If its metadata cannot be stored.
    """
    text, tokens = packed(chunk), tokens_of(chunk)
    properties = {RECORD: text, "tokens": tokens, **numbers_of(chunk)}
    size = 3 * len(text) + 30 * len(tokens) + 4 * len(values) + 300
    return Record(
        key=key_of(chunk.chunk_id),
        chunk_id=chunk.chunk_id,
        properties=properties,
        values=values,
        size=size,
    )


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
