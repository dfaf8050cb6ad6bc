"""``racto-rag export``: all passages as JSON lines, for other programs and other stores."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from racto.core.documents import Chunk
from racto.core.errors import ConfigurationError
from racto.rag.index import DocumentIndex

from .command import DONE


def perform(options: argparse.Namespace) -> int:
    """Write every passage, one JSON object a line."""
    with DocumentIndex(options.index) as index:
        lines = _lines(index, with_vectors=options.vectors)
        if options.file is None:
            count = _write(lines, sys.stdout)
        else:
            count = _write_file(lines, options.file)
    print(f"{count} passages written", file=sys.stderr)  # noqa: T201
    return DONE


def _lines(index: DocumentIndex, *, with_vectors: bool) -> Iterator[str]:
    for page in index.pages():
        for chunk in page:
            yield _line(chunk, with_vectors=with_vectors)


def _line(chunk: Chunk, *, with_vectors: bool) -> str:
    data = chunk.to_dict()
    if with_vectors and chunk.embedding is not None:
        data["embedding"] = [float(value) for value in chunk.embedding]
    # Dates have no form in JSON; as text they stay readable.
    return json.dumps(data, ensure_ascii=False, default=str)


def _write(lines: Iterator[str], stream: TextIO) -> int:
    count = 0
    for line in lines:
        stream.write(line + "\n")
        count += 1
    stream.flush()
    return count


def _mode_of(path: Path) -> int:
    """The rights that a file has, or that a new one would get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _write_file(lines: Iterator[str], path: Path) -> int:
    """Write a file beside the wanted one and put it in its place when it is whole."""
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder; name a file in it")
    # Pipes and devices are written into, never replaced.
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as stream:
            return _write(lines, stream)
    # A link stays one, and what it leads to is replaced.
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            count = _write(lines, stream)
            os.fsync(stream.fileno())
            os.chmod(stream.fileno(), _mode_of(path))  # noqa: PTH101 - an open file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return count
