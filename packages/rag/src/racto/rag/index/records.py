"""Chunks and vectors as rows, and back, with nothing lost on the way."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from racto.core.documents import Chunk, make_chunk
from racto.core.embeddings import Vector
from racto.core.errors import ConfigurationError

Row: TypeAlias = tuple[Any, ...]

COLUMNS = (
    "chunk_id, content, doc_id, source, page, section, chunk_index, total_chunks, "
    "start_char, end_char, extra"
)
"""The columns of a chunk, in the order of :func:`row_of` and :func:`chunk_of`."""


def row_of(chunk: Chunk, dump: Callable[[Mapping[str, Any]], str]) -> Row:
    """The values of a chunk in the order of :data:`COLUMNS`, its vector left out.

    Args:
        chunk: The chunk.
        dump: Writes its free facts; :func:`dumper` makes a fast one.
    """
    facts = chunk.metadata
    return (
        chunk.chunk_id,
        chunk.content,
        chunk.doc_id,
        facts.source,
        facts.page,
        facts.section,
        facts.chunk_index,
        facts.total_chunks,
        facts.start_char,
        facts.end_char,
        dump(facts.extra),
    )


def chunk_of(row: Row, embedding: Vector | None = None) -> Chunk:
    """The chunk of a row that begins with :data:`COLUMNS`."""
    chunk_id, content, doc_id, source, page, section, index, total, start, end, extra = row[:11]
    return make_chunk(
        content, chunk_id, doc_id, embedding, source, page, index, total, start, end,
        _load_extra(extra), section,
    )  # fmt: skip


def dumper() -> Callable[[Mapping[str, Any]], str]:
    """A function that writes free facts as JSON, once for chunks that share their mapping."""
    last: tuple[Mapping[str, Any], str] | None = None

    def dump(extra: Mapping[str, Any]) -> str:
        nonlocal last
        if not extra:
            return ""
        if last is None or last[0] is not extra:
            last = (extra, dump_extra(extra))
        return last[1]

    return dump


def pack(vector: Vector) -> bytes:
    """A vector as little-endian float32 values."""
    # The name of a dtype is put together anew at every look; this is not.
    if getattr(getattr(vector, "dtype", None), "str", "") == "<f4":
        return bytes(vector.tobytes())  # type: ignore[attr-defined]
    # An index may be carried to a machine of the other byte order.
    values = array("f", vector)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def unpack(blobs: Sequence[bytes]) -> list[memoryview[float]]:
    """The vectors of one page: float32 views that numpy takes over without a copy."""
    if sys.byteorder == "big":
        swapped = [array("f", blob) for blob in blobs]
        for values in swapped:
            values.byteswap()
        return [memoryview(values) for values in swapped]
    return [memoryview(blob).cast("f") for blob in blobs]


def dump_extra(extra: Mapping[str, Any]) -> str:
    """Free facts as JSON, dates included.

    Raises:
        ConfigurationError: If they hold what JSON cannot express.
    """
    try:
        return json.dumps(dict(extra), ensure_ascii=True, default=_tagged)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"metadata cannot be kept in an index: {error}; use strings, numbers, booleans, "
            "dates, None, and lists or mappings of them"
        ) from error


def _tagged(value: object) -> Any:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value of type {type(value).__name__}")


def _untagged(data: dict[str, Any]) -> Any:
    # JSON has no dates, and a date that came back as text would no longer satisfy filters.
    if len(data) == 1:
        try:
            if "$datetime" in data:
                return datetime.fromisoformat(data["$datetime"])
            if "$date" in data:
                return date.fromisoformat(data["$date"])
        except (TypeError, ValueError):
            # Not one of ours: exports of some databases write their own facts like this.
            return data
    return data


# All chunks of a document come back with one shared mapping, as the chunker gave them.
@lru_cache(maxsize=256)
def _load_extra(text: str) -> Mapping[str, Any]:
    if not text:
        return {}
    loaded: dict[str, Any] = json.loads(text, object_hook=_untagged)
    return loaded
