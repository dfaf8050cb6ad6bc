"""Walking folders: in a fixed order, without loops, and without missing what cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .globs import exclusion, path_matcher

EVERYTHING = ("**/*",)
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv", "site-packages"})
"""Folders that hold other people's files; hidden ones (``.git``, ``.venv``) are skipped too."""

_SEPARATOR = os.sep.encode()
_LEADS_OUT = "a link out of the folder; name what it leads to, and it is read"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A regular file met on a walk.

    Attributes:
        path: Where it is, below the folder as it was given.
        size: Its bytes.
        mtime_ns: Its modification time in nanoseconds.
        problem: Why it, or the folder that ``path`` names then, cannot be looked at; empty
            when it can.
        name: Its name for people where that is another one than its path.
    """

    path: Path
    size: int = 0
    mtime_ns: int = 0
    problem: str = ""
    name: str = ""

    @property
    def key(self) -> bytes:
        """Its identity in an index: the absolute path as the system's bytes."""
        return key_of(self.path)

    @property
    def label(self) -> str:
        """Its name for people; bytes that are not UTF-8 are written as ``\\xNN``."""
        return self.name or label_of(self.path)


def key_of(path: Path) -> bytes:
    """The absolute path as the system's bytes, which need not be UTF-8."""
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def label_of(path: Path) -> str:
    """The path as text that can be printed and stored."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def walk(
    folder: Path, include: Iterable[str] = EVERYTHING, exclude: Iterable[str] = ()
) -> Iterator[FoundFile]:
    """All regular files below a folder, sorted by path.

    Hidden files and folders and :data:`SKIPPED_FOLDERS` are left out. Links are followed, except
    out of the folder: whoever may write into it must not choose which other files are read. Each
    file and folder is met once, however many links lead to it.

    Args:
        folder: Where to begin; never left out itself.
        include: Globs of relative paths to keep.
        exclude: Globs of files and whole folders to leave out.
    """
    wanted, unwanted = path_matcher(include), exclusion(exclude)
    root = key_of(Path(os.path.realpath(folder)))
    seen: set[int] = set()
    # A stack instead of recursion, so that no depth of folders is too deep.
    waiting: list[tuple[Path, str]] = [(folder, "")]
    while waiting:
        place, relative = waiting.pop()
        try:
            facts = place.stat()
            if _seen_before(facts, seen):
                continue
            if relative and place.is_symlink() and not is_below(_target(place), root):
                yield FoundFile(path=place, problem=_LEADS_OUT)
                continue
            if not stat.S_ISDIR(facts.st_mode):
                # Pipes and devices would block or never end.
                if stat.S_ISREG(facts.st_mode) and wanted(relative):
                    yield FoundFile(path=place, size=facts.st_size, mtime_ns=facts.st_mtime_ns)
                continue
            names = sorted(os.listdir(place), reverse=True)  # noqa: PTH208 - names, no paths
        except OSError as error:
            yield FoundFile(path=place, problem=_reason(error))
            continue
        for name in names:
            below = f"{relative}/{name}" if relative else name
            if not _is_passed_over(name) and not unwanted(below):
                waiting.append((place / name, below))


def is_below(key: bytes, folder: bytes) -> bool:
    """Whether a file or folder is another folder, or lies in it; both as :func:`key_of` gives."""
    return key == folder or key.startswith(folder.rstrip(_SEPARATOR) + _SEPARATOR)


def look(path: Path) -> FoundFile:
    """One file that was named by its path."""
    try:
        facts = path.stat()
    except OSError as error:
        return FoundFile(path=path, problem=_reason(error))
    if not stat.S_ISREG(facts.st_mode):
        return FoundFile(path=path, problem="not a regular file")
    return FoundFile(path=path, size=facts.st_size, mtime_ns=facts.st_mtime_ns)


def _target(link: Path) -> bytes:
    return key_of(Path(os.path.realpath(link)))


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS


def _seen_before(facts: os.stat_result, seen: set[int]) -> bool:
    # The hash alone: a million files are met with one number each to remember.
    identity = hash((facts.st_dev, facts.st_ino))
    # Some network file systems give every file the number 0.
    if identity in seen and facts.st_ino:
        return True
    seen.add(identity)
    return False


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "broken link or removed meanwhile"
    return (error.strerror or str(error)).lower()
