"""A chunk as a record of Chroma, and back: exact, whatever its text and metadata hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from racto.core.documents import Chunk, make_chunk
from racto.core.errors import IndexCorruptError
from racto.core.vectors import Vector

from .plain import dumped, loaded
from .tokens import facts_of
from .vectors import embedding_of, values_of

_VERSION = 1
_FIELDS = 13
_LONGEST_ID = 256
_HASHED = "#sha256:"


class Record(NamedTuple):
    """What is written for one chunk.

    Attributes:
        id: The record's id: the chunk's own where Chroma takes it.
        chunk_id: The chunk's id.
        vector: Its embedding.
        document: Its text.
        metadata: The exact metadata, and what filters need.
    """

    id: str
    chunk_id: str
    vector: Vector
    document: str
    metadata: dict[str, Any]


def record_id(chunk_id: str) -> str:
    """The id under which Chroma keeps a chunk: its own, or a hash of one that Chroma refuses."""
    is_kept = 0 < len(chunk_id) <= _LONGEST_ID and is_text(chunk_id)
    if is_kept and not chunk_id.startswith(_HASHED):
        return chunk_id
    return _HASHED + hashlib.sha256(chunk_id.encode("utf-8", "surrogatepass")).hexdigest()


def is_text(value: str) -> bool:
    """Whether a string can travel as UTF-8, which lone surrogates cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def record_of(chunk: Chunk, dimension: int) -> Record:
    """The record of a chunk.

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
    document = chunk.content.encode(errors="replace").decode() if content is None else content
    told = {"record": dumped(fields, metadata.extra, what), **facts_of(chunk)}
    return Record(record_id(chunk.chunk_id), chunk.chunk_id, vector, document, told)


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
    if not isinstance(record, str):
        raise IndexCorruptError(
            "the collection holds a record that racto did not write; give the store a collection "
            "of its own"
        )
    fields = loaded(record)
    if len(fields) != _FIELDS or fields[0] != _VERSION:
        raise IndexCorruptError(
            f"a record has another version than {_VERSION}, which this release reads"
        )
    return _rebuilt(document or "", fields, embedding)


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
