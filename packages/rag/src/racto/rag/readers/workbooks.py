"""Workbooks (.xlsx, .xlsm, .xls, .ods): their sheets, row by row, as the cells hold them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from racto.core.errors import (
    EncryptedDocumentError,
    MissingExtraError,
    RactoGatewayError,
    ReadError,
)

from .biff_sizes import require_bounded_records
from .characters import sound
from .containers import DEFAULT_MAX_UNPACKED, ZIP_MARK, opened, refuse_encrypted
from .sheet_sizes import DEFAULT_MAX_CELLS, require_bounded
from .sources import Original

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# A float holds every whole number up to here, so writing it without its point changes nothing.
_WHOLE = 2.0**53


def sheets_of(
    original: Original,
    *,
    max_unpacked: int = DEFAULT_MAX_UNPACKED,
    max_cells: int = DEFAULT_MAX_CELLS,
) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """The sheets of a workbook, hidden ones included, in their order.

    Args:
        original: The bytes of a file that begins with one of the two marks.
        max_unpacked: Most bytes of the unpacked parts.
        max_cells: Most cells of one sheet.

    Yields:
        A sheet's name and its rows from the first of the sheet on, blank ones included; each
        cell as text.

    Raises:
        EncryptedDocumentError: If it needs a password.
        ReadError: If it is no sound workbook, or lays out to more than the limits.
        MissingExtraError: If the library python-calamine is not installed.
    """
    file = io.BytesIO(original.data)
    if original.data.startswith(ZIP_MARK):
        with opened(original, max_unpacked=max_unpacked) as container:
            require_bounded(container, max_cells=max_cells)
            file = container.copy()
    else:
        refuse_encrypted(original)
        require_bounded_records(original, max_cells=max_cells)
    with _translated(original.source):
        workbook = _open(file)
        names = workbook.sheet_names
    for index, name in enumerate(names):
        with _translated(original.source):
            rows = workbook.get_sheet_by_index(index).iter_rows()
        yield sound(name), ([_text(cell) for cell in row] for row in rows)


def _open(file: io.BytesIO) -> CalamineWorkbook:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as exc:
        raise MissingExtraError(
            "python-calamine", install="racto-rag[spreadsheets]", purpose="Reading workbooks"
        ) from exc
    return CalamineWorkbook.from_filelike(file)


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """The border to calamine, whose panics are no ordinary exceptions."""
    try:
        yield
    except RactoGatewayError:
        raise
    except BaseException as exc:
        kind = type(exc).__name__
        if kind == "PasswordError" or "password" in str(exc).lower():
            raise EncryptedDocumentError(
                f"{source} is encrypted; save a copy without its password", source=source
            ) from exc
        if isinstance(exc, Exception) or kind == "PanicException":
            raise ReadError(f"{source} is not a sound workbook: {exc}", source=source) from exc
        raise


def _text(cell: Any) -> str:
    """A cell as it is written: whole numbers without a point, dates as ISO 8601."""
    if isinstance(cell, str):
        return sound(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds" if cell.microsecond == 0 else "auto")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _duration(cell) if isinstance(cell, timedelta) else str(cell)


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, as a sheet shows a duration."""
    minutes, seconds = divmod(round(abs(value).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' * (value < timedelta(0))}{hours}:{minutes:02}:{seconds:02}"
