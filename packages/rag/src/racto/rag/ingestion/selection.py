"""Which files an ingestion is about, and which sources of the index have no file any more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from racto.core.errors import ConfigurationError
from racto.rag.index import DocumentIndex

from .folders import EVERYTHING, FoundFile, is_below, key_of, look, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to do. The files are walked again when they are read: a list of them could be long.

    Attributes:
        paths: Files and folders to look at.
        include: Globs of files to take.
        exclude: Globs of files and folders to leave out.
        total_files: How many files there are.
        total_bytes: Bytes of all of them.
        gone: Keys of sources whose files are no more.
    """

    paths: tuple[Path, ...]
    include: tuple[str, ...] = EVERYTHING
    exclude: tuple[str, ...] = ()
    total_files: int = 0
    total_bytes: int = 0
    gone: tuple[bytes, ...] = ()

    def walk(self) -> Iterator[tuple[FoundFile, bool]]:
        """All files, each once, and whether it was named by itself."""
        seen: set[int] = set()
        # Files first: one that is named and lies in a named folder too was named all the same.
        for is_folder, path in sorted((path.is_dir(), path) for path in self.paths):
            # A broken link exists, and is to be reported rather than taken for removed.
            found: Iterable[FoundFile] = (look(path),) if os.path.lexists(path) else ()
            if is_folder:
                found = walk(path, self.include, self.exclude)
            for file in found:
                identity = hash(file.key)
                if identity not in seen:
                    seen.add(identity)
                    yield file, not is_folder


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
    wanted = Selection(
        paths=tuple(paths),
        include=(include,) if isinstance(include, str) else tuple(include),
        exclude=(exclude,) if isinstance(exclude, str) else tuple(exclude),
    )
    met: set[int] = set()
    unreadable: list[bytes] = []
    count = size = 0
    for file, _ in wanted.walk():
        met.add(hash(file.key))
        count += 1
        size += file.size
        if file.problem:
            unreadable.append(file.key)
    gone = _gone(index, wanted.paths, met, unreadable)
    return Selection(
        paths=wanted.paths,
        include=wanted.include,
        exclude=wanted.exclude,
        total_files=count,
        total_bytes=size,
        gone=tuple(gone),
    )


def _gone(
    index: DocumentIndex, paths: Sequence[Path], met: set[int], unreadable: Sequence[bytes]
) -> list[bytes]:
    # Compared as bytes: a name that is not text has no other spelling.
    roots = [key_of(path) for path in paths]
    missing = {
        root: path for root, path in zip(roots, paths, strict=True) if not os.path.lexists(path)
    }
    gone: list[bytes] = []
    for key in index.source_keys():
        above = [root for root in roots if is_below(key, root)]
        if not above:
            continue
        for root in above:
            missing.pop(root, None)
        if hash(key) not in met and not any(is_below(key, place) for place in unreadable):
            gone.append(key)
    if missing:
        raise ConfigurationError(f"there is no file or folder {next(iter(missing.values()))}")
    return gone
