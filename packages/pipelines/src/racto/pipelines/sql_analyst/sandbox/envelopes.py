"""Arrow streams of a stranger, measured before a library reads them: plain columns and no more.

Libraries trust some lengths of a stream and reserve memory by them, or end the process where two
lengths contradict each other. So every length is held against the bytes that are there. Refused
are compression, dictionaries, extension types, metadata, views, unions and maps.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .flatbuffers import MalformedError, Table, root

_CONTINUES = 0xFFFFFFFF
_SCHEMA, _RECORDS = 1, 3
_DEEPEST = 16
# Rows that need no byte of their own: columns of nothing but nulls.
_FREE_ROWS = 1_000_000

_NULL, _INT, _FLOAT, _BINARY, _TEXT, _BOOL, _DECIMAL, _DATE, _TIME, _TIMESTAMP = range(1, 11)
_LIST, _STRUCT, _FIXED_LIST, _DURATION = 12, 13, 16, 18
_LARGE_BINARY, _LARGE_TEXT, _LARGE_LIST = 19, 20, 21
_OFFSET_WIDTHS = {
    _BINARY: 4,
    _TEXT: 4,
    _LIST: 4,
    _LARGE_BINARY: 8,
    _LARGE_TEXT: 8,
    _LARGE_LIST: 8,
}


def check_plain(data: bytes) -> None:
    """See that a stream is what racto's own sandbox writes.

    Args:
        data: An Arrow stream: a schema, then batches of records.

    Raises:
        MalformedError: If it is not, with what is wrong; nothing of it has been decoded.
    """
    fields: list[Table] | None = None
    rows = 0
    for kind, header, body in _messages(data):
        if kind == _SCHEMA and fields is None:
            fields = _schema(header)
        elif kind == _RECORDS and fields is not None:
            rows += _Batch(header, body).check(fields)
            if rows > _FREE_ROWS + 8 * len(data):
                raise MalformedError("it claims more rows than its bytes can hold")
        else:
            raise MalformedError(f"a message of kind {kind} has no place here")
    if fields is None:
        raise MalformedError("it has no schema")


def _messages(data: bytes) -> Iterator[tuple[int, Table, memoryview]]:
    view, at = memoryview(data), 0
    while at < len(data):
        if len(data) - at < 8:
            raise MalformedError("it ends within a message")
        mark, length = struct.unpack_from("<II", data, at)
        if mark != _CONTINUES or length % 8:
            raise MalformedError("a message does not begin as it must")
        at += 8
        # A length of zero is how a writer says that it is done.
        if not length:
            break
        message = root(view[at : at + length])
        size = message.number(3, "q")
        at += length
        if not 0 <= size <= len(data) - at:
            raise MalformedError("a body is longer than the stream")
        # Nothing of ours writes any, and libraries build types from it.
        if message.has(4):
            raise MalformedError("a message carries metadata")
        yield message.number(1, "B"), message.table(2), view[at : at + size]
        at += size
    if at != len(data):
        raise MalformedError("bytes follow its end")


def _schema(header: Table) -> list[Table]:
    # Big-endian numbers, metadata, and features such as compressed bodies.
    if header.number(0, "h") or header.has(2) or header.vector(3, 8):
        raise MalformedError("its schema has more than columns")
    fields = header.tables(1)
    for field in fields:
        _check_field(field, 0)
    return fields


def _check_field(field: Table, depth: int) -> None:
    if depth > _DEEPEST:
        raise MalformedError("its types are nested too deeply")
    if field.has(4):
        raise MalformedError("a column has a dictionary")
    if field.vector(6, 4):
        raise MalformedError("a column has metadata, as extension types do")
    kind, inner = field.number(2, "B"), field.tables(5)
    nested = {_LIST: 1, _LARGE_LIST: 1, _FIXED_LIST: 1}
    # A leaf with children would shift every buffer behind it to another column.
    if kind != _STRUCT and len(inner) != nested.get(kind, 0):
        raise MalformedError("a type has the wrong number of inner types")
    if kind not in {_NULL, _BOOL, _STRUCT, _FIXED_LIST, *_OFFSET_WIDTHS}:
        _width(kind, field)
    for child in inner:
        _check_field(child, depth + 1)


def _width(kind: int, field: Table) -> int:
    """Bytes of one value of a type of fixed width."""
    if kind == _INT:
        bits = field.table(3).number(0, "i")
    elif kind == _FLOAT:
        bits = {0: 16, 1: 32, 2: 64}.get(field.table(3).number(0, "h"), 0)
    elif kind == _DECIMAL:
        bits = field.table(3).number(2, "i", 128)
    elif kind == _DATE:
        bits = 64 if field.table(3).number(0, "h", 1) else 32
    elif kind == _TIME:
        bits = field.table(3).number(1, "i", 32)
    else:
        bits = 64 if kind in (_TIMESTAMP, _DURATION) else 0
    if bits not in (8, 16, 32, 64, 128):
        raise MalformedError(f"a column has a type (number {kind}) that no result has")
    return bits // 8


class _Batch:
    """One batch of records, its nodes and buffers taken in the order of the columns."""

    def __init__(self, header: Table, body: memoryview) -> None:
        if header.has(3) or header.vector(4, 8):
            raise MalformedError("a batch is compressed or has views")
        self._rows = header.number(0, "q")
        self._body = body
        self._nodes = iter(list(struct.iter_unpack("<qq", header.vector(1, 16))))
        self._buffers = iter(list(struct.iter_unpack("<qq", header.vector(2, 16))))
        self._most = _FREE_ROWS + 8 * len(body)

    def check(self, fields: list[Table]) -> int:
        """Hold every length against the body; return the number of rows."""
        if not 0 <= self._rows <= self._most:
            raise MalformedError("a batch claims more rows than its bytes can hold")
        for field in fields:
            self._column(field, self._rows)
        # Left over: the reader would take them for the next column's.
        if next(self._nodes, None) or next(self._buffers, None):
            raise MalformedError("a batch has more columns than the schema")
        return self._rows

    def _column(self, field: Table, expected: int | None) -> int:
        length, nulls = self._next(self._nodes)
        if not 0 <= nulls <= length <= self._most or expected not in (None, length):
            raise MalformedError("a column has another length than the batch")
        kind = field.number(2, "B")
        # The one type without buffers.
        if kind == _NULL:
            return length
        validity = self._buffer()
        if nulls and len(validity) * 8 < length:
            raise MalformedError("a column's marks of nulls are too short")
        self._values(kind, field, length)
        return length

    def _values(self, kind: int, field: Table, length: int) -> None:
        if kind == _STRUCT:
            for child in field.tables(5):
                self._column(child, length)
        elif kind == _FIXED_LIST:
            size = field.table(3).number(0, "i")
            if size < 0:
                raise MalformedError("a list has a negative size")
            self._column(field.tables(5)[0], length * size)
        elif kind in _OFFSET_WIDTHS:
            # That offsets never fall is checked by the libraries, and the last one's place here.
            end = self._offsets(_OFFSET_WIDTHS[kind], length)
            lists = kind in (_LIST, _LARGE_LIST)
            held = self._column(field.tables(5)[0], None) if lists else len(self._buffer())
            if not 0 <= end <= held:
                raise MalformedError("offsets lead beyond the values")
        else:
            needed = (length + 7) // 8 if kind == _BOOL else length * _width(kind, field)
            if len(self._buffer()) < needed:
                raise MalformedError("a column has fewer values than rows")

    def _offsets(self, width: int, length: int) -> int:
        buffer = self._buffer()
        if not length and not buffer:
            return 0
        if len(buffer) < (length + 1) * width:
            raise MalformedError("a column has fewer offsets than rows")
        end: int = struct.unpack_from("<i" if width == 4 else "<q", buffer, length * width)[0]
        return end

    def _buffer(self) -> memoryview:
        start, size = self._next(self._buffers)
        if start < 0 or size < 0 or start % 8 or start + size > len(self._body):
            raise MalformedError("a buffer lies outside of its batch")
        return self._body[start : start + size]

    def _next(self, pairs: Iterator[tuple[int, ...]]) -> tuple[int, int]:
        found = next(pairs, None)
        if found is None:
            raise MalformedError("a batch has fewer columns than the schema")
        return found[0], found[1]
