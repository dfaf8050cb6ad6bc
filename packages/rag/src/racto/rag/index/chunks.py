"""The table of chunks: rows in, rows out, and ranked by BM25."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches, parse_filter

from .database import Database
from .postings import Postings
from .ranking import ranking
from .records import COLUMNS, Row, chunk_of, dumper, pack, row_of, unpack
from .words import content_counts

_INSERT = (
    f"INSERT INTO chunks ({COLUMNS}, source_id, vector) "  # noqa: S608 - constant names
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RANGE = (
    f"SELECT {COLUMNS} FROM chunks "  # noqa: S608 - constant names
    "WHERE doc_id = ? AND chunk_index BETWEEN ? AND ? ORDER BY chunk_index, id"
)
_NEAR = _RANGE.replace("WHERE", "WHERE chunk_id >= ? AND chunk_id < ? AND")
_ROWS_AT_ONCE = 200


class ChunkTable:
    """Chunks in a database, with the full-text index that SQLite keeps beside them.

    BM25 with k1 = 1.5 and b = 0.75 over words stemmed by Porter's rules; see :class:`Postings`.

    Args:
        database: Where the tables are.
        keeps_vectors: Whether vectors are stored too; an index in memory leaves them to the
            vector store.
    """

    def __init__(self, database: Database, *, keeps_vectors: bool) -> None:
        self._database = database
        self._keeps_vectors = keeps_vectors
        self._postings = Postings()

    def insert(
        self, connection: sqlite3.Connection, chunks: Sequence[Chunk], source_id: int | None = None
    ) -> None:
        """Write chunks inside the caller's transaction; those of a known id replace the old."""
        # REPLACE would not fire the trigger that takes the old words out of the index.
        self.remove(connection, [chunk.chunk_id for chunk in chunks])
        dump = dumper()
        connection.executemany(
            _INSERT,
            ((*row_of(chunk, dump), source_id, self._blob(chunk)) for chunk in chunks),
        )

    def remove(self, connection: sqlite3.Connection, chunk_ids: Sequence[str]) -> None:
        """Remove chunks inside the caller's transaction; unknown ids are ignored."""
        connection.executemany(
            "DELETE FROM chunks WHERE chunk_id = ?", ((chunk_id,) for chunk_id in chunk_ids)
        )

    def search(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks for these words among those that satisfy the filter.

        Args:
            query: Any text; chunks with any of its words are candidates.
            top_k: Most results, at least 1.
            filters: Metadata filter as :mod:`racto.core.filters` defines it.

        Returns:
            Best first, ranks from 1; the score is BM25's, above 0.
        """
        # Mistakes are reported even when the question holds no word to look up.
        tree = parse_filter(filters)
        words = content_counts(query)
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        if not words:
            return []
        results: list[RetrievalResult] = []
        with self._database.reading() as connection:
            self._postings.follow(connection)
            scores = self._postings.scores(connection, words)
            # With a filter all candidates are tried, best first, until enough have passed.
            limit = top_k if tree is None else len(self._postings.ids)
            ranked = ranking(scores, self._postings.ids, limit)
            for chunk, score in _passing(connection, ranked, tree):
                results.append(RetrievalResult(chunk=chunk, score=score, rank=len(results) + 1))
                if len(results) == top_k:
                    break
        return results

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many chunks each word occurs, in any of its grammatical forms."""
        with self._database.reading() as connection:
            self._postings.follow(connection)
            return {word: self._postings.count(connection, word) for word in words}

    def count(self) -> int:
        """How many chunks there are."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM chunks").fetchone()[0])

    def between(self, doc_id: str, first: int, last: int) -> list[Chunk]:
        """The chunks of a document from one position to another, both included, in order."""
        with self._database.reading() as connection:
            # Ids begin with that of the document, which saves an index of documents; those that
            # somebody else gave are looked for one by one.
            bounds = (f"{doc_id}:", f"{doc_id};", doc_id, first, last)
            rows = connection.execute(_NEAR, bounds).fetchall()
            if not rows:
                rows = connection.execute(_RANGE, bounds[2:]).fetchall()
        return [chunk_of(row) for row in rows]

    def pages(self, page_size: int = 1000) -> Iterator[list[Chunk]]:
        """All chunks that have a vector, each once, with their vectors."""
        # By id and not by offset: each page costs the same, and a change between two pages
        # neither repeats nor skips the chunks that stay.
        last = 0
        sql = (
            f"SELECT {COLUMNS}, vector, id FROM chunks "  # noqa: S608 - constant names
            "WHERE id > ? AND vector IS NOT NULL ORDER BY id LIMIT ?"
        )
        while True:
            with self._database.reading() as connection:
                rows: list[Row] = connection.execute(sql, (last, page_size)).fetchall()
            if not rows:
                return
            vectors = unpack([row[-2] for row in rows])
            yield [chunk_of(row, vector) for row, vector in zip(rows, vectors, strict=True)]
            last = rows[-1][-1]

    def _blob(self, chunk: Chunk) -> bytes | None:
        if not self._keeps_vectors or chunk.embedding is None:
            return None
        return pack(chunk.embedding)


def _passing(
    connection: sqlite3.Connection, ranked: Sequence[tuple[int, float]], tree: Filter | None
) -> Iterator[tuple[Chunk, float]]:
    """The ranked chunks that satisfy a filter, read a few at a time."""
    for start in range(0, len(ranked), _ROWS_AT_ONCE):
        batch = ranked[start : start + _ROWS_AT_ONCE]
        marks = ", ".join("?" * len(batch))
        sql = f"SELECT {COLUMNS}, id FROM chunks WHERE id IN ({marks})"  # noqa: S608
        rows = {row[-1]: row for row in connection.execute(sql, [place for place, _ in batch])}
        for place, score in batch:
            chunk = chunk_of(rows[place])
            if matches(tree, lookup_of(chunk)):
                yield chunk, score
