"""Chunks as Pinecone's records: one with the vector, and more where the text is long.

A record may hold 40 KB of metadata. A longer one keeps its text in parts, which are records of
a second namespace, where no search meets them. Each part names its chunk and the digest of the
whole, so that parts of an older version are never taken for those of a newer one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from racto.core.documents import Chunk
from racto.core.errors import IndexCorruptError, StoreError
from racto.core.records import packed, unpacked
from racto.core.vectors import Vector

from .fields import FieldMaker

MARK = "_racto"
"""The field that every record of a chunk has: the version of this layout."""

LARGEST = 16 * 1024 * 1024
"""The most bytes of one chunk: its text and its metadata as JSON."""

OWNER, DIGEST, WRITTEN = "_owner", "_digest", "_written"
_VERSION, _RECORD, _PARTS = 1, "_record", "_parts"
_METADATA_BYTES = 40 * 1024
_PART_BYTES = 36_000
# A record that was tampered with must not make a reader ask for any number of parts.
_MOST_PARTS = 2 * LARGEST // _PART_BYTES
# What the fields of the record's own take beside the text.
_FRAME_BYTES = 300


class Record(NamedTuple):
    """One chunk on its way into Pinecone.

    Attributes:
        key: Id of its record, made from the chunk's id.
        chunk_id: The chunk's id.
        values: Its vector, as :func:`~.vectors.checked_all` gave it.
        metadata: Metadata of its record.
        size: Roughly how many bytes the metadata has as JSON.
        digest: Digest of the whole text; empty when the record holds it.
        parts: Pieces of the text; none when the record holds it.
    """

    key: str
    chunk_id: str
    values: Any
    metadata: dict[str, Any]
    size: int
    digest: str = ""
    parts: Sequence[str] = ()


def key_of(chunk_id: str) -> str:
    """The id of a chunk's record: any text becomes 32 letters that Pinecone takes."""
    data = chunk_id.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def part_keys(key: str, digest: str, count: int) -> list[str]:
    """The ids of a record's parts."""
    return [f"{key}.{digest}.{number}" for number in range(count)]


def record_of(chunk: Chunk, values: Any, maker: FieldMaker) -> Record:
    """The record of a chunk.

    Args:
        chunk: The chunk.
        values: Its vector, as :func:`~.vectors.checked_all` gave it.
        maker: Makes the fields of all chunks of a batch.

    Raises:
        StoreError: If its metadata cannot be stored, or it is larger than :data:`LARGEST`.
    """
    chunk_id = chunk.chunk_id
    key, text = key_of(chunk_id), packed(chunk)
    metadata, own = maker.fields_of(chunk)
    own, size = own + _FRAME_BYTES, _weight(text)
    metadata[MARK] = _VERSION
    if own + size <= _METADATA_BYTES:
        metadata[_RECORD] = text
        return Record(key, chunk_id, values, metadata, own + size)
    if size > LARGEST:
        raise StoreError(
            f"chunk {chunk_id!r} has {size} bytes of text and metadata, and Pinecone is "
            f"given at most {LARGEST} a chunk; cut it into smaller ones"
        )
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    parts = list(_cut(text))
    metadata |= {_PARTS: len(parts), DIGEST: digest}
    return Record(key, chunk_id, values, metadata, own, digest, parts)


def parts_wanted(key: str, metadata: Mapping[str, Any] | None) -> list[str]:
    """The ids of the parts that a record needs; none when it holds all of the text.

    Args:
        key: Id of the record.
        metadata: Its metadata.

    Raises:
        StoreError: If racto did not write it.
    """
    facts = metadata or {}
    if MARK not in facts:
        raise StoreError(
            f"the namespace holds record {key!r}, which racto did not write; give racto a "
            f"namespace of its own"
        )
    if facts[MARK] != _VERSION:
        raise IndexCorruptError(
            f"record {key!r} has layout {facts[MARK]!r:.20}, and this version of "
            f"racto-stores-pinecone reads {_VERSION}; upgrade it"
        )
    if _RECORD in facts:
        return []
    count, digest = facts.get(_PARTS), facts.get(DIGEST)
    if not (isinstance(count, int | float) and 1 <= count <= _MOST_PARTS and digest):
        raise IndexCorruptError(f"record {key!r} has neither a text nor parts of one; add it again")
    return part_keys(key, str(digest), int(count))


def chunk_of(metadata: Mapping[str, Any], parts: Sequence[str], values: Vector | None) -> Chunk:
    """The chunk of a record.

    Args:
        metadata: Its metadata.
        parts: Texts of its parts, in order.
        values: Its vector; None when it was not asked for.

    Raises:
        IndexCorruptError: If its text is not what was stored.
    """
    held = metadata.get(_RECORD)
    if held is not None:
        if type(held) is not str:
            raise IndexCorruptError("a record's text is none; add the document again")
        return unpacked(held, values)
    text = "".join(parts)
    data = text.encode("utf-8", "surrogatepass")
    if hashlib.blake2b(data, digest_size=8).hexdigest() != metadata[DIGEST]:
        raise IndexCorruptError("the parts of a record do not make its text; add it again")
    return unpacked(text, values)


def part_vectors(record: Record, dimension: int) -> Iterator[tuple[dict[str, Any], int]]:
    """The parts of a record as vectors of Pinecone, each with its size in bytes."""
    # Every record has a vector, and none of zeros is taken.
    values = [1.0, *([0.0] * (dimension - 1))]
    keys = part_keys(record.key, record.digest, len(record.parts))
    for key, text in zip(keys, record.parts, strict=True):
        metadata = {
            OWNER: record.key,
            DIGEST: record.digest,
            WRITTEN: time.time(),
            _RECORD: text,
        }
        yield {"id": key, "values": values, "metadata": metadata}, _PART_BYTES + 4 * dimension + 200


def part_text(metadata: Mapping[str, Any] | None) -> str:
    """The text of a part."""
    return str((metadata or {}).get(_RECORD, ""))


def _weight(text: str) -> int:
    """The bytes that packed text takes inside JSON once more: it has no control characters."""
    size = len(text) if text.isascii() else len(text.encode())
    return size + text.count('"') + text.count("\\")


def _cut(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        step = _PART_BYTES
        while _weight(piece := text[start : start + step]) > _PART_BYTES:
            # Shrinks in proportion, so that two or three attempts suffice.
            step = min(len(piece) - 1, len(piece) * _PART_BYTES // _weight(piece))
        yield piece
        start += len(piece)
