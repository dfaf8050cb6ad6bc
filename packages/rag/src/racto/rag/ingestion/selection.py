"""Which files an ingestion is about, and which sources of the index have no file any more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from racto.core.errors import ConfigurationError
from racto.rag.index import DocumentIndex

from .folders import EVERYTHING, FoundFile, is_below, key_of, look, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to do.

    Attributes:
        files: Files to look at, and folders that cannot be looked into.
        named: Those files that the user named one by one.
        gone: Keys of sources whose files are no more.
    """

    files: list[FoundFile]
    named: frozenset[Path] = frozenset()
    gone: tuple[bytes, ...] = ()


def select(
    index: DocumentIndex,
    paths: Sequence[Path],
    *,
    include: Iterable[str] = EVERYTHING,
    exclude: Iterable[str] = (),
) -> Selection:
    """Walk the paths and compare what is there with what is in the index.

    A source below one of the paths whose file was not met is gone, unless it lies in a folder
    that could not be read.

    Raises:
        ConfigurationError: If a path does not exist and never was in the index.
    """
    # One pattern for a list of them is an easy slip, and its letters would leave everything out.
    include = (include,) if isinstance(include, str) else tuple(include)
    exclude = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    # Compared as bytes: a name that is not text has no other spelling.
    known = [record.key for record in index.sources()]
    files: dict[bytes, FoundFile] = {}
    named: set[Path] = set()
    gone: set[bytes] = set()
    for path in paths:
        below = [key for key in known if is_below(key, key_of(path))]
        if path.is_dir():
            found = list(walk(path, include, exclude))
        # A broken link exists, and is to be reported rather than taken for removed.
        elif os.path.lexists(path):
            found = [look(path)]
            named.add(path)
        elif below:
            found = []
        else:
            raise ConfigurationError(f"there is no file or folder {path}")
        unreadable = [file.key for file in found if file.problem]
        files.update((file.key, file) for file in found)
        gone.update(key for key in below if not any(is_below(key, place) for place in unreadable))
    return Selection(
        files=list(files.values()),
        named=frozenset(named),
        gone=tuple(sorted(gone - files.keys())),
    )
