"""A chunk as a point of Qdrant, and back: exact, whatever its text and metadata hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from racto.core.documents import Chunk, make_chunk
from racto.core.errors import IndexCorruptError
from racto.core.vectors import Vector

from .facts import facts_of, is_text
from .plain import dumped, loaded
from .vectors import embedding_of, values_of

READ = ("content", "record")
"""The parts of a payload from which a chunk is rebuilt."""

_VERSION = 1
_FIELDS = 13
# Any fixed one will do; another would lose all ids that are stored.
_NAMESPACE = UUID("c2b7f5a0-6b43-5d4f-9a53-0a6f6f1b7d11").bytes


class Point(NamedTuple):
    """What is written for one chunk.

    Attributes:
        id: The point's id, a UUID that follows from the chunk's.
        chunk_id: The chunk's id.
        vector: Its embedding.
        payload: Text, exact metadata, and what filters need.
    """

    id: str
    chunk_id: str
    vector: list[float]
    payload: dict[str, Any]


def point_id(chunk_id: str) -> str:
    """The UUID (version 5) under which Qdrant keeps a chunk; it takes no other strings."""
    # By hand, because uuid5 refuses ids with lone surrogates.
    digest = hashlib.sha1(
        _NAMESPACE + chunk_id.encode("utf-8", "surrogatepass"), usedforsecurity=False
    )
    return str(UUID(bytes=digest.digest()[:16], version=5))


def point_of(chunk: Chunk, dimension: int) -> Point:
    """The point of a chunk.

    Args:
        chunk: A chunk with its embedding.
        dimension: What the embedding's length must be.

    Raises:
        MissingEmbeddingError: If it has no embedding.
        DimensionMismatchError: If the embedding has another length.
        InvalidEmbeddingError: If it holds what is no finite number, or is longer than 1e18.
        StoreError: If metadata holds what cannot be stored.
    """
    what = f"chunk {chunk.chunk_id!r}"
    vector = values_of(embedding_of(chunk), dimension, f"the embedding of {what}")
    metadata = chunk.metadata
    # A text that UTF-8 cannot carry stands in the record, whose JSON is ASCII.
    content = chunk.content if is_text(chunk.content) else None
    fields = [
        _VERSION, chunk.chunk_id, chunk.doc_id, metadata.source, metadata.page,
        metadata.chunk_index, metadata.total_chunks, metadata.start_char, metadata.end_char,
        metadata.doc_id, metadata.section, chunk.content if content is None else None,
    ]  # fmt: skip
    payload = {
        "content": chunk.content.encode(errors="replace").decode() if content is None else content,
        "record": dumped(fields, metadata.extra, what),
        **facts_of(chunk),
    }
    if is_text(chunk.chunk_id):
        payload["chunk_id"] = chunk.chunk_id
    return Point(point_id(chunk.chunk_id), chunk.chunk_id, vector, payload)


def chunk_of(payload: Mapping[str, Any] | None, embedding: Vector | None) -> Chunk:
    """The chunk that a point was made of.

    Raises:
        IndexCorruptError: If the point was written by another program.
    """
    payload = payload or {}
    record = payload.get("record")
    if not isinstance(record, str):
        raise IndexCorruptError(
            "the collection holds a point that racto did not write; give the store a collection "
            "of its own"
        )
    fields = loaded(record)
    if len(fields) != _FIELDS or fields[0] != _VERSION:
        raise IndexCorruptError(
            f"a point's record has another version than {_VERSION}, which this release reads"
        )
    return _rebuilt(payload.get("content", ""), fields, embedding)


def _rebuilt(content: str, fields: Sequence[Any], embedding: Vector | None) -> Chunk:
    (
        _, chunk_id, doc_id, source, page, index, total, start, end, of_metadata, section, exact,
        extra,
    ) = fields  # fmt: skip
    chunk = make_chunk(
        content if exact is None else exact, chunk_id, doc_id, embedding, source, page, index,
        total, start, end, extra, section,
    )  # fmt: skip
    # A chunk and its metadata nearly always name the same document, which make_chunk relies on.
    if of_metadata == doc_id:
        return chunk
    return replace(chunk, metadata=replace(chunk.metadata, doc_id=of_metadata))
