"""The ingestion itself: read, cut, embed in batches, and store one whole source at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core.documents import Chunk, Document
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.stores import FilterDelete, VectorStore
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.offload import offload

from .examination import DocumentReader, Examiner, Ignored, Prepared, Unchanged
from .folders import EVERYTHING, FoundFile, look, walk
from .preparation import Preparation
from .report import (
    IngestedChunks,
    IngestionProgress,
    IngestionReport,
    ProgressCallback,
    SkippedFile,
    Tally,
)
from .selection import Selection, select
from .vectors import embed_all

MANUAL = "manual"
"""The source of texts that were given none."""


class Ingestor:
    """Puts documents into an index and a vector store, as flows for both voices.

    Args:
        index: Where sources, words and, in a folder, vectors are kept.
        embedder: Makes the vectors.
        reader: Reads files.
        preparation: Cuts documents.
        store: Gives the vector store, or None while nobody has searched it yet; an index in a
            folder fills it when it is first wanted.
        batch_size: Texts that are embedded in one call, of several small files together.
    """

    def __init__(
        self,
        index: DocumentIndex,
        embedder: Embedder,
        *,
        reader: DocumentReader,
        preparation: Preparation,
        store: Callable[[], VectorStore | None],
        batch_size: int = 256,
    ) -> None:
        if batch_size < 1:
            raise ConfigurationError(f"batch_size must be at least 1, not {batch_size}")
        self._index = index
        self._embedder = embedder
        self._reader = reader
        self._preparation = preparation
        self._store = store
        self._batch_size = batch_size

    def file(self, path: Path, metadata: Mapping[str, Any]) -> Flow[list[Chunk]]:
        """Ingest one file, whatever is in the index already."""
        with self._index.writer():
            self._index.check_embedder(self._embedder)
            found = yield from offload(look, path)
            prepared = yield from offload(self._examiner(metadata).read, found)
            return (yield from self._store_batch([prepared]))

    def text(self, text: str, source: str, metadata: Mapping[str, Any]) -> Flow[list[Chunk]]:
        """Ingest a text; another text under the same source replaces it.

        Texts without a source of their own are told apart by their content.
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        # Half characters cannot be stored; what they are stands in the label instead.
        label = source.encode("utf-8", "backslashreplace").decode()
        name = f"text:{label}:{digest}" if source == MANUAL else f"text:{label}"
        record = SourceRecord(key=name.encode(), label=label, size=len(text), digest=digest)
        document = Document(content=text, source=label)
        with self._index.writer():
            self._index.check_embedder(self._embedder)
            examiner = self._examiner(metadata)
            prepared = yield from offload(examiner.cut, document, record, is_new=True)
            return (yield from self._store_batch([prepared]))

    def folder(
        self, directory: Path, pattern: str, metadata: Mapping[str, Any]
    ) -> Flow[IngestedChunks]:
        """Ingest all files of a folder again and return their chunks."""
        if not directory.is_dir():
            raise ConfigurationError(f"{directory} is not a folder; use ingest() for one file")
        chunks: list[Chunk] = []
        files = yield from offload(lambda: list(walk(directory, (pattern,))))
        selection = Selection(files=files)
        report = yield from self.files(selection, metadata, force=True, keep=chunks)
        return IngestedChunks(chunks, report)

    def update(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        include: Iterable[str] = EVERYTHING,
        exclude: Iterable[str] = (),
        progress: ProgressCallback | None = None,
    ) -> Flow[IngestionReport]:
        """Bring the index up to date with files and folders; see :meth:`RactoRAG.update`."""
        # A string is a sequence of letters too, and "." among them would be a folder.
        given = [paths] if isinstance(paths, str | Path) else paths
        named = [Path(path) for path in given]
        selection = yield from offload(select, self._index, named, include=include, exclude=exclude)
        return (yield from self.files(selection, {}, progress=progress))

    def files(
        self,
        selection: Selection,
        metadata: Mapping[str, Any],
        *,
        force: bool = False,
        keep: list[Chunk] | None = None,
        progress: ProgressCallback | None = None,
    ) -> Flow[IngestionReport]:
        """Ingest what was selected, and take out what is gone.

        Args:
            selection: Files, and the keys of sources to remove.
            metadata: The caller's facts.
            force: Whether to read files that did not change.
            keep: A list that gets all chunks; None keeps memory flat.
            progress: Told after each file.
        """
        began = time.perf_counter()
        tally = Tally()
        examiner = self._examiner(metadata)
        waiting: list[Prepared] = []
        meter = _Meter(selection.files, progress)
        with self._index.writer():
            # Before anything is read: a folder of hours would end in an error at its first batch.
            self._index.check_embedder(self._embedder)
            for file in selection.files:
                named = file.path in selection.named
                outcome = yield from offload(examiner.examine, file, named=named, force=force)
                if isinstance(outcome, Prepared):
                    # Whole files fill a batch as far as they go; a longer one has its own.
                    if _texts(waiting) + len(outcome.chunks) > self._batch_size:
                        yield from self._flush(waiting, tally, keep)
                    waiting.append(outcome)
                else:
                    _count(outcome, tally)
                meter.advance(file, tally)
            yield from self._flush(waiting, tally, keep)
            # Last, so that a renamed file is found under its new name before the old one goes.
            yield from self._remove(selection.gone, tally)
            yield from offload(self._describe)
        meter.finish(tally)
        return tally.report(time.perf_counter() - began)

    def clear(self) -> Flow[None]:
        """Remove everything from the index and the store."""
        with self._index.writer():
            yield from offload(self._index.clear)
            store = self._store()
            if store is not None:
                yield from step(store.clear, store.aclear)

    def _examiner(self, metadata: Mapping[str, Any]) -> Examiner:
        return Examiner(self._index, self._reader, preparation=self._preparation, metadata=metadata)

    def _describe(self) -> None:
        chunker = self._preparation.chunker
        size, overlap = getattr(chunker, "chunk_size", 0), getattr(chunker, "overlap", 0)
        self._index.describe_chunker(type(chunker).__name__, size, overlap)

    def _flush(self, waiting: list[Prepared], tally: Tally, keep: list[Chunk] | None) -> Flow[None]:
        stored = yield from self._store_batch(waiting)
        for entry in waiting:
            tally.added += entry.is_new
            tally.changed += not entry.is_new
            tally.bytes += entry.size
        tally.chunks += len(stored)
        if keep is not None:
            keep.extend(stored)
        waiting.clear()

    def _store_batch(self, prepared: Sequence[Prepared]) -> Flow[list[Chunk]]:
        """Embed the chunks of several sources together, then store each source by itself."""
        texts = [chunk.content for entry in prepared for chunk in entry.chunks]
        if not texts:
            return []
        vectors = yield from embed_all(self._embedder, texts, self._batch_size)
        if self._index.is_durable:
            yield from offload(self._index.bind_embedder, self._embedder, len(vectors[0]))
        stored: list[Chunk] = []
        for entry in prepared:
            start = len(stored)
            stored.extend(
                chunk.with_embedding(vectors[start + place])
                for place, chunk in enumerate(entry.chunks)
            )
            yield from self._commit(entry, stored[start:])
        return stored

    def _commit(self, entry: Prepared, chunks: list[Chunk]) -> Flow[None]:
        """Store a new version before the old one goes, so that no failure leaves neither."""
        record = entry.record
        store = self._store()
        if store is not None:
            yield from step(store.add, store.aadd, chunks)
            yield from self._drop_unknown(store, record, chunks)
        stale = yield from offload(self._index.replace, record, chunks, outline=entry.outline)
        filled = self._store()
        # A question of another thread filled one meanwhile, perhaps from the index as it was.
        if filled is not None and filled is not store:
            yield from step(filled.add, filled.aadd, chunks)
        if filled is not None and stale:
            yield from step(filled.delete, filled.adelete, stale)

    def _drop_unknown(
        self, store: VectorStore, record: SourceRecord, chunks: list[Chunk]
    ) -> Flow[None]:
        # An earlier process may have stored another version of the source, which the index in
        # memory of this one has never heard of.
        if self._index.is_durable or not isinstance(store, FilterDelete) or record.label == MANUAL:
            return
        if (yield from offload(self._index.source, record.key)) is None:
            old = {"source": record.label, "doc_id": {"$ne": chunks[0].doc_id}}
            yield from step(store.delete_where, store.adelete_where, old)

    def _remove(self, keys: Sequence[bytes], tally: Tally) -> Flow[None]:
        if not keys:
            return
        gone = yield from offload(self._index.remove, keys)
        store = self._store()
        if store is not None and gone:
            yield from step(store.delete, store.adelete, gone)
        tally.removed += len(keys)


def _texts(prepared: Sequence[Prepared]) -> int:
    return sum(len(entry.chunks) for entry in prepared)


def _count(outcome: Unchanged | Ignored | SkippedFile, tally: Tally) -> None:
    if isinstance(outcome, SkippedFile):
        tally.skipped.append(outcome)
    elif isinstance(outcome, Ignored):
        tally.ignored[outcome.extension] += 1
    else:
        tally.unchanged += 1


class _Meter:
    """Tells a callback how far the files are."""

    def __init__(self, files: Sequence[FoundFile], progress: ProgressCallback | None) -> None:
        self._progress = progress
        self._files = len(files)
        self._bytes = sum(file.size for file in files)
        self._done = self._done_bytes = 0

    def advance(self, file: FoundFile, tally: Tally) -> None:
        self._done += 1
        self._done_bytes += file.size
        self._tell(tally, file.label)

    def finish(self, tally: Tally) -> None:
        self._tell(tally, "")

    def _tell(self, tally: Tally, current: str) -> None:
        if self._progress is not None:
            self._progress(
                IngestionProgress(
                    files=self._done,
                    total_files=self._files,
                    bytes=self._done_bytes,
                    total_bytes=self._bytes,
                    chunks=tally.chunks,
                    current=current,
                )
            )
