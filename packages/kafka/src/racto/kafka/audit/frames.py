"""The form of a spilled record: a mark, lengths, a checksum; damage costs only what it hit."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

# Its first byte occurs in no UTF-8, and keys and values are UTF-8: no text can look like a record.
MARK = b"\xffRA1"
_HEAD = struct.Struct("<4sIII")
_SIZES = struct.Struct("<II")

OVERHEAD = _HEAD.size
"""Bytes of a frame beside key and value."""


class Frame(NamedTuple):
    """A whole record.

    Attributes:
        start: Where it starts in the data.
        end: Where the next one may start.
        key: Its key; empty for none.
        value: Its value.
    """

    start: int
    end: int
    key: bytes
    value: bytes


class Damage(NamedTuple):
    """Bytes that are no record.

    Attributes:
        start: Where they start in the data.
        end: Where they end.
        is_torn: Whether they are what is left of one record that was not written to its end.
    """

    start: int
    end: int
    is_torn: bool


def framed(key: bytes, value: bytes) -> bytes:
    """One record as bytes.

    Args:
        key: UTF-8; empty for none.
        value: UTF-8.
    """
    sizes = _SIZES.pack(len(key), len(value))
    check = zlib.crc32(value, zlib.crc32(key, zlib.crc32(sizes)))
    return b"".join((_HEAD.pack(MARK, len(key), len(value), check), key, value))


def scanned(data: bytes) -> Iterator[Frame | Damage]:
    """All records in data, and what lies between them, in order.

    Args:
        data: What a segment holds, from the start of a record.
    """
    position, size = 0, len(data)
    while position < size:
        frame = _frame_at(data, position)
        if frame is not None:
            yield frame
            position = frame.end
            continue
        following = _next(data, position + 1)
        yield Damage(position, following, following == size and _is_cut(data, position))
        position = following


def _frame_at(data: bytes, start: int) -> Frame | None:
    head = start + OVERHEAD
    if head > len(data):
        return None
    mark, key_size, value_size, check = _HEAD.unpack_from(data, start)
    middle, end = head + key_size, head + key_size + value_size
    # Before anything is copied: a damaged length may be four gigabytes.
    if mark != MARK or end > len(data):
        return None
    key, value = data[head:middle], data[middle:end]
    sizes = _SIZES.pack(key_size, value_size)
    if zlib.crc32(value, zlib.crc32(key, zlib.crc32(sizes))) != check:
        return None
    return Frame(start, end, key, value)


def _next(data: bytes, start: int) -> int:
    """Where the next whole record starts; the end of the data when there is none."""
    while (found := data.find(MARK, start)) >= 0:
        if _frame_at(data, found) is not None:
            return found
        start = found + 1
    return len(data)


def _is_cut(data: bytes, start: int) -> bool:
    """Whether the rest of the data is the beginning of one record."""
    rest = len(data) - start
    if rest < OVERHEAD:
        return MARK.startswith(data[start : start + len(MARK)])
    mark, key_size, value_size, _ = _HEAD.unpack_from(data, start)
    return bool(mark == MARK and OVERHEAD + key_size + value_size > rest)
