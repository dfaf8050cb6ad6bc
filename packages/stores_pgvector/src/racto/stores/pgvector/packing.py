"""Rows in PostgreSQL's binary forms: a stream for COPY, arrays for one statement."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .records import COLUMNS, Row
from .vectors import Floats

BOOL, TEXT, JSONB = 16, 25, 3802
"""The server's numbers of three types, the same in every database."""

_BOOLS, _TEXTS, _JSONBS = 1000, 1009, 3807
# So many rows are made while the server reads those before.
_PIECE = 32
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = struct.pack(">i", -1)
# The byte before the text is the version of jsonb's binary form.
_JSONB_VERSION = b"\x01"
_length = struct.Struct(">i").pack
_first = struct.Struct(">hi?i").pack
_bool = struct.Struct(">i?").pack
_jsonb = struct.Struct(">ib").pack
_null_and_jsonb = struct.Struct(">iib").pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A value in its binary form.

    Attributes:
        data: The bytes.
        oid: Number of its type.
    """

    data: bytes
    oid: int


def copied(rows: Iterable[Row], vectors: Floats, *, half: bool) -> Iterator[bytes]:
    """Rows in the binary COPY format, piece by piece, in the order of :data:`COLUMNS`.

    Args:
        rows: No more than there are vectors.
        vectors: Shape (n, d).
        half: Whether the column is a ``halfvec``.
    """
    yield _HEADER
    coming, at = iter(rows), 0
    while group := list(islice(coming, _PIECE)):
        parts: list[bytes] = []
        wire = _wire(vectors[at : at + len(group)], half)
        for (lists, key_, text_, exact, facts_), vector in zip(group, wire, strict=True):
            key, text, facts = key_.encode(), text_.encode(), facts_.encode()
            parts += (_first(len(COLUMNS), 1, lists, len(key)), key, _length(len(text)), text)
            if exact is not None:
                record = exact.encode()
                parts += (_length(len(record)), record, _jsonb(len(facts) + 1, 1))
            else:
                parts.append(_null_and_jsonb(-1, len(facts) + 1, 1))
            parts += (facts, vector)
        yield b"".join(parts)
        at += len(group)
    yield _TRAILER


def arrays(rows: Sequence[Row], vectors: Floats, *, half: bool, types: Any) -> list[Packed]:
    """Rows as one array a column, in the order of :data:`COLUMNS`.

    Args:
        rows: As many as there are vectors.
        vectors: Shape (n, d).
        half: Whether the column is a ``halfvec``.
        types: The connection's types, among which pgvector's have their numbers.
    """
    facts = (_sized(_JSONB_VERSION + row.metadata.encode()) for row in rows)
    return [
        _array(BOOL, _BOOLS, (_bool(1, row.has_lists) for row in rows), len(rows)),
        texts([row.id for row in rows]),
        texts([row.content for row in rows]),
        texts([row.record for row in rows]),
        _array(JSONB, _JSONBS, facts, len(rows)),
        packed(vectors, half=half, types=types),
    ]


def texts(values: Sequence[str | None]) -> Packed:
    """Strings as an array of ``text``."""
    items = (_NULL if value is None else _sized(value.encode()) for value in values)
    return _array(TEXT, _TEXTS, items, len(values))


def packed(vectors: Floats, *, half: bool, types: Any) -> Packed:
    """One vector of shape (d,), or an array of those of shape (n, d)."""
    kind = types["halfvec" if half else "vector"]
    if vectors.ndim == 1:
        return Packed(data=_wire(vectors[None], half)[0][4:], oid=kind.oid)
    return _array(kind.oid, kind.array_oid, _wire(vectors, half), len(vectors))


def _array(item: int, array: int, items: Iterable[bytes], count: int) -> Packed:
    # One dimension, which begins at 1; the server asks whether there may be NULL, and looks.
    head = struct.pack(">iiiii", 1, 1, item, count, 1)
    return Packed(data=b"".join((head, *items)), oid=array)


def _sized(data: bytes) -> bytes:
    return _length(len(data)) + data


def _wire(vectors: Floats, half: bool) -> list[bytes]:
    """Each vector with its length before it, in the server's byte order."""
    wire = vectors.astype(">f2" if half else ">f4")
    dimension = vectors.shape[1]
    lead = struct.pack(">ihh", 4 + dimension * wire.itemsize, dimension, 0)
    return [lead + vector.tobytes() for vector in wire]
