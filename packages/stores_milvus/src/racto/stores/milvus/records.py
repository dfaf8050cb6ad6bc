"""From chunks to rows of Milvus and back, losing nothing.

A row holds a key (the SHA-256 of the chunk's id, since Milvus limits keys), the vector, the exact
chunk as JSON in pieces (since it limits strings to 65,535 bytes), and what filters need.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from racto.core.documents import METADATA_FIELDS, Chunk, ChunkMetadata
from racto.core.errors import StoreError

from .plain import plain, revived
from .tokens import NUMBERS, tokens_of

PIECE_BYTES = 65_535
MOST_PIECES = 4_096

# No character takes more than four bytes.
_PIECE_CHARACTERS = 16_000


def key_of(chunk_id: str) -> str:
    """The primary key of a chunk: 64 hexadecimal digits."""
    return sha256(chunk_id.encode("utf-8", "surrogatepass")).hexdigest()


def row_of(chunk: Chunk, vector: list[float]) -> dict[str, Any]:
    """The row of a chunk.

    Args:
        chunk: The chunk.
        vector: Its checked vector.

    Raises:
        StoreError: If metadata holds what JSON and dates cannot express, a position is no 64-bit
            integer, or the text is longer than 65 million characters.
    """
    pieces = _pieces(chunk)
    return {
        "key": key_of(chunk.chunk_id),
        "vector": vector,
        "payload": pieces,
        "tokens": f" {' '.join(tokens_of(chunk))} ",
        **{name: _integer(chunk, name) for name in NUMBERS},
    }


def bytes_of(row: Mapping[str, Any]) -> int:
    """About how many bytes a row takes in a request."""
    return 4 * len(row["vector"]) + len(row["tokens"]) + 200 + 2 * sum(map(len, row["payload"]))


def chunk_of(row: Mapping[str, Any]) -> Chunk:
    """The chunk of a row, with its vector if the row has it."""
    chunk_id, doc_id, content, values, extra = json.loads("".join(row["payload"]))
    fields = dict(zip(METADATA_FIELDS, values, strict=True))
    return Chunk(
        content=content,
        chunk_id=chunk_id,
        doc_id=doc_id,
        embedding=row.get("vector"),
        metadata=ChunkMetadata(**fields, extra=revived(extra)),
    )


def _pieces(chunk: Chunk) -> list[str]:
    given = chunk.metadata
    values = [getattr(given, name) for name in METADATA_FIELDS]
    whole = [chunk.chunk_id, chunk.doc_id, chunk.content, values, plain(given.extra, given.source)]
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    if not _encodable(text):
        text = json.dumps(whole, separators=(",", ":"))
    pieces = [text[at : at + _PIECE_CHARACTERS] for at in range(0, len(text), _PIECE_CHARACTERS)]
    if len(pieces) > MOST_PIECES:
        raise StoreError(
            f"chunk {chunk.chunk_id!r} has {len(text):,} characters with its metadata, and Milvus "
            f"takes {MOST_PIECES * _PIECE_CHARACTERS:,}; cut it into smaller chunks"
        )
    return pieces


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
