"""Chunks as rows of the table, and back: whole, whatever is in them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from racto.core.documents import METADATA_FIELDS, Chunk, ChunkMetadata
from racto.core.errors import StoreError

from .escapes import escaped, unescaped
from .facts import forms, restored
from .vectors import Floats

COLUMNS = ("id", "content", "record", "metadata", "embedding")
"""The columns that :func:`copied` fills, in this order."""

READ = "id, content, record, CASE WHEN record IS NULL THEN metadata::text END, embedding"
"""What :func:`chunk_of` reads, as a SELECT list."""

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_FIELDS = struct.pack(">h", len(COLUMNS))
_NULL = struct.pack(">i", -1)
_length = struct.Struct(">i").pack
_DEFAULTS = ChunkMetadata()
_OWN_DOC = "chunk_doc_id"


class Row(NamedTuple):
    """One chunk, but for its vector, as the table keeps it.

    Attributes:
        id: The chunk's id, with what PostgreSQL refuses escaped.
        content: Its text, escaped likewise.
        record: All the rest in exact form; None when ``metadata`` loses nothing of it.
        metadata: All the rest as ``jsonb``, to be filtered by.
    """

    id: str
    content: str
    record: str | None
    metadata: str

    @property
    def size(self) -> int:
        """Roughly how many bytes it takes."""
        return 2 * (len(self.content) + len(self.metadata) + len(self.record or ""))


def row_of(chunk: Chunk) -> Row:
    """The row of a chunk.

    Raises:
        StoreError: If its metadata cannot be kept; the message names the place.
    """
    metadata = chunk.metadata
    facts: dict[str, Any] = {}
    for name in METADATA_FIELDS:
        value = getattr(metadata, name)
        if value is None:
            continue
        if not isinstance(value, str | int | float):
            raise StoreError(
                f"chunk {chunk.chunk_id!r}: metadata.{name} is a {type(value).__name__}, and must "
                f"be a string or a number"
            )
        facts[name] = value
    if chunk.doc_id != metadata.doc_id:
        facts[_OWN_DOC] = chunk.doc_id
    facts["extra"] = metadata.extra if type(metadata.extra) is dict else dict(metadata.extra)
    text, exact = forms(facts, f"the metadata of chunk {chunk.chunk_id!r}")
    return Row(escaped(chunk.chunk_id), escaped(chunk.content), exact, text)


def chunk_of(row: Sequence[Any]) -> Chunk:
    """The chunk of a row that was read with :data:`READ`; its vector is a float32 array."""
    chunk_id, content, record, metadata, embedding = row
    facts = json.loads(metadata) if record is None else restored(record)
    doc_id = facts.pop(_OWN_DOC, None)
    values = ChunkMetadata(**facts)
    return Chunk(
        content=unescaped(content),
        chunk_id=unescaped(chunk_id),
        doc_id=values.doc_id if doc_id is None else doc_id,
        embedding=None if embedding is None else _floats(embedding),
        metadata=values,
    )


def batches(rows: Sequence[Row], width: int, most: int, most_bytes: int) -> Iterator[slice]:
    """Cut rows into batches of at most so many, and of about so many bytes, but at least one."""
    start, taken = 0, 0
    for at, row in enumerate(rows):
        size = row.size + width
        if at > start and (at - start >= most or taken + size > most_bytes):
            yield slice(start, at)
            start, taken = at, 0
        taken += size
    if start < len(rows):
        yield slice(start, len(rows))


def copied(rows: Iterable[Row], vectors: Floats, *, half: bool) -> bytes:
    """Rows in PostgreSQL's binary COPY format, in the order of :data:`COLUMNS`.

    Args:
        rows: As many as there are vectors.
        vectors: Shape (n, d).
        half: Whether the column is a ``halfvec``.
    """
    # The server's byte order, for all vectors in one conversion.
    wire = vectors.astype(">f2" if half else ">f4")
    dimension = vectors.shape[1]
    size = 4 + dimension * wire.itemsize
    lead = _length(size) + struct.pack(">hh", dimension, 0)
    parts = [_HEADER]
    for row, vector in zip(rows, wire, strict=True):
        key, text, facts = row.id.encode(), row.content.encode(), row.metadata.encode()
        parts += (_FIELDS, _length(len(key)), key, _length(len(text)), text)
        if row.record is None:
            parts.append(_NULL)
        else:
            record = row.record.encode()
            parts += (_length(len(record)), record)
        # The byte before the text is the version of jsonb's binary form.
        parts += (_length(len(facts) + 1), b"\x01", facts, lead, vector.tobytes())
    parts.append(_TRAILER)
    return b"".join(parts)


def _floats(embedding: Any) -> Any:
    return np.asarray(embedding.to_numpy(), dtype=np.float32)
