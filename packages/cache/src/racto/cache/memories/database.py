"""The SQLite file of a chat memory: transactions, threads, and SQLite's errors in plain words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racto.core.errors import (
    IndexCorruptError,
    IndexLockedError,
    StoreClosedError,
    StoreError,
)

APPLICATION_ID = 0x52614D65
FORMAT = 1
"""Version of the tables; a file of another version is refused, never converted in silence."""

_TABLES = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    expires REAL
);
CREATE INDEX conversations_by_end ON conversations (expires) WHERE expires IS NOT NULL;
CREATE TABLE records (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    data BLOB NOT NULL
);
CREATE INDEX records_by_conversation ON records (conversation, place);
"""

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """One connection, shared between threads, whose changes happen whole or not at all.

    Other processes may use the same file at the same time; a write waits for theirs.

    Args:
        path: The file, made if it is missing; ``:memory:`` keeps everything in this object.
        patience: Seconds to wait for another process that writes.

    Raises:
        IndexCorruptError: If the file is damaged, of another version, or no memory of racto.
        StoreError: If it cannot be opened.
    """

    def __init__(self, path: str | Path, *, patience: float) -> None:
        self._where = f"the chat memory {str(path)!r}"
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        with self._translated():
            self._connection = sqlite3.connect(
                path, timeout=patience, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for one query; other threads wait meanwhile."""
        with self._guard, self._translated():
            yield self._open()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction, undone when the block raises."""
        with self._guard, self._translated():
            connection = self._open()
            # At once a writer: one that reads first could not become one after another's write.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Give back the file; calling it twice is fine."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __del__(self) -> None:
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()

    def _prepare(self) -> None:
        with self.reading() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if tables and owner != APPLICATION_ID:
                raise IndexCorruptError(f"{self._where} is a database, but no memory of racto")
            if tables and version != FORMAT:
                raise IndexCorruptError(
                    f"{self._where} has format {version}, and this racto reads {FORMAT}"
                )
            # With a write-ahead log readers go on while another process writes.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        with self.writing() as connection:
            # Asked again: another process may have been faster.
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if not tables:
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreClosedError(f"{self._where} was used after close(); open it again")
        return self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _in_words(error, self._where) from error


def _in_words(error: sqlite3.Error, where: str) -> StoreError:
    # The lower byte of an extended code is the plain one.
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _CORRUPT:
        return IndexCorruptError(f"{where} is damaged or no SQLite file: {error}")
    if code in _LOCKED:
        return IndexLockedError(f"{where} is being written by another process; try again")
    return StoreError(f"{where} failed: {error}")
