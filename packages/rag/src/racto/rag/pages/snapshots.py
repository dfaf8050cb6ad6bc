"""Page indexes in files: JSON a line for each document, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from racto.core.documents import Chunk, Document, Section
from racto.core.errors import ConfigurationError, IndexCorruptError, StoreError
from racto.rag.index.records import chunk_of, dumper, row_of

from .page_index import Source

FORMAT = "racto-page-index"
VERSION = 1
MAX_BYTES = 1024 * 1024 * 1024
"""Largest file that is read unless the caller says otherwise: 1 GiB."""

_ROW = ((str, 4), (int | None, 1), (str | None, 1), (int, 4), (str, 1))


def save(path: Path, sources: Sequence[Source]) -> None:
    """Write documents and their pages to a file.

    The file changes in one step, when everything is on the disk: a crash leaves the old one.

    Raises:
        StoreError: If it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        try:
            with fresh.open("xb") as stream:
                for line in _lines(sources):
                    stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"the page index cannot be written to {path}: {error.strerror}; nothing was changed"
        ) from error


def load(path: Path, max_bytes: int = MAX_BYTES) -> list[Source]:
    """Read what :func:`save` wrote.

    Args:
        path: The file.
        max_bytes: Largest file to read, in bytes.

    Raises:
        ConfigurationError: If there is no such file.
        IndexCorruptError: If it is damaged, of another version, too large, or something else.
        StoreError: If it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            # Checked line by line too: what is read need not be what was measured.
            if (size := os.fstat(stream.fileno()).st_size) > max_bytes:
                raise IndexCorruptError(
                    f"{path} has {size} bytes, and at most {max_bytes} are read; give a larger "
                    "max_bytes if you trust it"
                )
            return list(_read(stream, max_bytes))
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no page index at {path}; save one first") from error
    except OSError as error:
        raise StoreError(f"the page index {path} cannot be read: {error.strerror}") from error
    # Deep nesting ends in a RecursionError; everything else that is no index in the others.
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise IndexCorruptError(
            f"{path} is no page index, or is damaged ({type(error).__name__}: {error}); nothing "
            "was changed. Ingest the documents again"
        ) from error


def _lines(sources: Sequence[Source]) -> Iterator[bytes]:
    yield _line({"format": FORMAT, "version": VERSION, "documents": len(sources)})
    dump = dumper()
    for source in sources:
        outline = source.outline
        yield _line(
            {
                "key": source.key,
                "digest": source.digest,
                "doc_id": outline.doc_id,
                "source": outline.source,
                "pages": outline.pages,
                "sections": [[each.start, each.title, each.level] for each in outline.sections],
                "rows": outline.rows,
                "chunks": [row_of(page, dump) for page in source.pages],
            }
        )


def _line(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n"


def _read(stream: BinaryIO, max_bytes: int) -> Iterator[Source]:
    # A first line without end is not worth its memory.
    head = json.loads(stream.readline(4096))
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ValueError("its first line is not that of a page index")
    if head.get("version") != VERSION:
        raise ValueError(f"its version is {head.get('version')!r}, and this one reads {VERSION}")
    wanted, keys, left = head["documents"], set(), max_bytes
    while line := stream.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise ValueError("it grew while it was read")
        source = _source(json.loads(line))
        if source.key in keys:
            raise ValueError(f"it holds {source.key!r} twice")
        keys.add(source.key)
        yield source
    if len(keys) != wanted:
        raise ValueError(f"it should hold {wanted} documents, and holds {len(keys)}")


def _source(data: Any) -> Source:
    key, digest, doc_id, label = (data[name] for name in ("key", "digest", "doc_id", "source"))
    _check([key, digest, doc_id, label], ((str, 4),))
    for section in data["sections"]:
        _check(section, ((int, 1), (str, 1), (int, 1)))
    for name in ("pages", "rows"):
        _check(data[name], ((int, len(data[name])),))
    outline = Document(
        content="",
        source=label,
        doc_id=doc_id,
        pages=tuple(data["pages"]),
        sections=tuple(Section(start=s, title=t, level=n) for s, t, n in data["sections"]),
        rows=tuple(data["rows"]),
    )
    pages = tuple(_page(row, doc_id) for row in data["chunks"])
    return Source(key=key, digest=digest, outline=outline, pages=pages)


def _page(row: Any, doc_id: str) -> Chunk:
    # The file may be anybody's: nothing in it is used before its kind was looked at.
    _check(row, _ROW)
    page = chunk_of(tuple(row))
    if page.doc_id != doc_id or not 0 <= page.start <= page.end:
        raise ValueError("a page belongs to another document, or ends before it begins")
    if not isinstance(page.metadata.extra, dict):
        raise TypeError("the facts of a page are no mapping")
    return page


def _check(values: Any, kinds: Sequence[tuple[Any, int]]) -> None:
    """Refuse anything but a list of values of these kinds, each as often as it says."""
    expected = [kind for kind, times in kinds for _ in range(times)]
    if not isinstance(values, list) or len(values) != len(expected):
        raise ValueError("a list has another length than it should have")
    for value, kind in zip(values, expected, strict=True):
        # True is an integer to Python, and to nobody else.
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError(f"a value is of the type {type(value).__name__}")
