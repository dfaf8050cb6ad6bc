"""The one place that imports polars: rows of Parquet and Arrow files, and Parquet written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError, ReadError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.exports import whole_file
from racto.finetune.formats import Losses, find_format
from racto.finetune.formats.losses import OnLoss

_BATCH = 10_000


def rows_of_frame(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a Parquet, Feather or Arrow file with their numbers.

    Parquet is read by the ten thousand rows; Arrow streams, as ``save_to_disk`` of datasets
    writes them, as a whole.

    Raises:
        MissingExtraError: If polars is not installed.
        ReadError: If the file cannot be read.
    """
    polars = _library()
    try:
        number = 0
        for frame in _frames(polars, path):
            for row in frame.iter_rows(named=True):
                number += 1
                yield number, row
    except polars.exceptions.PolarsError as error:
        raise ReadError(f"{path} cannot be read: {error}", source=str(path)) from error


def _frames(polars: Any, path: Path) -> Iterator[Any]:
    if path.suffix == ".parquet":
        scan = polars.scan_parquet(path)
        height = scan.select(polars.len()).collect().item()
        for start in range(0, height, _BATCH):
            yield scan.slice(start, _BATCH).collect()
        return
    # Files begin with a mark that streams lack.
    with path.open("rb") as stream:
        is_file = stream.read(6) == b"ARROW1"
    yield polars.read_ipc(path) if is_file else polars.read_ipc_stream(path)


def write_parquet(
    path: str | Path,
    examples: Iterable[RactoTrainingExample],
    provider: str = "trl",
    *,
    overwrite: bool = False,
    on_loss: OnLoss = "raise",
) -> int:
    """Write a Parquet file that appears whole or not at all.

    Tools and the arguments of tool calls become JSON, since a column has one type for all rows.

    Args:
        path: Where to.
        examples: The examples; held in memory.
        provider: Name of the format of the rows.
        overwrite: Whether a file that is there may be replaced.
        on_loss: Whether what the format cannot carry is refused or left out.

    Returns:
        How many rows were written.

    Raises:
        ConfigurationError: If the rows do not fit into one table.
        FileExistsError: If the file is there and may not be replaced.
        MissingExtraError: If polars is not installed.
        UnsupportedFeatureError: If the format cannot carry an example.
    """
    polars, format = _library(), find_format(provider)
    losses = Losses(on_loss, title=format.title)
    rows = [_flat(format.encode(example, losses)) for example in examples]
    try:
        # All rows decide the types; the first ones may lack what later ones have.
        frame = polars.DataFrame(rows, infer_schema_length=None)
        with whole_file(path, overwrite=overwrite) as stream:
            frame.write_parquet(stream)
    except (polars.exceptions.PolarsError, TypeError, UnicodeError) as error:
        raise ConfigurationError(
            f"the examples do not fit into one table ({error}); texts beside lists of parts have "
            "no common type, so write JSONL"
        ) from error
    return len(rows)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in record.items():
        if key == "tools" and not isinstance(value, str):
            made[key] = json.dumps(value, ensure_ascii=False)
        else:
            made[key] = _with_texts(value)
    return made


def _with_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: json.dumps(each, ensure_ascii=False, separators=(",", ":"))
        if key in ("arguments", "args", "input") and isinstance(each, dict)
        else _with_texts(each)
        for key, each in value.items()
    }


def _library() -> Any:
    try:
        import polars
    except ImportError as error:
        raise MissingExtraError(
            "polars", install="racto-finetune[frames]", purpose="A Parquet or Arrow file"
        ) from error
    return polars
