"""Collections in files: JSONL, plain or gzip, and BEIR folders, each fault named by its line."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from racto.core.errors import ConfigurationError, ReadError

ON_ERROR = ("raise", "skip")
"""What may follow a line that cannot be used."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One document of a collection.

    Attributes:
        key: Its id.
        text: Its text, the content fields joined by line breaks.
        subset: The part of the collection it belongs to; None when it has none.
    """

    key: str
    text: str
    subset: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where in a line's JSON object the parts of a document stand.

    Attributes:
        id_field: Field of the id, a text or a whole number.
        content_fields: Fields of the text; one of them at least must be there.
        subset_field: Field of the part it belongs to; empty for none.
    """

    id_field: str = "id"
    content_fields: tuple[str, ...] = ("text",)
    subset_field: str = ""


BEIR = Layout(id_field="_id", content_fields=("title", "text"))
"""The layout of ``corpus.jsonl`` in a BEIR folder."""


def corpus_file(path: Path) -> tuple[Path, Layout]:
    """The file of a collection, and its usual layout.

    Args:
        path: A JSONL file, or a folder in BEIR's form.

    Raises:
        ConfigurationError: If there is none.
    """
    if path.is_file():
        return path, Layout()
    for name in ("corpus.jsonl", "corpus.jsonl.gz"):
        if (path / name).is_file():
            return path / name, BEIR
    found = "has no corpus.jsonl" if path.is_dir() else "is not there"
    raise ConfigurationError(f"path: {path} {found}; give a JSONL file or a BEIR folder")


def records(path: Path, layout: Layout, *, on_error: str = "raise") -> Iterator[Record]:
    """The documents of a file, in its order; blank lines are none.

    Args:
        path: A JSONL file; one that ends in ``.gz`` is unpacked on the way.
        layout: Where their parts stand.
        on_error: ``raise`` stops at the first line that cannot be used; ``skip`` leaves such
            lines out, and logs how many there were and the first of them.

    Raises:
        ReadError: If a line is no document, or its id has come before; it names file and line.
    """
    seen: dict[str, int] = {}
    skipped, first = 0, ""
    for number, line in _lines(path):
        try:
            record = record_in(line, layout)
            if record is not None and seen.setdefault(record.key, number) != number:
                raise ReadError(f"id {record.key!r} has come before, in line {seen[record.key]}")
        except ReadError as error:
            fault = f"{path}:{number}: {error.message}"
            if on_error == "raise":
                raise ReadError(fault, source=str(path)) from error
            skipped, first = skipped + 1, first or fault
            continue
        if record is not None:
            yield record
    if skipped:
        _log.warning("%d lines of a collection were left out, the first: %s", skipped, first)


def record_in(line: bytes, layout: Layout) -> Record | None:
    """The document in one line; None in a blank one.

    Args:
        line: The line as it stands in the file.
        layout: Where its parts stand.

    Raises:
        ReadError: If it is no JSON object in UTF-8 with the parts of a document.
    """
    import orjson

    if not line.strip():
        return None
    try:
        found = orjson.loads(line)
    except ValueError as error:
        raise ReadError(f"no JSON in UTF-8: {error}") from error
    if not isinstance(found, dict):
        raise ReadError(f"an object is wanted, not {type(found).__name__}")
    texts = [_text(found, field) for field in layout.content_fields if found.get(field) is not None]
    if not texts:
        raise ReadError(f"none of the content fields {', '.join(layout.content_fields)}")
    return Record(
        key=_key(found, layout.id_field),
        # An empty title is no line of its own.
        text="\n".join(filter(None, texts)),
        subset=_key(found, layout.subset_field)
        if found.get(layout.subset_field) is not None
        else None,
    )


def _text(found: dict[str, Any], field: str) -> str:
    value = found[field]
    if not isinstance(value, str):
        raise ReadError(f"{field} must be a text, not {type(value).__name__}")
    return value


def _key(found: dict[str, Any], field: str) -> str:
    value = found.get(field)
    # Whole numbers are the ids of many collections; true and 1.0 are of none.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        shown = "missing" if value is None else repr(value)[:40]
        raise ReadError(
            f"{field} must be a text or a whole number: {shown}; the setting id_field names it"
        )
    return value


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                # Some editors put a mark of the encoding before the first line.
                yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(f"{path} cannot be read: {error}", source=str(path)) from error


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
