"""A chat memory in one SQLite file, which several processes may share and a crash does not hurt."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from racto.cache.config import ChatMemoryConfig
from racto.core.flows import threaded
from racto.core.protocols.metrics import Metrics

from .database import Database
from .memory import ShelvedMemory
from .records import head_of
from .shelves import Added
from .summaries import Summarizer
from .tokens import MessageCounter
from .windows import surviving

BUSY_SECONDS = 10.0

_SWEPT = 10


class SQLiteChatMemory(ShelvedMemory):
    """Keeps conversations in a file; the async twins run in worker threads.

    Safe with threads and with several processes on one machine. See :class:`ShelvedMemory` for what
    stays of a conversation. Close it, or use it as a context manager.

    Args:
        path: The file, made if it is missing; ``:memory:`` keeps everything in this object.
        config: Turns, time to live, tokens.
        summarize: Writes a summary of what is about to go.
        counter: Counts the tokens of a message; by default an estimate.
        metrics: Counts messages that were dropped, and summaries.
        patience: Seconds to wait for another process that writes.
        clock: Tells the time in seconds since 1970; replace it to let time pass in a test.

    Raises:
        IndexCorruptError: If the file is damaged, of another version, or no memory of racto.
        StoreError: If it cannot be opened.
    """

    def __init__(
        self,
        path: str | Path,
        config: ChatMemoryConfig | None = None,
        *,
        summarize: Summarizer | None = None,
        counter: MessageCounter | None = None,
        metrics: Metrics | None = None,
        patience: float = BUSY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        config = config or ChatMemoryConfig()
        self._database = Database(path, patience=patience)
        super().__init__(
            _FileShelf(self._database, config.ttl_seconds, clock),
            config=config,
            summarize=summarize,
            counter=counter,
            metrics=metrics,
        )

    def close(self) -> None:
        """Give back the file; calling it twice is fine."""
        self._database.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class _FileShelf:
    """Records in the tables of a database."""

    store = "sqlite"

    def __init__(self, database: Database, life: float | None, clock: Callable[[], float]) -> None:
        self._database, self._life, self._clock = database, life, clock

    def add(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        now = self._clock()
        with self._database.writing() as connection:
            _sweep(connection, now)
            number = self._begun(connection, conversation_id, now)
            size = _size(connection, number)
            connection.executemany(
                "INSERT INTO records (conversation, data) VALUES (?, ?)",
                [(number, record) for record in records],
            )
            heads = [head_of(record) for record in records]
            # What is short and has no tools is not read again.
            if size + len(records) > most or any(head.calls or head.results for head in heads):
                _tidy(connection, number, most)
            left = _size(connection, number)
            return Added(left, size + len(records) - left)

    aadd = threaded(add)

    def read(self, conversation_id: str) -> list[bytes]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT data FROM records JOIN conversations ON number = conversation "
                "WHERE id = ? AND (expires IS NULL OR expires > ?) ORDER BY place",
                (_key(conversation_id), self._clock()),
            )
            return [bytes(data) for (data,) in rows]

    aread = threaded(read)

    def fold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        with self._database.writing() as connection:
            number = _number(connection, conversation_id, self._clock())
            rows = _rows(connection, number)[: len(seen)] if number is not None else []
            if number is None or [data for _, data in rows] != seen:
                return False
            *before, last = (place for place, _ in rows)
            _remove(connection, before)
            # In the place of the last one that it stands for, before all that came later.
            connection.execute("UPDATE records SET data = ? WHERE place = ?", (summary, last))
            _tidy(connection, number, _size(connection, number))
            return True

    afold = threaded(fold)

    def count(self, conversation_id: str) -> int:
        with self._database.reading() as connection:
            number = _number(connection, conversation_id, self._clock())
            return 0 if number is None else _size(connection, number)

    acount = threaded(count)

    def clear(self, conversation_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (_key(conversation_id),))

    aclear = threaded(clear)

    def _begun(self, connection: sqlite3.Connection, conversation_id: str, now: float) -> int:
        """The conversation's number, its time to live begun anew."""
        key = _key(conversation_id)
        connection.execute("DELETE FROM conversations WHERE id = ? AND expires <= ?", (key, now))
        expires = None if self._life is None else now + self._life
        row = connection.execute(
            "INSERT INTO conversations (id, expires) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET expires = excluded.expires RETURNING number",
            (key, expires),
        ).fetchone()
        return int(row[0])


def _key(conversation_id: str) -> bytes:
    return conversation_id.encode("utf-8", "surrogatepass")


def _number(connection: sqlite3.Connection, conversation_id: str, now: float) -> int | None:
    row = connection.execute(
        "SELECT number FROM conversations WHERE id = ? AND (expires IS NULL OR expires > ?)",
        (_key(conversation_id), now),
    ).fetchone()
    return None if row is None else int(row[0])


def _size(connection: sqlite3.Connection, number: int) -> int:
    row = connection.execute("SELECT count(*) FROM records WHERE conversation = ?", (number,))
    return int(row.fetchone()[0])


def _rows(connection: sqlite3.Connection, number: int) -> list[tuple[int, bytes]]:
    rows = connection.execute(
        "SELECT place, data FROM records WHERE conversation = ? ORDER BY place", (number,)
    )
    return [(int(place), bytes(data)) for place, data in rows]


def _tidy(connection: sqlite3.Connection, number: int, most: int) -> None:
    rows = _rows(connection, number)
    staying = set(surviving([head_of(data) for _, data in rows], most))
    _remove(connection, [place for at, (place, _) in enumerate(rows) if at not in staying])


def _remove(connection: sqlite3.Connection, places: list[int]) -> None:
    connection.executemany("DELETE FROM records WHERE place = ?", [(place,) for place in places])


def _sweep(connection: sqlite3.Connection, now: float) -> None:
    """Take out a few conversations whose time is over."""
    connection.execute(
        "DELETE FROM conversations WHERE number IN "
        "(SELECT number FROM conversations WHERE expires <= ? LIMIT ?)",
        (now, _SWEPT),
    )
