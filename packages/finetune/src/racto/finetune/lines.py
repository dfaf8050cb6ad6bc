"""Records as lines of JSON, read and written without loss, whatever characters they hold."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import orjson

from racto.core.errors import ConfigurationError, ReadError

LONGEST_LINE = 256 * 2**20
"""Most bytes of one line; a longer one is an error and not a full memory."""

# Python's objects that JSON knows nothing of are errors here, and not silently texts.
_STRICT = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE
)
# Other programs split lines at these three, which JSON leaves as they are.
_SPLITTERS = (
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
    (b"\xc2\x85", b"\\u0085"),
)
# orjson reads integers beyond 64 bits as floats.
_LONG = 19
_LONG_INTEGER = re.compile(rb"[0-9]{19}")
_BOM = b"\xef\xbb\xbf"


def dump_line(record: dict[str, Any]) -> bytes:
    """One record as a line of UTF-8, with its newline and no other kind of line break.

    Args:
        record: Strings, numbers, booleans, None, and lists and dictionaries of them.

    Raises:
        ConfigurationError: If it holds anything else, or NaN or an infinity.
    """
    try:
        line = orjson.dumps(record, option=_STRICT)
    except TypeError:
        # Halves of surrogate pairs, and integers beyond 64 bits.
        return _plain_dump(record)
    # Of NaN and infinities orjson makes null; a null is worth a second look.
    if b"null" in line:
        _check_finite(record)
    if not line.isascii():
        for raw, escape in _SPLITTERS:
            line = line.replace(raw, escape)
    return line


def load_line(line: bytes) -> Any:
    """The value of a line of JSON.

    Raises:
        ValueError: If it is no JSON, or no UTF-8.
    """
    try:
        # Digits are counted first, for the search is slow and hardly a line has so many.
        digits = len(line) - len(line.translate(None, b"0123456789"))
        if digits >= _LONG and _LONG_INTEGER.search(line):
            return _plain_load(line)
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        # Halves of surrogate pairs as escapes are JSON by the letter.
        return _plain_load(line)


def records_in(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a file with their line numbers, one at a time, whatever the file's size.

    Args:
        path: A file of JSON lines in UTF-8, packed with gzip when its name ends with ``.gz``.
            Empty lines are passed over, and so is a byte order mark.

    Raises:
        FileNotFoundError: If there is no such file.
        ReadError: If a line is no JSON object; the message names the line.
    """
    for number, line in lines_in(path):
        yield number, record_of(line, f"{path}, line {number}")


def lines_in(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not empty, with their numbers.

    Raises:
        FileNotFoundError: If there is no such file.
        ReadError: If it cannot be read, or a line is longer than ``LONGEST_LINE``.
    """
    with _opened(path) as stream:
        number = 0
        # By size, so that one endless line cannot fill the memory.
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise ReadError(
                    f"{path}, line {number}: longer than {LONGEST_LINE:,} bytes; is it a file of "
                    "JSON lines?",
                    source=str(path),
                )
            if number == 1 and line.startswith(_BOM):
                line = line[len(_BOM) :]
            if not line.isspace() and line:
                yield number, line


def record_of(line: bytes, where: str) -> dict[str, Any]:
    """The record of a line.

    Args:
        line: JSON.
        where: Names the line in a message.

    Raises:
        ReadError: If it is no JSON object.
    """
    try:
        found = load_line(line)
    except RecursionError as error:
        raise ReadError(f"{where}: no JSON: nested too deeply", source=where) from error
    except ValueError as error:
        # JSON's own errors, and those of UTF-8, have a short form without the text.
        reason = getattr(error, "msg", None) or getattr(error, "reason", None) or error
        raise ReadError(f"{where}: no JSON: {reason}", source=where) from error
    if not isinstance(found, dict):
        raise ReadError(
            f"{where}: expected an object, not {type(found).__name__}; each line is a record",
            source=where,
        )
    return found


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast("BinaryIO", stream)
    except FileNotFoundError:
        raise
    # A packed file that ends too early or is none, and all that a disk can do.
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadError(f"{path} cannot be read: {reason}", source=str(path)) from error


def _plain_dump(record: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(record, separators=(",", ":"), allow_nan=False, default=_refuse)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"a record is no JSON: {error}") from error
    return text.encode("ascii") + b"\n"


def _plain_load(line: bytes) -> Any:
    # ``surrogatepass`` would read what is no UTF-8 as if it were.
    return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)


def _check_finite(record: dict[str, Any]) -> None:
    try:
        json.dumps(record, allow_nan=False, default=_refuse)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"a record is no JSON: {error}; JSON has no NaN and no infinity"
        ) from error


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} has no form in JSON; make it a text or a number")


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
