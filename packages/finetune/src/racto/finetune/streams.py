"""Examples read from and written to files one at a time, whatever the files' size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from racto.core.errors import ConfigurationError, ReadError, UnsupportedFeatureError

from .examples import RactoTrainingExample
from .exports import whole_file
from .formats import Format, Losses, detect_format, find_format
from .formats.losses import OnLoss
from .lines import dump_line, records_in


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written.

    Attributes:
        count: How many examples.
        losses: What was left out, and how often; empty unless losses are allowed.
    """

    count: int
    losses: Mapping[str, int] = field(default_factory=dict)


def read_examples(
    path: str | Path, provider: str = "auto"
) -> Iterator[tuple[int, RactoTrainingExample]]:
    """The examples of a JSONL file with their line numbers, one at a time.

    Args:
        path: The file; packed with gzip when its name ends with ``.gz``.
        provider: Name of its format; ``auto`` tells it from the first record.

    Raises:
        ConfigurationError: If there is no such format, or the first record is in none.
        FileNotFoundError: If there is no such file.
        ReadError: If a line is no record of the format; the message names line and field.
    """
    # The first record speaks for the file: formats are not mixed in one.
    chosen = None if provider == "auto" else find_format(provider)
    for number, record in records_in(Path(path)):
        where = f"{path}, line {number}"
        chosen = chosen or detected(record, where)
        yield number, decoded(record, chosen, where)


def detected(record: dict[str, Any], where: str) -> Format:
    """The format of a file, by its first record.

    Raises:
        ConfigurationError: If it is in none; the message names the line.
    """
    try:
        return detect_format(record)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from error


def decoded(record: dict[str, Any], format: Format, where: str) -> RactoTrainingExample:
    """The example of a record.

    Raises:
        ReadError: If it is not in the format; the message names the line and the field.
    """
    try:
        return format.decode(record)
    except ConfigurationError as error:
        raise ReadError(f"{where}: not in {format.title}: {error}", source=where) from error


def write_examples(
    path: str | Path,
    examples: Iterable[RactoTrainingExample],
    provider: str = "openai",
    *,
    overwrite: bool = False,
    on_loss: OnLoss = "raise",
) -> Written:
    """Write a JSONL file that appears whole or not at all.

    Args:
        path: Where to; packed with gzip when the name ends with ``.gz``.
        examples: The examples; taken one at a time.
        provider: Name of the format.
        overwrite: Whether a file that is there may be replaced.
        on_loss: Whether what the format cannot carry is refused or left out.

    Raises:
        ConfigurationError: If the place cannot be written to, or an example is not of the format's
            kind; the message names the example.
        FileExistsError: If the file is there and may not be replaced.
        UnsupportedFeatureError: If something would be lost.
    """
    # The name of the format is checked before anything is touched.
    format = find_format(provider)
    with whole_file(path, overwrite=overwrite) as stream:
        return write_lines(stream, examples, format, on_loss=on_loss)


def write_lines(
    stream: BinaryIO,
    examples: Iterable[RactoTrainingExample],
    format: Format,
    *,
    on_loss: OnLoss = "raise",
) -> Written:
    """Write lines into an open binary file.

    Args:
        stream: The file.
        examples: The examples; taken one at a time.
        format: The format.
        on_loss: Whether what the format cannot carry is refused or left out.

    Raises:
        ConfigurationError: If an example is not of the format's kind.
        UnsupportedFeatureError: If something would be lost.
    """
    losses = Losses(on_loss, title=format.title)
    # Counted here, since an iterator cannot be asked how long it is.
    count = 0
    for example in examples:
        count += 1
        stream.write(encoded_line(example, format, losses, count))
    return Written(count=count, losses=Counter(losses.counts))


def encoded_line(
    example: RactoTrainingExample, format: Format, losses: Losses, number: int
) -> bytes:
    """One example as a line, or an error that names it.

    Args:
        example: The example.
        format: The format.
        losses: Takes what the format cannot carry.
        number: Which example it is, from 1 on.

    Raises:
        ConfigurationError: If the example is not of the format's kind, or is no JSON.
        UnsupportedFeatureError: If something would be lost.
    """
    try:
        return dump_line(format.encode(example, losses))
    except UnsupportedFeatureError as error:
        raise UnsupportedFeatureError(
            f"example {number}: {error}", feature=error.feature
        ) from error
    except ConfigurationError as error:
        raise ConfigurationError(f"example {number}: {error}") from error
