"""A chunk as a point of Qdrant, and back: exact, whatever its text and metadata hold."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from typing import Any
from uuid import UUID

from racto.core.documents import Chunk
from racto.core.errors import IndexCorruptError
from racto.core.records import packed, unpacked
from racto.core.vectors import Vector

from .facts import FactBook, is_text

READ = ("content", "record")
"""The parts of a payload from which a chunk is rebuilt."""

# Any fixed one will do; another would lose all ids that are stored.
_NAMESPACE = UUID("c2b7f5a0-6b43-5d4f-9a53-0a6f6f1b7d11").bytes
_VARIANT = str.maketrans("0123456789abcdef", "89ab" * 4)


def point_id(chunk_id: str) -> str:
    """The UUID (version 5) under which Qdrant keeps a chunk; it takes no other strings."""
    # By hand, because uuid5 takes thrice the time and refuses ids with lone surrogates.
    digest = sha1(_NAMESPACE + chunk_id.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    told = digest.hexdigest()
    variant = told[16].translate(_VARIANT)
    return f"{told[:8]}-{told[8:12]}-5{told[13:16]}-{variant}{told[17:20]}-{told[20:32]}"


def record_of(chunk: Chunk) -> str:
    """The exact record of a chunk, its text left out unless UTF-8 cannot carry it.

    Raises:
        StoreError: If metadata holds what cannot be stored.
    """
    return packed(chunk, with_content=not is_text(chunk.content))


def payload_of(chunk: Chunk, record: str, book: FactBook) -> dict[str, Any]:
    """The payload of a chunk's point.

    Args:
        chunk: The chunk.
        record: Its exact record.
        book: The facts of its batch.
    """
    content = chunk.content
    if not is_text(content):
        content = content.encode(errors="replace").decode()
    payload = {"content": content, "record": record, **book.facts_of(chunk)}
    if is_text(chunk.chunk_id):
        # For those who look into Qdrant; racto reads the record.
        payload["chunk_id"] = chunk.chunk_id
    return payload


def chunk_of(payload: Mapping[str, Any] | None, embedding: Vector | None) -> Chunk:
    """The chunk that a point was made of.

    Raises:
        IndexCorruptError: If the point was written by another program.
    """
    payload = payload or {}
    record = payload.get("record")
    if type(record) is not str:
        raise IndexCorruptError(
            "the collection holds a point that racto did not write; give the store a collection "
            "of its own"
        )
    return unpacked(record, embedding, payload.get("content", ""))
