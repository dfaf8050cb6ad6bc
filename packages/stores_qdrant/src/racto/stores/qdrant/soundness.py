"""A folder of a local Qdrant is looked at before the client opens it, and refused if it is not sound.

qdrant-client keeps each point as a pickle and unpickles whatever the folder holds, so each row is read
with inert stand-ins first.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from racto.core.errors import IndexCorruptError

from .standins import check_point

_TABLE = "CREATE TABLE points (id TEXT PRIMARY KEY, point BLOB)"
_LARGEST_META = 64 << 20


def check_folder(folder: str) -> None:
    """Refuse a folder that holds anything but what a local Qdrant writes there.

    Args:
        folder: Where the local Qdrant keeps, or will keep, its files.

    Raises:
        IndexCorruptError: If a file is damaged or was tampered with; the message names it.
    """
    place = Path(folder)
    meta = place / "meta.json"
    if place.exists() and not place.is_dir():
        raise IndexCorruptError(f"{folder} is no folder; give the folder in which Qdrant is")
    if not meta.exists():
        return
    try:
        if meta.stat().st_size > _LARGEST_META:
            raise ValueError(f"it has more than {_LARGEST_META} bytes")
        told = json.loads(meta.read_bytes())
        names = [*told["collections"]]
        told["aliases"]["."] = None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(meta, error) from error
    for name in names:
        # The name as the client takes it: whatever file it leads to is the one that is looked at.
        file = place / "collection" / name / "storage.sqlite"
        if file.exists():
            try:
                _check_rows(file)
            except (OSError, ValueError, sqlite3.Error) as error:
                raise _damaged(file, error) from error


def _damaged(file: Path, why: object) -> IndexCorruptError:
    return IndexCorruptError(
        f"{file} is damaged or not Qdrant's, and was not opened: {why}; take the folder from a "
        f"backup, or fill a new one"
    )


def _check_rows(file: Path) -> None:
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        # A view could show one thing now and another to the client.
        tables = opened.execute("SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL")
        if (found := tables.fetchall()) not in ([], [("table", _TABLE)]):
            raise ValueError(f"it has tables of another kind: {str(found)[:200]}")
        if not found:
            return
        for number, (point,) in enumerate(opened.execute("SELECT point FROM points")):
            try:
                check_point(point)
            except Exception as error:
                raise ValueError(
                    f"point {number} is none: {type(error).__name__}: {error}"
                ) from error
