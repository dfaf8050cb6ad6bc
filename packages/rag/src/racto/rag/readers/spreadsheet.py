"""SpreadsheetReader: tables from text files and workbooks, one line a row with its headers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any

from racto.core.documents import Document
from racto.core.errors import EmptyDocumentError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .containers import DEFAULT_MAX_UNPACKED, OLE_MARK, ZIP_MARK
from .delimited import delimiter_of, fields_up_to, rows_of
from .encodings import decode, require_encoding
from .sheet_sizes import DEFAULT_MAX_CELLS
from .sources import DEFAULT_MAX_BYTES, Original, load
from .tables import TableText
from .workbooks import sheets_of

_EXCEL = "application/vnd.ms-excel"
_MIMES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
# Text with a NUL here and there comes from databases; with more of them it is UTF-16.
_MOST_NULS = 5


class SpreadsheetReader:
    """Reads .csv, .tsv, .xlsx, .xlsm, .xls and .ods files as lines such as ``name: Anna | age: 5``.

    The first row that is not blank gives the headers, and is a line of the text too; a first row
    without a single letter is data. Blank cells are left out, and cells beyond the headers are
    led by the number of their column: no cell is lost. Each sheet is a section under its name.
    ``Document.rows`` places each row, so that citations name it as the spreadsheet program does.

    What a file is, its first bytes tell, not its name. A text file's delimiter is found out. NULs
    in text are taken away and counted. Workbooks need the extra ``spreadsheets``; text files
    need none.

    Args:
        fallback_encoding: How to read text files that are not UTF-8 and have no byte order mark,
            for example ``"cp1252"``; None refuses them.
        max_bytes: Largest file to accept.
        max_unpacked: Most bytes that the parts of a workbook may have once unpacked.
        max_cells: Most cells of one sheet, blank ones between others included.

    Raises:
        ConfigurationError: If there is no such encoding.
    """

    def __init__(
        self,
        *,
        fallback_encoding: str | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_unpacked: int = DEFAULT_MAX_UNPACKED,
        max_cells: int = DEFAULT_MAX_CELLS,
    ) -> None:
        self.fallback_encoding = require_encoding(fallback_encoding)
        self.max_bytes = max_bytes
        self.max_unpacked = max_unpacked
        self.max_cells = max_cells

    @property
    def supported_extensions(self) -> frozenset[str]:
        """Text with delimiters, and the workbooks of the usual programs."""
        return frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods"})

    def read(self, source: ReadSource) -> Document:
        """Read one table or workbook.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document with its ``rows``; its metadata has ``row_count`` (header included),
            and ``sheet_count``, or ``delimiter`` and, where there are any, ``ragged_rows`` (rows
            with more or fewer fields than the header) and ``nul_characters``.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If it needs a password.
            ReadError: If it cannot be read, or is empty, damaged or too large; the subclass says
                which.
            MissingExtraError: If it is a workbook, and python-calamine is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        table = TableText(original.source)
        if original.data.startswith((ZIP_MARK, OLE_MARK)):
            facts = self._read_workbook(original, table)
        else:
            facts = self._read_text(original, table)
        text = table.finish()
        if not text:
            raise EmptyDocumentError(
                f"{original.source} holds no cell with text", source=original.source
            )
        return original.document(text, sections=table.sections, rows=table.rows, **facts)

    aread = threaded(read)

    def _read_workbook(self, original: Original, table: TableText) -> dict[str, Any]:
        written = 0
        for name, rows in sheets_of(
            original, max_unpacked=self.max_unpacked, max_cells=self.max_cells
        ):
            table.begin(name)
            for number, cells in enumerate(rows, 1):
                written += table.add(number, cells)
        ending = PurePath(original.name).suffix.lower()
        mime = _EXCEL if original.data.startswith(OLE_MARK) else _MIMES.get(ending, _MIMES[".xlsx"])
        return {"mime": mime, "row_count": written, "sheet_count": len(table.sections)}

    def _read_text(self, original: Original, table: TableText) -> dict[str, Any]:
        sound, nuls = _without_nuls(original)
        text, encoding = decode(sound, fallback=self.fallback_encoding)
        delimiter, written = delimiter_of(text), 0
        with fields_up_to(len(text)):
            for number, cells in enumerate(rows_of(text, delimiter), 1):
                written += table.add(number, cells)
        return {
            "mime": "text/tab-separated-values" if delimiter == "\t" else "text/csv",
            "encoding": encoding,
            "delimiter": delimiter,
            "row_count": written,
            "ragged_rows": table.ragged or None,
            "nul_characters": nuls or None,
        }


def _without_nuls(original: Original) -> tuple[Original, int]:
    data = original.data
    nuls = data.count(0)
    if (
        not nuls
        or nuls * _MOST_NULS > len(data)
        or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    ):
        return original, 0
    return replace(original, data=data.replace(b"\0", b"")), nuls
