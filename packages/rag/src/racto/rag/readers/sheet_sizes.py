"""How large a workbook's sheets become once laid out, found before a library lays them out.

Libraries give a sheet one slot for every cell of the rectangle around its contents, and each cell
a copy of its text. Two cells far apart in a file of 6 KB take gigabytes that way.
"""

from __future__ import annotations

import re

from racto.core.errors import DocumentTooLargeError, UnsupportedFormatError

from .containers import Container

DEFAULT_MAX_CELLS = 5_000_000
"""Most cells, blank ones between others included, that one sheet may have."""

_MOST_TEXT = 512 * 1024 * 1024
_SHEET = re.compile(r"xl/(?:worksheets|chartsheets|macrosheets)/[^/]+\.xml", re.I)
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,4})(\d{1,9})["']""")
_STRING = re.compile(rb"<(?:\w+:)?si[ >/]")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_USED = re.compile(rb"""\bt=["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})""")
_PLACED = re.compile(
    rb"<table:(table-row|(?:covered-)?table-cell|table)\b(?!-)((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>"
)
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["'](\d{1,9})""")


def require_bounded(container: Container, *, max_cells: int = DEFAULT_MAX_CELLS) -> None:
    """Check the sheets of an .xlsx, .xlsm or .ods file.

    Raises:
        DocumentTooLargeError: If a sheet lays out to more cells than the limit, or all of them
            to more text than any program keeps.
        UnsupportedFormatError: If it is a binary workbook (.xlsb) under another name.
    """
    if any(name.lower().endswith("workbook.bin") for name in container.members):
        raise UnsupportedFormatError(
            f"{container.source} is a binary workbook; save it as .xlsx", source=container.source
        )
    lengths: list[int] = []
    if "xl/sharedStrings.xml" in container:
        strings = _STRING.split(container.read("xl/sharedStrings.xml"))
        lengths = [len(each) for each in strings[1:]]
    for name in container.members:
        if _SHEET.fullmatch(name):
            _require_sheet(container, name, lengths, max_cells)
    if "content.xml" in container:
        _require_repeats(container, max_cells)


def _require_sheet(container: Container, name: str, lengths: list[int], max_cells: int) -> None:
    data = container.read(name)
    places = set(_CELL.findall(data))
    if not places:
        return
    columns = {_column(letters) for letters in {letters for letters, _ in places}}
    rows = {int(digits) for digits in {digits for _, digits in places}}
    cells = (max(columns) - min(columns) + 1) * max(rows)
    if cells > max_cells:
        raise _too_large(container, f"its sheet {name!r}", cells, max_cells)
    if (text := _text_of(data, lengths)) > _MOST_TEXT:
        raise DocumentTooLargeError(
            f"{container.source}: the cells of {name!r} hold {text:,} bytes of text, the same "
            "long one over and over; shorten it",
            source=container.source,
        )


def _text_of(sheet: bytes, lengths: list[int]) -> int:
    """At most how many bytes the texts shared between cells take once each cell has its own."""
    shared, longest = len(_SHARED.findall(sheet)), max(lengths, default=0)
    if shared * longest <= _MOST_TEXT:
        return shared * longest
    used = [int(digits) for digits in _USED.findall(sheet)]
    known = sum(lengths[index] for index in used if index < len(lengths))
    return known + max(shared - len(used), 0) * longest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _require_repeats(container: Container, max_cells: int) -> None:
    """Follow an .ods file as its reader does: blank cells and rows count once others follow."""
    rows = width = blank_rows = height = column = 0
    for found in _PLACED.finditer(container.read("content.xml")):
        tag, attributes = found[1], found[2]
        if tag == b"table":
            rows = width = blank_rows = height = 0
        elif tag == b"table-row":
            blank_rows, height = blank_rows + height, _repeats(attributes)
            column = 0
        else:
            column += _repeats(attributes)
            if not attributes.endswith(b"/") or b"value" in attributes or b"formula" in attributes:
                rows, blank_rows, height = rows + blank_rows + height, 0, 0
                width = max(width, column)
        if rows * width > max_cells:
            raise _too_large(container, "one of its sheets", rows * width, max_cells)


def _repeats(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found[1]) if found else 1


def _too_large(container: Container, what: str, cells: int, limit: int) -> DocumentTooLargeError:
    return DocumentTooLargeError(
        f"{container.source}: {what} spans {cells:,} cells, blank ones included, and the limit "
        f"is {limit:,}; delete what stands far away, or give the reader a larger max_cells",
        source=container.source,
    )
