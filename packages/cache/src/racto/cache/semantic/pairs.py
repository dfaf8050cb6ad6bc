"""Labelled pairs of questions, from CSV, TSV or JSON lines; a bad line is named, none is skipped."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError

FIELDS = ("first", "second", "same")
MOST_PAIRS = 1_000_000
LONGEST_TEXT = 100_000

_YES = {"1", "true", "yes", "same"}
_NO = {"0", "false", "no", "different"}
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """Two questions, and whether one reply serves both.

    Attributes:
        first: A question.
        second: Another.
        same: Whether they ask the same.
    """

    first: str
    second: str
    same: bool


def read_pairs(file: str | Path, *, limit: int | None = None) -> list[LabelledPair]:
    """Read labelled pairs.

    A CSV or TSV file begins with the header ``first,second,same`` in any order, further columns
    are passed over; a line of JSON is an object with these keys. ``same`` is 1, true, yes or same,
    or 0, false, no or different. Text is UTF-8.

    Args:
        file: A path that ends with ``.csv``, ``.tsv``, ``.jsonl`` or ``.ndjson``.
        limit: Most pairs to read; None for all, of which there may be a million.

    Raises:
        ConfigurationError: If the file cannot be read, or a line is no pair; the message names the
            line and the field.
    """
    path = Path(file)
    kind = path.suffix.lower()
    if kind not in (*_DELIMITERS, ".jsonl", ".ndjson"):
        raise ConfigurationError(f"{path}: expected a .csv, .tsv, .jsonl or .ndjson file")
    # Whoever sets a limit knows that the file may go on.
    most = MOST_PAIRS if limit is None else limit
    pairs: list[LabelledPair] = []
    try:
        for where, fields in _records(path, kind):
            if len(pairs) == most:
                if limit is None:
                    raise ConfigurationError(f"{path}: more than {MOST_PAIRS:,} pairs")
                break
            pairs.append(_pair(where, fields))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8: {error.reason}") from error
    if not pairs:
        raise ConfigurationError(f"{path} holds no pair")
    return pairs


def _records(path: Path, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    # A mark at the beginning, as spreadsheets write it, is no part of the first name.
    with path.open(encoding="utf-8-sig", newline="" if kind in _DELIMITERS else None) as stream:
        if kind in _DELIMITERS:
            yield from _rows(path, stream, _DELIMITERS[kind])
        else:
            yield from _objects(path, stream)


def _rows(path: Path, stream: Any, delimiter: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        # Without a header the first pair would be lost in silence.
        if missing := [name for name in FIELDS if name not in header]:
            raise ConfigurationError(
                f"{path}, line 1: the header lacks {', '.join(missing)}; it must name "
                f"{', '.join(FIELDS)}"
            )
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if not row:
                continue
            if len(row) != len(header):
                raise ConfigurationError(
                    f"{where}: {len(row)} values under {len(header)} names; is a value with a "
                    "delimiter or quotation mark not quoted?"
                )
            yield where, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: {error}") from error


def _objects(path: Path, stream: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    most = 4 * LONGEST_TEXT
    number = 0
    # By size, so that one endless line cannot fill the memory.
    while line := stream.readline(most + 1):
        number += 1
        where = f"{path}, line {number}"
        if len(line) > most:
            raise ConfigurationError(f"{where}: longer than {most:,} characters")
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested too deeply")
            raise ConfigurationError(f"{where}: no JSON: {reason}") from error
        if not isinstance(found, dict):
            raise ConfigurationError(f"{where}: expected an object, not {type(found).__name__}")
        yield where, found


def _pair(where: str, fields: Mapping[str, Any]) -> LabelledPair:
    first, second = (_text(where, name, fields.get(name)) for name in FIELDS[:2])
    return LabelledPair(first=first, second=second, same=_label(where, fields.get("same")))


def _text(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{where}: {name!r} must be a text that is not empty")
    if len(value) > LONGEST_TEXT:
        raise ConfigurationError(
            f"{where}: {name!r} has {len(value):,} characters, and may have {LONGEST_TEXT:,}"
        )
    return value


def _label(where: str, value: Any) -> bool:
    word = str(value).strip().lower() if isinstance(value, str | int | bool) else ""
    if word in _YES | _NO:
        return word in _YES
    raise ConfigurationError(
        f"{where}: 'same' must be 1, true, yes or same, or 0, false, no or different, not "
        f"{value!r:.60}"
    )
