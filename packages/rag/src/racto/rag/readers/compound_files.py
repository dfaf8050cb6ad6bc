"""Compound files, the containers of .xls: their sizes checked before a library believes them.

A library takes memory for what the header and the directory say. One wrong byte there asks for
8 GB, and a program that cannot get them ends without an exception to catch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from racto.core.errors import ReadError

from .sources import Original

# By major version: how many bits number the bytes of a sector.
_SECTOR_BITS = {3: 9, 4: 12}
_MINI_SECTOR_BITS = 6
_MINI_LIMIT = 4096
_ENTRY = 128
_IN_HEADER = 109
_LAST = 0xFFFFFFFA


def workbook_stream(original: Original) -> bytes:
    """Read the records of an .xls file, having checked its container.

    Args:
        original: The bytes.

    Returns:
        The records; empty if there are none, as in an encrypted file of today.

    Raises:
        ReadError: If a part of the container claims to be larger than the file, or the parts do
            not hang together.
    """
    try:
        return _Compound(original.data).workbook()
    except (struct.error, ValueError, IndexError) as exc:
        raise ReadError(
            f"{original.source} is not a sound workbook: {exc}", source=original.source
        ) from exc


class _Compound:
    """A compound file: sectors of one size, chained by a table that is itself in sectors."""

    def __init__(self, data: bytes) -> None:
        version, order, bits, mini_bits = struct.unpack_from("<HHHH", data, 26)
        if order != 0xFFFE or _SECTOR_BITS.get(version) != bits or mini_bits != _MINI_SECTOR_BITS:
            raise ValueError("its header names sizes that do not exist")
        self.data = data
        self.size = 1 << bits
        self.most = len(data) // self.size + 1
        counts = [struct.unpack_from("<I", data, place)[0] for place in (40, 44, 64, 72)]
        if max(counts) > self.most:
            raise ValueError("its header counts more sectors than the file has")
        numbers = _table_sectors(data, self.size, self.most)
        self.table = b"".join(_sector(data, number, self.size) for number in numbers)
        # Old files leave the upper half of a length to chance.
        self.length_format = "<I" if version == 3 else "<Q"

    def workbook(self) -> bytes:
        directory = self._chained(struct.unpack_from("<I", self.data, 48)[0])
        root = b""
        for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            entry = directory[place : place + _ENTRY]
            (length,) = struct.unpack_from(self.length_format, entry, 120)
            if entry[66] in (2, 5) and length > len(self.data):
                raise ValueError("a stream of it claims to be longer than the file")
            if entry[66] == 5:
                root = entry
            name = entry[: max(entry[64] - 2, 0)].decode("utf-16-le", "replace")
            if entry[66] == 2 and name.lower() in ("workbook", "book"):
                return self._stream(struct.unpack_from("<I", entry, 116)[0], length, root)
        return b""

    def _stream(self, first: int, length: int, root: bytes) -> bytes:
        if length >= _MINI_LIMIT:
            return self._chained(first)[:length]
        minis = self._chained(struct.unpack_from("<I", root, 116)[0])
        table = self._chained(struct.unpack_from("<I", self.data, 60)[0])
        chain = _chain(table, first, self.most * (self.size >> _MINI_SECTOR_BITS))
        places = ((number << _MINI_SECTOR_BITS) for number in chain)
        return b"".join(minis[place : place + (1 << _MINI_SECTOR_BITS)] for place in places)[
            :length
        ]

    def _chained(self, first: int) -> bytes:
        chain = _chain(self.table, first, self.most)
        return b"".join(_sector(self.data, number, self.size) for number in chain)


def _offset(number: int, size: int) -> int:
    return (number + 1) * size


def _sector(data: bytes, number: int, size: int) -> bytes:
    start = _offset(number, size)
    if start + size > len(data) + size - 1:
        raise ValueError("a sector of it lies behind its end")
    return data[start : start + size].ljust(size, b"\xff")


def _table_sectors(data: bytes, size: int, most: int) -> Iterator[int]:
    """The sectors that hold the table of chains, from the header and the list that goes on."""
    numbers = list(struct.unpack_from(f"<{_IN_HEADER}I", data, 76))
    (following,) = struct.unpack_from("<I", data, 68)
    seen = 0
    while True:
        yield from (number for number in numbers if number < _LAST)
        if following >= _LAST:
            return
        seen += 1
        if seen > most:
            raise ValueError("the list of its sectors runs in a circle")
        *numbers, following = struct.unpack(f"<{size // 4}I", _sector(data, following, size))


def _chain(table: bytes, first: int, most: int) -> Iterator[int]:
    number, seen = first, 0
    while number < _LAST:
        seen += 1
        if seen > most:
            raise ValueError("a chain of its sectors runs in a circle")
        yield number
        (number,) = struct.unpack_from("<I", table, number * 4)
