"""Items out of files and frames, results into them: JSONL, Parquet and Polars, a page at a time."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from racto.core.errors import ConfigurationError, MissingExtraError

from .encoding import reason_of
from .flat_results import flat_row, flat_schema
from .items import BatchItem
from .results import BatchResult

if TYPE_CHECKING:
    import polars as pl

_PAGE = 2000
# What is no plain value is text of JSON in a table.
_AS_JSON = frozenset(
    {"extra", "prompt", "history", "tools", "response_model", "attachments", "stop", "metadata"}
    | {"texts"}
)


def read_items(
    path: str | Path, *, columns: Mapping[str, str] | None = None
) -> Iterator[BatchItem]:
    """The items of a file, one by one.

    Args:
        path: JSONL with one item's fields a line, or Parquet with a column a field. In Parquet
            a field that is no plain value, such as ``history``, is JSON text or a nested column.
        columns: Names of the columns by field, for Parquet; other columns are then left aside.

    Raises:
        ConfigurationError: If the file is of another kind, or a line is no item; names the line.
    """
    for number, line in enumerate(item_lines(path, columns=columns), 1):
        try:
            yield BatchItem.model_validate_json(line)
        except ValidationError as error:
            raise ConfigurationError(f"{path}, item {number}: {reason_of(error)}") from error


def item_lines(path: str | Path, *, columns: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """The items of a file as JSON, not yet checked, as ``submit_batch`` takes them too."""
    path = Path(path)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _json_lines(path)
    elif path.suffix.lower() == ".parquet":
        # Pages of rows: the file may be larger than the memory.
        lazy = _polars().scan_parquet(path)
        _check_columns(lazy.collect_schema().names(), columns, str(path))
        start = 0
        while (page := lazy.slice(start, _PAGE).collect()).height:
            yield from _frame_lines(page, columns)
            start += page.height
    else:
        raise ConfigurationError(f"{path}: items are read from .jsonl and .parquet files")


def items_from_frame(
    frame: pl.DataFrame, *, columns: Mapping[str, str] | None = None
) -> Iterator[BatchItem]:
    """The items of a Polars frame, one by one; see :func:`read_items` for its columns.

    Raises:
        ConfigurationError: If a column is no field, or a row is no item.
    """
    _check_columns(frame.columns, columns, "the frame")
    for number, line in enumerate(_frame_lines(frame, columns)):
        try:
            yield BatchItem.model_validate_json(line)
        except ValidationError as error:
            raise ConfigurationError(f"row {number} of the frame: {reason_of(error)}") from error


def write_results(
    results: Iterable[BatchResult], path: str | Path, *, overwrite: bool = False
) -> int:
    """Write results into a file that is whole once it has its name; returns how many.

    Args:
        results: The results, for example of ``iter_results``.
        path: ``.jsonl`` for everything a result has, ``.parquet`` for a table of plain columns
            (see :func:`results_frame`).
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConfigurationError: If the file is there already, or of another kind.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".jsonl", ".ndjson", ".parquet"):
        raise ConfigurationError(f"{path}: results are written to .jsonl and .parquet files")
    if path.exists() and not overwrite:
        raise ConfigurationError(f"{path} is there already; allow to overwrite it, or name another")
    # Beside the file, because only there renaming it is one step.
    rough = path.with_name(f".{path.name}.{os.getpid()}.part")
    table = path.with_name(f".{path.name}.{os.getpid()}.table")
    try:
        if kind == ".parquet":
            count = _write_lines(rough, (orjson.dumps(flat_row(result)) for result in results))
            # By way of lines: polars writes tables larger than memory only from files.
            lazy = _polars().scan_ndjson(rough, schema=flat_schema(_polars()))
            lazy.sink_parquet(table)
            table.replace(path)
        else:
            count = _write_lines(rough, (result.model_dump_json().encode() for result in results))
            rough.replace(path)
    finally:
        rough.unlink(missing_ok=True)
        table.unlink(missing_ok=True)
    return count


def results_frame(results: Iterable[BatchResult]) -> pl.DataFrame:
    """Results as a Polars frame, one row each.

    Columns: ``custom_id status ok content parsed tool_calls refusal vectors error error_type
    model finish_reason request_id input_tokens output_tokens cached_tokens cost currency``;
    ``parsed`` and ``tool_calls`` are JSON text, ``cost`` is in ``currency``.
    """
    polars = _polars()
    rows = [flat_row(result) for result in results]
    frame: pl.DataFrame = polars.DataFrame(rows, schema=flat_schema(polars))
    return frame


def _json_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                if line := line.strip():
                    yield line
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error


def _frame_lines(frame: pl.DataFrame, columns: Mapping[str, str] | None) -> Iterator[bytes]:
    names = columns or {name: name for name in frame.columns}
    for row in frame.iter_rows(named=True):
        fields = {field: row[column] for field, column in names.items() if row[column] is not None}
        for name in _AS_JSON & fields.keys():
            # Put in as it is; reading it here would only be done twice.
            if isinstance(fields[name], str):
                fields[name] = orjson.Fragment(fields[name])
        yield orjson.dumps(fields, default=_as_json)


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _check_columns(names: list[str], columns: Mapping[str, str] | None, where: str) -> None:
    fields = BatchItem.model_fields.keys()
    if columns is None:
        wrong = [name for name in names if name not in fields]
        advice = "drop them, or say with columns= which field is in which column"
    else:
        wrong = [name for name in columns.values() if name not in names]
        wrong += [name for name in columns if name not in fields]
        advice = f"it has the columns {', '.join(names)}"
    if wrong:
        raise ConfigurationError(f"{where}: {', '.join(wrong)}: no fields of an item; {advice}")


def _write_lines(path: Path, lines: Iterable[bytes]) -> int:
    count, each = 0, iter(lines)
    with path.open("wb") as file:
        while page := list(islice(each, _PAGE)):
            file.write(b"\n".join(page) + b"\n")
            count += len(page)
    return count


def _polars() -> Any:
    try:
        import polars
    except ImportError as error:
        raise MissingExtraError(
            "polars", install="racto-batch[frames]", purpose="reading and writing tables"
        ) from error
    return polars
