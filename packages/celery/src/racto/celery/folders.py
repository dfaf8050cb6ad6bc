"""The files of a folder, found without following links and without stopping at what cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

EVERYTHING = ("*",)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A regular file, or what could not be looked at.

    Attributes:
        path: Absolute path.
        stamp: Size and time of change; another stamp is another content.
        changed_at: Unix time of its last change, in seconds.
        problem: Why it cannot be looked at; empty when it can.
    """

    path: str
    stamp: str = ""
    changed_at: float = 0.0
    problem: str = ""


def walk(folder: Path, include: Sequence[str] = EVERYTHING) -> Iterator[FoundFile]:
    """All regular files below a folder, hidden ones left out.

    Links are not followed: whoever may write into a folder must not choose which other files are
    read.

    Args:
        folder: Where to begin.
        include: Patterns such as ``*.pdf``, held against a file's name, or, with a ``/`` inside,
            against its path below the folder; there ``*`` stands for any number of folders too.
    """
    # A stack instead of recursion, so that no depth of folders is too deep.
    waiting = [(str(folder.absolute()), "")]
    while waiting:
        place, relative = waiting.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield FoundFile(path=place, problem=_reason(error))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            below = f"{relative}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, f"{below}/"))
            elif _is_wanted(entry.name, below, include) and not entry.is_symlink():
                yield from _looked_at(entry)


def _is_wanted(name: str, below: str, include: Sequence[str]) -> bool:
    return any(fnmatchcase(below if "/" in pattern else name, pattern) for pattern in include)


def _looked_at(entry: os.DirEntry[str]) -> Iterator[FoundFile]:
    try:
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return  # gone since the folder was listed
    except OSError as error:
        yield FoundFile(path=entry.path, problem=_reason(error))
        return
    # Pipes and devices would block or never end.
    if stat.S_ISREG(facts.st_mode):
        yield FoundFile(
            path=entry.path,
            stamp=f"{facts.st_size}:{facts.st_mtime_ns}",
            changed_at=facts.st_mtime,
        )


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
