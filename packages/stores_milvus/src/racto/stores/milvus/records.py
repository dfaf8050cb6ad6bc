"""From chunks to rows of Milvus and back, losing nothing.

A row holds a key (the SHA-256 of the chunk's id, since Milvus limits keys), the vector, the exact
chunk as JSON, and what filters need. A chunk that is longer than a string of Milvus may be (65,535
bytes) is kept in pieces, in a column that is read for such chunks only.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.core.records import packed, unpacked

from .tokens import NUMBERS, PLACES, place_of, tokens_of

PIECE_BYTES = 65_535
MOST_PIECES = 4_096

# No character takes more than four bytes.
_PIECE_CHARACTERS = 16_000


def key_of(chunk_id: str) -> str:
    """The primary key of a chunk: 64 hexadecimal digits."""
    return sha256(chunk_id.encode("utf-8", "surrogatepass")).hexdigest()


def row_of(chunk: Chunk, vector: Any) -> dict[str, Any]:
    """The row of a chunk.

    Args:
        chunk: The chunk.
        vector: Its checked vector, as :func:`~.vectors.checked_chunks` gave it.

    Raises:
        StoreError: If metadata holds what JSON and dates cannot express, a position is no 64-bit
            integer, or the text is longer than 65 million characters.
    """
    for name in PLACES:
        _integer(chunk, name)
    record = packed(chunk)
    pieces = _pieces(chunk, record)
    return {
        "key": key_of(chunk.chunk_id),
        "vector": vector,
        "payload": "" if pieces else record,
        "pieces": pieces,
        "place": f" {' '.join(place_of(chunk))} ",
        "tokens": f" {' '.join(tokens_of(chunk))} ",
        **{name: _integer(chunk, name) for name in NUMBERS},
    }


def bytes_of(row: Mapping[str, Any]) -> int:
    """About how many bytes a row takes in a request."""
    characters = len(row["payload"]) + sum(map(len, row["pieces"]))
    return 4 * len(row["vector"]) + len(row["tokens"]) + 300 + 2 * characters


def is_long(row: Mapping[str, Any]) -> bool:
    """Whether a row is that of a chunk in pieces."""
    return not row["payload"]


def chunk_of(row: Mapping[str, Any]) -> Chunk:
    """The chunk of a row, with its vector if the row has it.

    Args:
        row: Has ``pieces`` if :func:`is_long`.

    Raises:
        IndexCorruptError: If racto did not write the row.
    """
    record = row["payload"] or "".join(row["pieces"])
    return unpacked(record, row.get("vector"))


def _pieces(chunk: Chunk, record: str) -> list[str]:
    if len(record) <= _PIECE_CHARACTERS or len(record.encode()) <= PIECE_BYTES:
        return []
    if len(record) > MOST_PIECES * _PIECE_CHARACTERS:
        raise StoreError(
            f"chunk {chunk.chunk_id!r} has {len(record):,} characters with its metadata, and "
            f"Milvus takes {MOST_PIECES * _PIECE_CHARACTERS:,}; cut it into smaller chunks"
        )
    return [record[at : at + _PIECE_CHARACTERS] for at in range(0, len(record), _PIECE_CHARACTERS)]


def _integer(chunk: Chunk, name: str) -> int:
    value = getattr(chunk.metadata, name)
    if value is None and name == "page":
        # Whether there is a page is asked by a token; this only fills the column.
        return 0
    if not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise StoreError(
            f"chunk {chunk.chunk_id!r}: metadata.{name} must be an integer below 2**63, not "
            f"{value!r}"
        )
    return int(value)
