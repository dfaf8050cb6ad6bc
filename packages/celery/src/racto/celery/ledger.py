"""The ledger of an ingestion: which file was sent as which task and what became of it, in SQLite."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from racto.core.errors import ConfigurationError, JobError

from .folders import FoundFile

VERSION = 1
_PATIENCE_S = 30.0
_AT_ONCE = 400

_SCHEMA = """
CREATE TABLE ledger (version INTEGER NOT NULL, salt TEXT NOT NULL);
CREATE TABLE files (
    path BLOB PRIMARY KEY, stamp TEXT NOT NULL, state TEXT NOT NULL, walk INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, task_id TEXT, moved REAL NOT NULL DEFAULT 0,
    chunks INTEGER NOT NULL DEFAULT 0, error TEXT
) WITHOUT ROWID;
CREATE INDEX by_state ON files (state, moved);
"""
# Sends anew what has changed or come back, and leaves what has not as it is. The attempt never goes
# back: a file that is put back as it once was needs another task than it had then.
_MEET = """
INSERT INTO files (path, stamp, state, walk, error) VALUES (:path, :stamp, :state, :walk, :error)
ON CONFLICT (path) DO UPDATE SET
    walk = :walk,
    state = CASE WHEN files.stamp = :stamp AND files.state != 'gone' THEN files.state
                 ELSE :state END,
    attempt = CASE WHEN files.stamp = :stamp AND files.state != 'gone' THEN files.attempt
                   ELSE files.attempt + 1 END,
    error = CASE WHEN files.stamp = :stamp AND files.state != 'gone' THEN files.error
                 ELSE :error END,
    stamp = :stamp
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One file of an ingestion.

    Attributes:
        path: Absolute path.
        stamp: Size and time of change, and what else makes it another task.
        attempt: How often it was tried anew after it had failed, changed or gone.
        task_id: The task that it was sent as.
        error: Why it failed.
    """

    path: str
    stamp: str
    attempt: int = 0
    task_id: str = ""
    error: str = ""


class Ledger:
    """Keeps the state of each file: waiting, sending, sent, done, failed or gone.

    Several processes may use one; each change is a transaction of its own.

    Args:
        path: The SQLite file; made when it is not there.

    Raises:
        ConfigurationError: If the folder is missing, or the file is something else.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        if not self.path.parent.is_dir():
            raise ConfigurationError(f"there is no folder {self.path.parent} for the ledger")
        with self._opened() as db:
            self.salt = _prepared(db, self.path)

    def meet(self, files: Iterable[FoundFile], *, walk: int, extra: str) -> int:
        """Take in the files of a walk; those that are new or have changed wait to be sent.

        Args:
            files: What the walk found.
            walk: Number of the walk.
            extra: What makes another task of the same content, such as other metadata.

        Returns:
            How many files there were.
        """
        count, page = 0, []
        for file in files:
            page.append(_met(file, walk, extra))
            count += 1
            # Pages keep other processes waiting for a moment only.
            if len(page) >= _AT_ONCE:
                self._write(_MEET, page)
                page = []
        self._write(_MEET, page)
        return count

    def next_walk(self) -> int:
        """A number above those of all walks so far."""
        with self._opened() as db:
            (last,) = db.execute("SELECT COALESCE(MAX(walk), 0) FROM files").fetchone()
        return int(last) + 1

    def leave(self, folder: Path, walk: int) -> None:
        """Note files below a folder that a walk did not meet as gone."""
        start = os.fsencode(folder.absolute()).rstrip(b"/") + b"/"
        self._write(
            "UPDATE files SET state = 'gone', error = NULL WHERE walk < ? AND path >= ? AND path < ?",
            [(walk, start, start[:-1] + b"0")],
        )

    def revive_failed(self) -> None:
        """Let all that failed wait to be sent once more, as new tasks."""
        self._write(
            "UPDATE files SET state = 'waiting', attempt = attempt + 1, error = NULL "
            "WHERE state = 'failed'",
            [()],
        )

    def claim(self, most: int, *, stale_s: float, lost_s: float) -> list[LedgerEntry]:
        """Take files that are to be sent now; no other process gets them too.

        Args:
            most: How many at most.
            stale_s: Seconds after which a file that another process wanted to send is taken over.
            lost_s: Seconds after which a task of which nothing was heard is sent again.
        """
        now = time.time()
        with self._opened() as db:
            rows = db.execute(
                "SELECT path, stamp, attempt FROM files WHERE state = 'waiting' "
                "OR (state = 'sending' AND moved < ?) OR (state = 'sent' AND moved < ?) LIMIT ?",
                (now - stale_s, now - lost_s, most),
            ).fetchall()
            db.executemany(
                "UPDATE files SET state = 'sending', moved = ? WHERE path = ?",
                [(now, path) for path, _, _ in rows],
            )
        return [
            LedgerEntry(path=os.fsdecode(path), stamp=stamp, attempt=attempt)
            for path, stamp, attempt in rows
        ]

    def sent(self, entries: Sequence[LedgerEntry]) -> None:
        """Note that files were sent as the tasks that the entries name."""
        self._write(
            "UPDATE files SET state = 'sent', task_id = ?, moved = ? WHERE path = ? AND stamp = ?",
            [(e.task_id, time.time(), os.fsencode(e.path), e.stamp) for e in entries],
        )

    def unsent(self, entries: Sequence[LedgerEntry]) -> None:
        """Let files wait again that could not be sent."""
        self._write(
            "UPDATE files SET state = 'waiting' WHERE path = ? AND stamp = ? AND state = 'sending'",
            [(os.fsencode(e.path), e.stamp) for e in entries],
        )

    def running(self) -> list[LedgerEntry]:
        """Files that were sent and have not ended, oldest first."""
        return self._entries("state = 'sent' ORDER BY moved", ())

    def touch(self, task_ids: Sequence[str]) -> None:
        """Note that something was heard of tasks just now."""
        self._write(
            "UPDATE files SET moved = ? WHERE task_id = ? AND state = 'sent'",
            [(time.time(), task_id) for task_id in task_ids],
        )

    def done(self, chunks: Sequence[tuple[str, int]]) -> None:
        """Note tasks that succeeded, each with its number of chunks."""
        self._write(
            "UPDATE files SET state = 'done', chunks = ?, error = NULL "
            "WHERE task_id = ? AND state = 'sent'",
            [(count, task_id) for task_id, count in chunks],
        )

    def failed(self, errors: Sequence[tuple[str, str]]) -> None:
        """Note tasks that failed, each with the reason."""
        self._write(
            "UPDATE files SET state = 'failed', error = ? WHERE task_id = ? AND state = 'sent'",
            [(error, task_id) for task_id, error in errors],
        )

    def refused(self, entry: LedgerEntry, error: str) -> None:
        """Note a file that cannot be sent at all."""
        self._write(
            "UPDATE files SET state = 'failed', error = ? WHERE path = ? AND stamp = ?",
            [(error, os.fsencode(entry.path), entry.stamp)],
        )

    def counts(self) -> dict[str, int]:
        """How many files are in each state, and ``chunks`` of those that are done."""
        with self._opened() as db:
            rows = db.execute("SELECT state, COUNT(*), SUM(chunks) FROM files GROUP BY state")
            found = {state: (count, chunks) for state, count, chunks in rows}
        counts = {state: count for state, (count, _) in found.items()}
        return counts | {"chunks": found.get("done", (0, 0))[1] or 0}

    def failures(self, most: int) -> list[LedgerEntry]:
        """Files that failed, sorted by path."""
        return self._entries("state = 'failed' ORDER BY path LIMIT ?", (most,))

    def gone(self, most: int) -> list[str]:
        """Paths of files that are gone, sorted."""
        return [e.path for e in self._entries("state = 'gone' ORDER BY path LIMIT ?", (most,))]

    def _entries(self, where: str, given: tuple[object, ...]) -> list[LedgerEntry]:
        with self._opened() as db:
            rows = db.execute(
                "SELECT path, stamp, attempt, task_id, error FROM files WHERE " + where,  # noqa: S608
                given,
            ).fetchall()
        return [
            LedgerEntry(
                path=os.fsdecode(path),
                stamp=stamp,
                attempt=attempt,
                task_id=task_id or "",
                error=error or "",
            )
            for path, stamp, attempt, task_id, error in rows
        ]

    def _write(self, statement: str, rows: Sequence[object]) -> None:
        if rows:
            with self._opened() as db:
                db.executemany(statement, rows)  # type: ignore[arg-type]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, _PATIENCE_S, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # Busy or a full disk: the same may work later.
            raise JobError(f"the ledger {self.path}: {error}", retryable=True) from error
        except sqlite3.Error as error:
            raise ConfigurationError(f"{self.path} is no ledger: {error}") from error


def _met(file: FoundFile, walk: int, extra: str) -> dict[str, object]:
    return {
        "path": os.fsencode(file.path),
        "stamp": f"{file.stamp}:{extra}",
        "state": "failed" if file.problem else "waiting",
        "walk": walk,
        "error": file.problem or None,
    }


def _prepared(db: sqlite3.Connection, path: Path) -> str:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO ledger VALUES (?, ?)", (VERSION, uuid4().hex))
    elif "ledger" not in tables:
        raise ConfigurationError(f"{path} is a database, but no ledger of racto-celery")
    version, salt = db.execute("SELECT version, salt FROM ledger").fetchone()
    if version != VERSION:
        raise ConfigurationError(f"{path} is a ledger of version {version}, known is {VERSION}")
    return str(salt)
