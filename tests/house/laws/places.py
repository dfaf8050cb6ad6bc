"""Laws on where the project was made: no file of it names a machine's folder or a private host."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from laws.report import Report

# The lock file is not among them: it alone names the index that it was resolved from.
TEXTS = {".py", ".toml", ".md", ".yml", ".yaml", ".template", ".txt", ".json", ""}
SKIPPED = {".git", "node_modules", "site", "dist", "build", "__pycache__"}
KEPT = {".ci", ".github"}
LOCK_TARGET = re.compile(r'"(https?://[^"]+)"')


def project_files(root: Path) -> Iterator[Path]:
    """Yield the text files of the project, without what was installed, built or cached."""
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED and (name in KEPT or not name.startswith("."))
        ]
        for name in names:
            path = Path(folder, name)
            if path.suffix in TEXTS and path.is_file() and not path.is_symlink():
                yield path


def no_place(root: Path, words: set[str]) -> Report:
    """No file of the project holds one of these words, such as the folder it lies in.

    Args:
        root: The workspace.
        words: What must not occur; a match that goes on from a letter or dot is another word.
    """
    report = Report()
    if not words:
        raise ValueError("name at least one word to look for")
    pattern = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(words))) + ")")
    for path in project_files(root):
        report.seen += 1
        if found := pattern.search(path.read_text("utf-8", errors="replace")):
            report.add(path.relative_to(root), f"names {found.group()!r}")
    return report


def places(*folders: Path) -> set[str]:
    """Return folders as words to look for; a folder at the top of the disk is too common a word."""
    return {f"{folder}/" for folder in folders if len(folder.parts) > 2}


def lock_hosts(root: Path) -> set[str]:
    """Return the hosts that uv.lock names, which no other file has a reason to name."""
    found = LOCK_TARGET.findall((root / "uv.lock").read_text("utf-8"))
    return {urlsplit(target).hostname or "" for target in found} - {""}
