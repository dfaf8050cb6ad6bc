"""Vectors that were made for a source which is not stored yet, so that none is paid for twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence

from racto.core.embeddings import Vector

from .database import Database
from .records import pack, unpack

_TABLE = """
CREATE TABLE IF NOT EXISTS paid_vectors (
    chunk_id TEXT NOT NULL,
    maker TEXT NOT NULL,
    vector BLOB NOT NULL,
    made_at REAL NOT NULL,
    PRIMARY KEY (chunk_id, maker)
) WITHOUT ROWID
"""


KEPT_SECONDS = 7 * 24 * 3600.0
"""How long vectors wait for their source to be ingested again: a week."""


class PaidVectors:
    """Keeps the vectors of a long source whose embedding was interrupted.

    The ids of chunks name their document, its version and their place, so an id stands for one
    text only.

    Args:
        database: The database of the index.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, maker: str, vectors: Mapping[str, Vector]) -> None:
        """Write vectors by the ids of their chunks.

        Args:
            maker: The vector space; others do not see them.
            vectors: What was made.
        """
        now = time.time()
        with self._database.writing() as connection:
            connection.execute(_TABLE)
            connection.executemany(
                "INSERT OR REPLACE INTO paid_vectors VALUES (?, ?, ?, ?)",
                ((chunk_id, maker, pack(vector), now) for chunk_id, vector in vectors.items()),
            )

    def take(self, maker: str, chunk_ids: Sequence[str]) -> dict[str, Vector]:
        """Those vectors of the chunks that are there."""
        with self._database.reading() as connection:
            if not _exists(connection):
                return {}
            sql = "SELECT vector FROM paid_vectors WHERE chunk_id = ? AND maker = ?"
            rows: dict[str, bytes] = {
                chunk_id: row[0]
                for chunk_id in chunk_ids
                if (row := connection.execute(sql, (chunk_id, maker)).fetchone())
            }
        vectors: dict[str, Vector] = dict(zip(rows, unpack(list(rows.values())), strict=True))
        return vectors

    def exist(self) -> bool:
        """Whether any are kept."""
        with self._database.reading() as connection:
            return _exists(connection)

    def drop(self, chunk_ids: Sequence[str]) -> None:
        """Forget those of chunks that are stored by now."""
        if self.exist():
            with self._database.writing() as connection:
                connection.executemany(
                    "DELETE FROM paid_vectors WHERE chunk_id = ?", ((each,) for each in chunk_ids)
                )
                self._tidy(connection)

    def expire(self) -> None:
        """Forget those whose source nobody came back for in :data:`KEPT_SECONDS`."""
        if self.exist():
            with self._database.writing() as connection:
                oldest = time.time() - KEPT_SECONDS
                connection.execute("DELETE FROM paid_vectors WHERE made_at < ?", (oldest,))
                self._tidy(connection)

    @staticmethod
    def _tidy(connection: sqlite3.Connection) -> None:
        # Whoever finds no table need not ask for each chunk.
        if connection.execute("SELECT 1 FROM paid_vectors LIMIT 1").fetchone() is None:
            connection.execute("DROP TABLE paid_vectors")


def _exists(connection: sqlite3.Connection) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'paid_vectors'"
    return connection.execute(sql).fetchone() is not None
