"""The index: sources, chunks, vectors and words in one file, changed one whole source at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from racto.core.documents import Chunk, Document, RetrievalResult
from racto.core.errors import EmbeddingError
from racto.core.flows import threaded
from racto.core.protocols.embedders import Embedder

from . import outlines, sources
from .chunks import ChunkTable
from .database import Database
from .directory import find_index, make_index
from .lock import LOCK_NAME, WriterLock
from .manifest import Manifest, fingerprint_of, name_of, read_manifest, write_manifest
from .paid import PaidVectors
from .schema import create_tables
from .sources import SourceRecord


class DocumentIndex:
    """All that was ingested, in a folder or in memory.

    Each change is one transaction for one source: after a crash or Ctrl-C every source is there
    either in its old version or in its new one. In a folder the index is the truth, and a vector
    store is filled from it; in memory it holds words and sources only, and vectors stay in the
    store. Safe to share between threads; one process writes at a time, any number read.

    Args:
        directory: Folder of the index; None keeps it in memory.
        create: Whether to make the index when the folder is missing or empty.

    Raises:
        ConfigurationError: If there is no index and ``create`` is false.
        IndexCorruptError: If the folder holds something else, or a damaged index; nothing is
            written then.
    """

    def __init__(self, directory: str | Path | None = None, *, create: bool = False) -> None:
        self.directory = Path(directory) if directory is not None else None
        self._lock: WriterLock | None = None
        if self.directory is None:
            self._database = Database()
            with self._database.reading() as connection:
                create_tables(connection)
        else:
            self._database = Database(_file_of(self.directory, create))
            self._lock = WriterLock(self.directory / LOCK_NAME)
        self.chunks = ChunkTable(self._database, keeps_vectors=self.is_durable)
        self.paid = PaidVectors(self._database)

    @property
    def is_durable(self) -> bool:
        """Whether it is kept in a folder, vectors included."""
        return self.directory is not None

    @property
    def where(self) -> str:
        """The folder, for messages."""
        return str(self.directory) if self.directory else "in memory"

    @property
    def manifest(self) -> Manifest:
        """What the index was made with."""
        with self._database.reading() as connection:
            return read_manifest(connection)

    def writer(self) -> AbstractContextManager[object]:
        """The right to write, to be held around every change.

        Raises:
            IndexLockedError: On entering, if another process has it; the message names it.
        """
        return self._lock if self._lock is not None else nullcontext()

    def describe_chunker(self, chunker: str, chunk_size: int, overlap: int) -> None:
        """Note the chunker of this ingestion in the manifest."""
        with self._database.writing() as connection:
            old = read_manifest(connection)
            new = replace(old, chunker=chunker, chunk_size=chunk_size, overlap=overlap)
            write_manifest(connection, new)

    def check_embedder(self, embedder: Embedder) -> None:
        """Raise when an embedder's vectors do not belong here; see :meth:`Manifest.check`."""
        if self.is_durable:
            self.manifest.check(embedder, self.where)

    def bind_embedder(self, embedder: Embedder, dimension: int) -> None:
        """Check the first vectors against the index, or note their maker when it is new."""
        with self._database.writing() as connection:
            manifest = read_manifest(connection)
            name = name_of(embedder)
            manifest.check_dimension(dimension, self.where, name)
            # The first vectors decide; nobody has to say beforehand what the embedder makes.
            if not manifest.dimension:
                fingerprint = fingerprint_of(embedder)
                write_manifest(
                    connection,
                    replace(manifest, embedder=name, fingerprint=fingerprint, dimension=dimension),
                )

    def source(self, key: bytes) -> SourceRecord | None:
        """What is known of one source."""
        with self._database.reading() as connection:
            return sources.load(connection, key)

    def sources(self) -> list[SourceRecord]:
        """What is known of all sources, in the order of their keys."""
        with self._database.reading() as connection:
            return sources.load_all(connection)

    def source_keys(self) -> list[bytes]:
        """The keys of all sources in their order."""
        with self._database.reading() as connection:
            return sources.keys(connection)

    def digests(self) -> list[tuple[str, bytes, str, str]]:
        """Digest, key, status and settings of sources that have chunks or are duplicates."""
        with self._database.reading() as connection:
            return list(sources.digests(connection))

    def replace(
        self, record: SourceRecord, chunks: Sequence[Chunk], *, outline: Document | None = None
    ) -> list[str]:
        """Put a source's new version in the place of its old one, in one transaction.

        Args:
            record: What is known of the source.
            chunks: All its chunks.
            outline: The document, for its ``doc_id``, pages and sections.

        Returns:
            Ids of the old version's chunks that the new one does not have, for the vector store.
        """
        if self.is_durable and any(chunk.embedding is None for chunk in chunks):
            raise EmbeddingError(f"{record.label}: chunks without vectors cannot be indexed")
        with self._database.writing() as connection:
            # Inside the transaction, so that two writers cannot both believe they are first.
            old = sources.chunk_ids(connection, [record.key])
            source_id = sources.save(connection, record)
            self.chunks.remove(connection, old)
            self.chunks.insert(connection, chunks, source_id)
            outlines.save(connection, source_id, outline)
        # A version that is stored anew keeps its ids; those must not be deleted after all.
        fresh = {chunk.chunk_id for chunk in chunks}
        return [chunk_id for chunk_id in old if chunk_id not in fresh]

    def note(self, record: SourceRecord) -> None:
        """Write what is known of a source and leave its chunks as they are."""
        with self._database.writing() as connection:
            sources.save(connection, record)

    def outline(self, doc_id: str) -> Document | None:
        """Pages and sections of a document that is in the index, without its text.

        None for one that has neither, or is not in the index.
        """
        with self._database.reading() as connection:
            return outlines.load(connection, doc_id)

    def remove(self, keys: Sequence[bytes]) -> list[str]:
        """Remove sources with their chunks and return the chunks' ids, for the vector store."""
        with self._database.writing() as connection:
            gone = sources.chunk_ids(connection, keys)
            self.chunks.remove(connection, gone)
            sources.remove(connection, keys)
        return gone

    def clear(self) -> None:
        """Remove everything, the embedder's mark included."""
        with self._database.writing() as connection:
            # Chunks first: their trigger empties the index of words.
            for table in ("chunks", "sources", "manifest"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constant names

    def search(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks by BM25; see :meth:`ChunkTable.search`."""
        return self.chunks.search(query, top_k, filters)

    def chunks_of(self, doc_id: str, first: int, last: int) -> list[Chunk]:
        """The chunks of a document by their positions; see :class:`racto.rag.retrieval.ChunkRange`.

        Args:
            doc_id: Id of the document.
            first: Least ``chunk_index``.
            last: Greatest ``chunk_index``; it is part of the range.
        """
        return self.chunks.between(doc_id, first, last)

    achunks_of = threaded(chunks_of)

    def pages(self, page_size: int = 1000) -> Iterator[list[Chunk]]:
        """All chunks with their vectors, to fill a vector store from."""
        return self.chunks.pages(page_size)

    def count(self) -> int:
        """How many chunks are in the index."""
        return self.chunks.count()

    def state_of_others(self) -> int:
        """A number that is another one after any other object or process changed the index."""
        with self._database.reading() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Give back the file; calling it twice is fine."""
        self._database.close()

    def __enter__(self) -> DocumentIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _file_of(directory: Path, create: bool) -> Path:
    if not create:
        return find_index(directory)
    if not (directory / "index.sqlite3").exists():
        return make_index(directory)
    return find_index(directory)
