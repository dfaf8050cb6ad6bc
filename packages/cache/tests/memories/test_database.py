"""The file of a memory: what is not racto's is refused, and SQLite's errors are in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from racto.cache.memories.database import Database
from racto.core.errors import (
    IndexCorruptError,
    IndexLockedError,
    StoreClosedError,
    StoreError,
)


def test_foreign_and_damaged_files_are_refused(tmp_path: Path) -> None:
    text, foreign, later = (tmp_path / name for name in ("text", "foreign", "later"))
    text.write_text("no database " * 100)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    Database(later, patience=1).close()
    with sqlite3.connect(later) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for path, words in ((text, "damaged"), (foreign, "no memory of racto"), (later, "format 99")):
        with pytest.raises(IndexCorruptError, match=words):
            Database(path, patience=1)
    with pytest.raises(StoreError, match="unable to open"):
        Database(tmp_path / "no" / "folder", patience=1)


def test_a_change_that_fails_is_undone(tmp_path: Path) -> None:
    database = Database(tmp_path / "memory.db", patience=1)
    with pytest.raises(StoreError, match="UNIQUE"), database.writing() as connection:
        connection.executemany("INSERT INTO conversations (id) VALUES (?)", [(b"a",), (b"a",)])
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
    database.close()
    database.close()
    with pytest.raises(StoreClosedError, match="used after close"), database.reading():
        pass


def test_a_write_waits_for_another_and_then_says_so(tmp_path: Path) -> None:
    one, two = (Database(tmp_path / "memory.db", patience=0.05) for _ in range(2))
    with one.writing(), pytest.raises(IndexLockedError, match="another process"), two.writing():
        pass
    with one.writing(), two.reading() as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)
    one.close()
    two.close()
