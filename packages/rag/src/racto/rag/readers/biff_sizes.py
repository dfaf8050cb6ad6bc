"""How large the sheets of an .xls file become once laid out, found before a library does it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from racto.core.errors import DocumentTooLargeError, EncryptedDocumentError, ReadError

from .compound_files import workbook_stream
from .sources import Original

_BEGIN = 0x0809
_PASSWORD = 0x002F
_DIMENSIONS = 0x0200
_SHARED_STRINGS = 0x00FC
# Records of cells, which all begin with a row and a column.
_CELLS = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x027E, 0x0201})
_ROWS, _COLUMNS = 65_536, 256
_SHORTEST_STRING = 3


def require_bounded_records(original: Original, *, max_cells: int) -> None:
    """Check the records of an .xls file.

    Args:
        original: The bytes.
        max_cells: Most cells of one sheet, blank ones between others included.

    Raises:
        EncryptedDocumentError: If the records are encrypted.
        DocumentTooLargeError: If a sheet spans more cells.
        ReadError: If the file is damaged, or a record claims more than there is.
    """
    stream = workbook_stream(original)
    source = original.source
    rows = columns = 0
    for kind, place, length in _records(stream):
        if kind == _BEGIN:
            rows = columns = 0
        elif kind == _PASSWORD:
            raise EncryptedDocumentError(
                f"{source} is encrypted; save a copy without its password", source=source
            )
        elif kind == _SHARED_STRINGS and length >= 8:
            (count,) = struct.unpack_from("<I", stream, place + 4)
            if count * _SHORTEST_STRING > len(stream):
                raise ReadError(
                    f"{source} is not a sound workbook: it counts more texts than it has room for",
                    source=source,
                )
        elif kind == _DIMENSIONS and length >= 10:
            if not _is_possible(stream, place, length):
                raise ReadError(
                    f"{source} is not a sound workbook: a sheet has sizes that no sheet has",
                    source=source,
                )
        elif kind in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, place)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if rows * columns > max_cells:
                raise DocumentTooLargeError(
                    f"{source}: a sheet spans {rows * columns:,} cells, blank ones included, and "
                    f"the limit is {max_cells:,}; delete what stands far away, or give the reader "
                    "a larger max_cells",
                    source=source,
                )


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of each record; what follows a torn one is left out."""
    place, end = 0, len(stream) - 4
    while place <= end:
        kind, length = struct.unpack_from("<HH", stream, place)
        place += 4
        if place + length > len(stream):
            return
        yield kind, place, length
        place += length


def _is_possible(stream: bytes, place: int, length: int) -> bool:
    # Before 1997 rows were numbered in two bytes.
    form = "<HHHH" if length < 14 else "<IIHH"
    first_row, last_row, first_column, last_column = struct.unpack_from(form, stream, place)
    rows = first_row <= last_row <= _ROWS
    return bool(rows and first_column <= last_column <= _COLUMNS)
