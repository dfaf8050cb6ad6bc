"""BM25 over chunks, on SQLite's full-text index: exact, filtered, nothing to install."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.flows import threaded
from racto.rag.index.chunks import ChunkTable
from racto.rag.index.database import Database
from racto.rag.index.records import COLUMNS, chunk_of
from racto.rag.index.schema import create_tables

_INDEX = "CREATE INDEX IF NOT EXISTS chunks_by_place ON chunks (doc_id, chunk_index)"
_RANGE = (
    f"SELECT {COLUMNS} FROM chunks WHERE doc_id = ? "  # noqa: S608 - constant names
    "AND chunk_index BETWEEN ? AND ? ORDER BY chunk_index, id LIMIT ?"
)


class BM25Index:
    """A keyword index in memory that is also a retriever.

    Keeps :class:`~racto.core.protocols.KeywordIndex` and
    :class:`~racto.core.protocols.Retriever`, in batches too. Words are compared without case and accents, and by
    their English stems (Porter). Safe to share between threads.
    """

    def __init__(self) -> None:
        self._database = Database()
        with self._database.reading() as connection:
            create_tables(connection)
            # Or each look at a chunk's neighbours would go through all chunks.
            connection.execute(_INDEX)
        self._chunks = ChunkTable(self._database, keeps_vectors=False)

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Index chunks; one whose id is known replaces the old one."""
        # The last of several chunks with one id stands, as it would in separate calls.
        unique = {chunk.chunk_id: chunk for chunk in chunks}
        with self._database.writing() as connection:
            self._chunks.insert(connection, list(unique.values()))

    aadd = threaded(add)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        with self._database.writing() as connection:
            self._chunks.remove(connection, chunk_ids)

    adelete = threaded(delete)

    def search(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks for these words, filtered before the best are chosen."""
        return self._chunks.search(query, top_k, filters)

    asearch = threaded(search)

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Another name of :meth:`search`, which makes this a retriever."""
        return self.search(query, top_k, filters)

    aretrieve = threaded(retrieve)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order; the async twin takes one thread for all."""
        return [self.search(query, top_k, filters) for query in queries]

    aretrieve_batch = threaded(retrieve_batch)

    def chunks_of(self, doc_id: str, first: int, last: int) -> list[Chunk]:
        """The chunks of a document from one position to another, for neighbours and parents.

        Args:
            doc_id: Id of the document.
            first: Least ``chunk_index``.
            last: Greatest ``chunk_index``; it is part of the range.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_RANGE, (doc_id, first, last, last - first + 1)).fetchall()
        return [chunk_of(row) for row in rows]

    achunks_of = threaded(chunks_of)

    def count(self) -> int:
        """How many chunks are indexed."""
        return self._chunks.count()

    def close(self) -> None:
        """Give back the memory; calling it twice is fine."""
        self._database.close()
