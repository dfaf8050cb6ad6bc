"""Rows of any file or folder as training examples, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, ReadError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.formats import Format, find_format
from racto.finetune.formats.columns import example_of_columns
from racto.finetune.lines import records_in
from racto.finetune.streams import decoded, detected

from .folders import files_of_split
from .pictures import attached, located
from .tables import rows_of_json, rows_of_table


def read_source(
    path: str | Path,
    *,
    provider: str = "auto",
    columns: Mapping[str, str] | None = None,
    split: str = "train",
) -> Iterator[tuple[int, RactoTrainingExample]]:
    """The examples of a file or folder with the numbers of their rows or lines.

    Args:
        path: JSONL, JSON, CSV, TSV, Parquet or Arrow, or a folder of them as Hugging Face lays
            datasets out.
        provider: Name of the format of the rows; ``auto`` tells it from the first.
        columns: Which column holds what, for tables; found by their usual names when None.
        split: Which part of a folder.

    Raises:
        ConfigurationError: If the rows are in no format, a column is missing, or the file is of
            an unknown kind.
        FileNotFoundError: If there is no such file, or no such split.
        MissingExtraError: If Parquet or Arrow is read and polars is not installed.
        ReadError: If a row cannot be read; the message names it.
    """
    source = Path(path)
    if not source.is_dir():
        yield from _examples(source, source.parent, provider, columns)
        return
    for file in files_of_split(source, split):
        yield from _examples(file, file.parent, provider, columns)


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with their numbers, by the file's ending.

    Raises:
        ConfigurationError: If no reader knows the ending.
    """
    name = path.name.lower().removesuffix(".gz")
    for endings, reader in _READERS.items():
        if name.endswith(endings):
            return reader(path)
    known = ", ".join(ending for endings in _READERS for ending in endings)
    raise ConfigurationError(f"{path}: unknown kind of file; known are {known}")


def _frames(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    # polars loads only where it is needed.
    from .frames import rows_of_frame

    return rows_of_frame(path)


_READERS: dict[tuple[str, ...], Callable[[Path], Iterator[tuple[int, dict[str, Any]]]]] = {
    (".jsonl", ".ndjson"): records_in,
    (".json",): rows_of_json,
    (".csv", ".tsv"): rows_of_table,
    (".parquet", ".arrow", ".feather", ".ipc"): _frames,
}


def _examples(
    file: Path, folder: Path, provider: str, columns: Mapping[str, str] | None
) -> Iterator[tuple[int, RactoTrainingExample]]:
    if not file.exists():
        raise FileNotFoundError(f"there is no file {file}")
    format = None if provider == "auto" else find_format(provider)
    for number, raw in rows_of(file):
        where = f"{file}, row {number}"
        row = located(raw, folder)
        # Named columns need no guess.
        if columns is None and format is None:
            format = detected(row, where)
        yield number, attached(_example(row, format, columns, where), where)


def _example(
    row: dict[str, Any], format: Format | None, columns: Mapping[str, str] | None, where: str
) -> RactoTrainingExample:
    if columns is None and format is not None:
        return decoded(row, format, where)
    try:
        return example_of_columns(row, columns or {})
    except ConfigurationError as error:
        raise ReadError(f"{where}: {error}", source=where) from error
