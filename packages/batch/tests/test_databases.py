"""SQLite files: ours or refused, whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from racto.batch.databases import prepare, transaction
from racto.core import ConfigurationError

SCHEMA = "CREATE TABLE things (name TEXT);\n"


def made(path: Path, *, name: str = "list", version: int = 1) -> None:
    prepare(path, SCHEMA, name=name, version=version)


def test_a_database_is_made_once_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "db"
    made(path)
    with transaction(path) as db:
        db.execute("INSERT INTO things VALUES ('a')")
    made(path)
    with transaction(path, writes=False) as db:
        assert db.execute("SELECT name FROM things").fetchall() == [("a",)]


def test_what_raises_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "db"
    made(path)

    def broken() -> None:
        with transaction(path) as db:
            db.execute("INSERT INTO things VALUES ('a')")
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    with transaction(path, writes=False) as db:
        assert db.execute("SELECT COUNT(*) FROM things").fetchone() == (0,)


def test_another_version_is_refused_with_both_named(tmp_path: Path) -> None:
    path = tmp_path / "db"
    made(path, version=2)
    with pytest.raises(ConfigurationError, match=r"list of version 2.*of version 1"):
        made(path)


def test_another_database_and_no_database_are_refused(tmp_path: Path) -> None:
    other, text = tmp_path / "other", tmp_path / "text"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE theirs (x)")
    text.write_text("no database at all, but long enough to be looked at" * 10)
    with pytest.raises(ConfigurationError, match="no state of racto-batch"):
        made(other)
    with pytest.raises(ConfigurationError, match="no state of racto-batch"):
        made(text)
