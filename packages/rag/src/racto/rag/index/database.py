"""The SQLite file of an index: transactions, threads, and SQLite's errors in plain words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racto.core.errors import IndexCorruptError, IndexLockedError, StoreClosedError, StoreError

from .postings import PLACES
from .words import segmented

BUSY_SECONDS = 10.0
_NOT_WRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


class Database:
    """One connection, shared between threads, that either finishes a change or undoes it.

    Args:
        path: The database file, which must exist; None keeps everything in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._where = str(path) if path else "an index in memory"
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        with self._translated():
            self._connection = _connect(path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for queries, which all see one state; other threads wait meanwhile."""
        with self._guard, self._translated():
            connection = self._open()
            # Or another process could take away a row between two queries.
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction, undone when the block raises."""
        with self._guard, self._translated():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
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
        # An index in memory that nobody closed is no leak, and not worth Python's warning.
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()

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


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is None:
        return _opened(":memory:")
    place = path.resolve().as_uri()
    try:
        # With a write-ahead log readers go on while another process writes.
        return _opened(f"{place}?mode=rw", "journal_mode = WAL", "synchronous = NORMAL")
    except sqlite3.OperationalError as error:
        if _code(error) not in _NOT_WRITABLE:
            raise
    # Questions can be asked of an index that may only be read. Without a log, which a process
    # that writes would have made, nothing can change under us and no lock is needed.
    has_log = path.with_name(f"{path.name}-wal").exists()
    return _opened(f"{place}?mode=ro" + ("" if has_log else "&immutable=1"))


def _opened(target: str, *settings: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target,
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=64,
    )
    try:
        connection.create_function("segmented", 1, segmented, deterministic=True)
        # Some builds of SQLite let triggers call no function of the program otherwise.
        for setting in (
            "foreign_keys = ON",
            "trusted_schema = ON",
            "temp_store = MEMORY",
            *settings,
        ):
            connection.execute(f"PRAGMA {setting}")
        # Nothing is read or stored for it: it is a way to look at a table, for this connection.
        connection.execute(PLACES)
    except BaseException:
        connection.close()
        raise
    return connection


def _code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _in_words(error: sqlite3.Error, where: str) -> StoreError:
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return IndexLockedError(f"{where} is in use by another process; try again in a moment")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return IndexCorruptError(
            f"{where} is damaged ({error}); nothing was changed. Move its folder away and "
            "ingest the documents again, or restore it from a backup"
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            f"{where}: the disk is full; everything before the last document is safe. Free some "
            "space and run the same command again to go on"
        )
    if code in _NOT_WRITABLE:
        return StoreError(f"{where} cannot be opened for writing ({error}); check its permissions")
    return StoreError(f"{where}: {error}")
