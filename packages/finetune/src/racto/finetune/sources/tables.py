"""Rows of CSV, TSV and JSON files; a row that does not fit its header is an error."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from racto.core.errors import ReadError
from racto.finetune.lines import records_in

_LONGEST_CELL = 64 * 2**20


def rows_of_table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV or TSV file with a header, in UTF-8, with the numbers of their lines.

    Raises:
        ReadError: If the file cannot be read, or a row has more or fewer values than the header.
    """
    name = path.name.lower().removesuffix(".gz")
    try:
        with _text(path) as stream:
            # Long answers are cells of more than the 128 kB that the library allows.
            before = csv.field_size_limit(_LONGEST_CELL)
            try:
                yield from _rows(path, stream, "\t" if name.endswith(".tsv") else ",")
            finally:
                csv.field_size_limit(before)
    except UnicodeDecodeError as error:
        raise ReadError(f"{path} is not UTF-8: {error.reason}", source=str(path)) from error


def _rows(path: Path, stream: TextIO, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if len(set(header)) < len(header):
            raise ReadError(f"{path}, line 1: two columns have the same name", source=str(path))
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise ReadError(
                    f"{path}, line {reader.line_num}: {len(row)} values under {len(header)} "
                    "names; is a value with a delimiter or quotation mark not quoted?",
                    source=str(path),
                )
            yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        message = f"{path}, line {reader.line_num}: {error}"
        raise ReadError(message, source=str(path)) from error


def rows_of_json(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON file: one array of them, or lines in spite of the name.

    An array is read as a whole; use JSONL for what is larger than memory.

    Raises:
        ReadError: If it is no JSON, or no array of objects.
    """
    try:
        with _text(path) as stream:
            head = stream.read(1024).lstrip()
    except UnicodeDecodeError as error:
        raise ReadError(f"{path} is not UTF-8: {error.reason}", source=str(path)) from error
    if not head.startswith("["):
        yield from records_in(path)
        return
    try:
        with _text(path) as stream:
            found = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path}: no JSON: {error}", source=str(path)) from error
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise ReadError(
                f"{path}, row {number}: expected an object, not {type(row).__name__}",
                source=str(path),
            )
        yield number, row


def _text(path: Path) -> TextIO:
    # A mark at the beginning, as spreadsheets write it, is no part of the first name.
    opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115
    return io.TextIOWrapper(opened, encoding="utf-8-sig", newline="")
