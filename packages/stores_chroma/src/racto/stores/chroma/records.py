"""A chunk as a record of Chroma, and back: exact, whatever its text and metadata hold."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import IndexCorruptError
from racto.core.records import packed, unpacked
from racto.core.vectors import Vector

_LONGEST_ID = 256
_HASHED = "#sha256:"


def record_id(chunk_id: str) -> str:
    """The id under which Chroma keeps a chunk: its own, or a hash of one that Chroma refuses."""
    is_kept = 0 < len(chunk_id) <= _LONGEST_ID and is_text(chunk_id)
    if is_kept and not chunk_id.startswith(_HASHED):
        return chunk_id
    return _HASHED + sha256(chunk_id.encode("utf-8", "surrogatepass")).hexdigest()


def is_text(value: str) -> bool:
    """Whether a string can travel as UTF-8, which lone surrogates cannot."""
    # What is ASCII a string knows of itself.
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def record_of(chunk: Chunk) -> str:
    """The exact record of a chunk, its text left out unless UTF-8 cannot carry it.

    Raises:
        StoreError: If metadata holds what cannot be stored.
    """
    return packed(chunk, with_content=not is_text(chunk.content))


def document_of(chunk: Chunk) -> str:
    """The text of a chunk as Chroma can keep it."""
    content = chunk.content
    return content if is_text(content) else content.encode(errors="replace").decode()


def chunk_of(
    metadata: Mapping[str, Any] | None, document: str | None, embedding: Vector | None
) -> Chunk:
    """The chunk that a record was made of.

    Args:
        metadata: The record's metadata.
        document: Its text.
        embedding: Its vector, where it was asked for.

    Raises:
        IndexCorruptError: If the record was written by another program.
    """
    record = (metadata or {}).get("record")
    if type(record) is not str:
        raise IndexCorruptError(
            "the collection holds a record that racto did not write; give the store a collection "
            "of its own"
        )
    return unpacked(record, embedding, document or "")
