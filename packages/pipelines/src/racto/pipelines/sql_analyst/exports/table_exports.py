"""The exports of a result, as methods: text when no path is given, a whole file when one is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from racto.core.flows import threaded
from racto.pipelines.sql_analyst.libraries import pandas, polars

from .files import write_whole
from .markdown import markdown_table
from .spreadsheets import excel_bytes
from .writing import csv_text, json_text, jsonl_text, parquet_bytes

if TYPE_CHECKING:
    import polars as pl


class TableExports:
    """Gives whatever has rows the methods that write them.

    A subclass says in ``_table`` which rows. None of the methods replaces a file unasked, as the
    reference's do, and none leaves half of one behind.
    """

    __slots__ = ()

    def _table(self) -> pl.DataFrame:
        """The rows to write: none, unless a subclass has some."""
        empty: pl.DataFrame = polars().DataFrame()
        return empty

    def to_csv(
        self,
        path: str | Path | None = None,
        *,
        overwrite: bool = False,
        guard_formulas: bool = True,
    ) -> str | None:
        """The rows as CSV.

        Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay
        as they are.

        Args:
            path: Where to; None returns the text.
            overwrite: Whether a file that is there may be replaced.
            guard_formulas: False leaves all text as it is, for programs that are no spreadsheet.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
        """
        text = csv_text(self._table(), guard_formulas=guard_formulas)
        return _kept(text, path, overwrite=overwrite)

    def to_json(
        self, path: str | Path | None = None, *, indent: int | None = 2, overwrite: bool = False
    ) -> str | None:
        """The rows as a JSON array of objects; Decimals, times and bytes are strings.

        Args:
            path: Where to; None returns the text.
            indent: Blanks of each level; None for one line.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
        """
        return _kept(json_text(self._table(), indent=indent), path, overwrite=overwrite)

    def to_jsonl(self, path: str | Path | None = None, *, overwrite: bool = False) -> str | None:
        """The rows as lines of JSON; Decimals, times and bytes are strings.

        Args:
            path: Where to; None returns the text.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
        """
        return _kept(jsonl_text(self._table()), path, overwrite=overwrite)

    def to_markdown(
        self,
        path: str | Path | None = None,
        *,
        max_rows: int | None = None,
        overwrite: bool = False,
    ) -> str | None:
        """The rows as a table in Markdown.

        Args:
            path: Where to; None returns the text.
            max_rows: Rows that are written; a line below counts the others. None for all.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
        """
        text = markdown_table(self._table(), max_rows=max_rows)
        return _kept(text if path is None else text + "\n", path, overwrite=overwrite)

    def to_excel(
        self, path: str | Path, *, sheet_name: str = "Results", overwrite: bool = False
    ) -> None:
        """The rows as an Excel file, in which text is never a formula.

        Args:
            path: Where to.
            sheet_name: Name of the sheet.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or a sheet cannot hold the rows.
            MissingExtraError: If xlsxwriter is not installed.
        """
        write_whole(path, excel_bytes(self._table(), sheet_name=sheet_name), overwrite=overwrite)

    def to_parquet(self, path: str | Path, *, overwrite: bool = False) -> None:
        """The rows as a Parquet file, all types kept.

        Args:
            path: Where to.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
        """
        write_whole(path, parquet_bytes(self._table()), overwrite=overwrite)

    def to_pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``.

        Raises:
            MissingExtraError: If pandas or pyarrow is not installed.
        """
        pandas("a result as a frame of pandas")
        return self._table().to_pandas()

    ato_csv = threaded(to_csv)
    ato_json = threaded(to_json)
    ato_jsonl = threaded(to_jsonl)
    ato_markdown = threaded(to_markdown)
    ato_excel = threaded(to_excel)
    ato_parquet = threaded(to_parquet)


def _kept(text: str, path: str | Path | None, *, overwrite: bool) -> str | None:
    if path is None:
        return text
    # As bytes, or Windows would write other line ends.
    write_whole(path, text.encode(), overwrite=overwrite)
    return None
