"""SQLite files of this package: opened for one transaction, whole or not at all, for two processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from racto.core.errors import ConfigurationError, JobError

from .folders import private_file, unwritable

_PATIENCE_S = 30.0


@contextmanager
def transaction(path: Path, *, writes: bool = True) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction, committed at the end of the block.

    Args:
        path: The database.
        writes: Whether to keep other writers out from the start.

    Raises:
        JobError: If it stays busy, or the disk fails; the same may work later.
        ConfigurationError: If the file is no database, or not one of this package.
    """
    try:
        # One connection a transaction: none is shared between threads, or lives on in a fork.
        with closing(sqlite3.connect(path, _PATIENCE_S, isolation_level=None)) as db:
            # A process that dies loses nothing; only a power cut can cost the last transaction.
            db.execute("PRAGMA synchronous = NORMAL")
            # A transaction that begins as a reader cannot always become a writer later.
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            yield db
            db.execute("COMMIT")
    # Busy or a full disk; all others mean that the file is no such database.
    except sqlite3.OperationalError as error:
        raise JobError(f"the state file {path}: {error}", retryable=True) from error
    except sqlite3.Error as error:
        raise ConfigurationError(f"{path} is no state of racto-batch: {error}") from error


def prepare(path: Path, schema: str, *, name: str, version: int) -> None:
    """Make a database's tables, or see that it has those of this release.

    Args:
        path: The file; made for this user alone when it is missing.
        schema: Statements that make its tables, each ended by a semicolon.
        name: What the database is, kept in it.
        version: Version of the tables.

    Raises:
        ConfigurationError: If it is something else, or of another version.
        JobError: If the disk does not take it.
    """
    try:
        private_file(path, "ab").close()
    except OSError as error:
        raise unwritable(path, error) from error
    with transaction(path) as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if not found:
            # Inside the transaction: of two processes that come first, one makes the tables.
            db.execute("CREATE TABLE made (name TEXT NOT NULL, version INTEGER NOT NULL)")
            db.execute("INSERT INTO made VALUES (?, ?)", (name, version))
            for statement in schema.split(";"):
                db.execute(statement)
            return
        if ("made",) not in found:
            raise ConfigurationError(f"{path} is a database, but no state of racto-batch")
        known, its_version = db.execute("SELECT name, version FROM made").fetchone()
    if (known, its_version) != (name, version):
        raise ConfigurationError(
            f"{path} is a {known} of version {its_version}; this release of racto-batch reads a "
            f"{name} of version {version}"
        )
