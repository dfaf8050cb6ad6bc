"""Chunks as rows of the table, and back: whole, whatever is in them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from racto.core.documents import METADATA_FIELDS, Chunk, ChunkMetadata, make_chunk
from racto.core.errors import StoreError

from .escapes import escaped, unescaped
from .facts import forms, plain, restored

COLUMNS = ("has_lists", "id", "content", "record", "metadata", "embedding")
"""The columns that :mod:`racto.stores.pgvector.packing` fills, in this order."""

READ = "id, content, record, CASE WHEN record IS NULL THEN metadata::text END, embedding"
"""What :func:`chunk_of` reads, as a SELECT list."""

_OWN_DOC = "chunk_doc_id"
_FIELDS = frozenset(METADATA_FIELDS)
_fields_of = attrgetter(*METADATA_FIELDS)
_numbers_of = attrgetter("chunk_index", "total_chunks", "start_char", "end_char")
_TEXT = frozenset({str})
_PLAIN = frozenset({str, int, bool, type(None)})
_SCALARS = _PLAIN | {float}
# Greater integers go the slow way, which finds out whether Python writes them.
_GREAT = 1 << 2048


class Row(NamedTuple):
    """One chunk, but for its vector, as the table keeps it.

    Attributes:
        has_lists: Whether a free fact may be a list, which filters look into.
        id: The chunk's id, with what PostgreSQL refuses escaped.
        content: Its text, escaped likewise.
        record: All the rest in exact form; None when ``metadata`` loses nothing of it.
        metadata: All the rest as ``jsonb``, to be filtered by: free facts and fields side by side.
    """

    has_lists: bool
    id: str
    content: str
    record: str | None
    metadata: str

    @property
    def size(self) -> int:
        """Roughly how many bytes it takes."""
        return 2 * (len(self.content) + len(self.metadata) + len(self.record or ""))


def checked(chunk: Chunk) -> Row | None:
    """Refuse a chunk that cannot be kept; its row, where finding that out took one.

    Raises:
        StoreError: If its metadata cannot be kept; the message names the place.
    """
    return None if _is_simple(chunk) else row_of(chunk)


def row_of(chunk: Chunk) -> Row:
    """The row of a chunk.

    Raises:
        StoreError: If its metadata cannot be kept; the message names the place.
    """
    metadata = chunk.metadata
    facts = dict(zip(METADATA_FIELDS, _fields_of(metadata), strict=True))
    # A field that a source does not have is absent to filters; nearly always one of these two.
    for name in ("page", "section"):
        if facts[name] is None:
            del facts[name]
    if None in facts.values():
        facts = {name: value for name, value in facts.items() if value is not None}
    # A free fact that is called like a field is not found by filters, and must not hide it.
    given = metadata.extra
    extra = given if _FIELDS.isdisjoint(given) else _without_fields(given)
    text = None
    plain_fields = _PLAIN.issuperset(map(type, facts.values()))
    if plain_fields and extra is given and chunk.doc_id == metadata.doc_id:
        text = plain({**extra, **facts})
    has_lists = not _SCALARS.issuperset(map(type, extra.values()))
    if text is not None:
        return Row(has_lists, escaped(chunk.chunk_id), escaped(chunk.content), None, text)
    whole = {**_valid(facts, chunk), _OWN_DOC: chunk.doc_id, "extra": given}
    text, exact = forms({**extra, **facts}, whole, f"the metadata of chunk {chunk.chunk_id!r}")
    return Row(has_lists, escaped(chunk.chunk_id), escaped(chunk.content), exact, text)


def chunk_of(row: Sequence[Any]) -> Chunk:
    """The chunk of a row that was read with :data:`READ`; its vector is a float32 array."""
    chunk_id, content, record, metadata, embedding = row
    if record is None:
        facts = json.loads(metadata)
        take = facts.pop
        return make_chunk(
            unescaped(content), unescaped(chunk_id), take("doc_id", ""), embedding,
            take("source", ""), take("page", None), take("chunk_index", 0), take("total_chunks", 1),
            take("start_char", 0), take("end_char", 0), facts, take("section", None),
        )  # fmt: skip
    facts = restored(record)
    return Chunk(
        content=unescaped(content),
        chunk_id=unescaped(chunk_id),
        doc_id=facts.pop(_OWN_DOC),
        embedding=embedding,
        metadata=ChunkMetadata(**facts),
    )


def _is_simple(chunk: Chunk) -> bool:
    """Whether nothing in a chunk can be refused, seen without writing it out."""
    metadata = chunk.metadata
    extra = metadata.extra
    if type(extra) is not dict or not _TEXT.issuperset(map(type, extra)):
        return False
    try:
        # Overflows where an integer may have more digits than Python writes.
        math.hypot(metadata.page or 0, *_numbers_of(metadata))
    except (OverflowError, TypeError):
        return False
    return (
        _PLAIN.issuperset(map(type, extra.values()))
        and _PLAIN.issuperset(map(type, _fields_of(metadata)))
        and _TEXT.issuperset((type(chunk.chunk_id), type(chunk.content), type(chunk.doc_id)))
        and all(-_GREAT < value < _GREAT for value in extra.values() if type(value) is int)
    )


def _without_fields(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in extra.items() if key not in _FIELDS}


def _valid(facts: dict[str, Any], chunk: Chunk) -> dict[str, Any]:
    for name, value in facts.items():
        if not isinstance(value, str | int | float):
            raise StoreError(
                f"chunk {chunk.chunk_id!r}: metadata.{name} is a {type(value).__name__}, and must "
                f"be a string or a number"
            )
    return facts
