"""The ingestion itself: read, cut, embed in batches, and store one whole source at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from racto.core.documents import Chunk, Document
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.stores import FilterDelete, VectorStore
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.offload import offload

from .examination import (
    DocumentReader,
    Duplicate,
    Examiner,
    Ignored,
    Outcome,
    Prepared,
    Unchanged,
    record_of,
)
from .folders import EVERYTHING, FoundFile, look
from .meter import Meter
from .preparation import Preparation
from .report import IngestedChunks, IngestionReport, ProgressCallback, SkippedFile, Tally
from .selection import Selection, select
from .twins import Twins
from .vectors import VectorMaker

_FILES_AT_ONCE = 200

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
        concurrency: Calls of the embedder that may be under way at once.
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
        concurrency: int = 1,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._reader = reader
        self._preparation = preparation
        self._store = store
        self._vectors = VectorMaker(embedder, index, batch_size=batch_size, concurrency=concurrency)

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
        record = record_of(text, source, source)
        if source == MANUAL:
            record = record_of(text, source, f"{source}:{record.digest}")
        document = Document(content=text, source=record.label)
        with self._index.writer():
            self._index.check_embedder(self._embedder)
            examiner = self._examiner(metadata)
            prepared = yield from offload(examiner.cut, document, record, is_new=True)
            return (yield from self._store_batch([prepared]))

    def documents(
        self, documents: Iterable[Document], metadata: Mapping[str, Any]
    ) -> Flow[IngestionReport]:
        """Ingest documents that were read elsewhere, many to a batch of the embedder."""
        began = time.perf_counter()
        with self._index.writer():
            self._index.check_embedder(self._embedder)
            job = _Job(selection=Selection(paths=()), examiner=self._examiner(metadata))
            given = _Batches(documents)
            while page := (yield from offload(given.next)):
                for document in page:
                    found = yield from offload(job.examiner.examine_document, document)
                    yield from self._put(job, found)
            yield from self._flush(job)
            yield from offload(self._describe)
            # What came before the source of the documents failed is stored all the same.
            given.raise_failure()
        return job.tally.report(time.perf_counter() - began)

    def folder(
        self, directory: Path, pattern: str, metadata: Mapping[str, Any]
    ) -> Flow[IngestedChunks]:
        """Ingest all files of a folder again and return their chunks."""
        if not directory.is_dir():
            raise ConfigurationError(f"{directory} is not a folder; use ingest() for one file")
        chunks: list[Chunk] = []
        selection = Selection(paths=(directory,), include=(pattern,))
        with self._index.writer():
            self._index.check_embedder(self._embedder)
            job = _Job(selection=selection, examiner=self._examiner(metadata), keep=chunks)
            report = yield from self._work(job, force=True)
        return IngestedChunks(chunks, report)

    def update(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        include: Iterable[str] = EVERYTHING,
        exclude: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        keep_duplicates: bool = False,
        dry_run: bool = False,
        progress: ProgressCallback | None = None,
    ) -> Flow[IngestionReport]:
        """Bring the index up to date with files and folders; see :meth:`RactoRAG.update`."""
        # A string is a sequence of letters too, and "." among them would be a folder.
        given = [paths] if isinstance(paths, str | Path) else paths
        named = [Path(path) for path in given]
        # Before anything is read: a folder of hours would end in an error at its first batch.
        self._index.check_embedder(self._embedder)
        with nullcontext() if dry_run else self._index.writer():
            selection = yield from offload(
                select, self._index, named, include=include, exclude=exclude
            )
            # Also when copies are kept: those of an earlier run may lose their holder in this one.
            twins = Twins(self._index, selection.gone)
            found_by = None if keep_duplicates else twins
            job = _Job(
                selection=selection,
                examiner=self._examiner(metadata or {}, twins=found_by, writes=not dry_run),
                twins=twins,
                progress=progress,
                is_dry_run=dry_run,
            )
            return (yield from self._work(job))

    def _work(self, job: _Job, *, force: bool = False) -> Flow[IngestionReport]:
        """Look at all files, store what is new, and take out what is gone."""
        began = time.perf_counter()
        meter = Meter(job.selection, job.progress)
        files = job.selection.walk()
        while page := (yield from offload(lambda: list(islice(files, _FILES_AT_ONCE)))):
            for file, is_named in page:
                yield from self._take(job, file, is_named=is_named, force=force)
                meter.advance(file, job.tally)
        yield from self._flush(job)
        # Last, so that a renamed file is found under its new name before the old one goes.
        yield from self._remove(job)
        yield from self._adopt(job)
        if not job.is_dry_run:
            yield from offload(self._describe)
            yield from offload(self._index.paid.expire)
        meter.finish(job.tally)
        return job.tally.report(time.perf_counter() - began, is_dry_run=job.is_dry_run)

    def _take(self, job: _Job, file: FoundFile, *, is_named: bool, force: bool) -> Flow[None]:
        outcome = yield from offload(job.examiner.examine, file, named=is_named, force=force)
        yield from self._put(job, outcome)

    def _put(self, job: _Job, outcome: Outcome) -> Flow[None]:
        if isinstance(outcome, Prepared):
            # Whole files fill a batch as far as they go; a longer one has its own.
            if job.texts() + len(outcome.chunks) > self._vectors.texts_at_once:
                yield from self._flush(job)
            job.waiting.append(outcome)
            # Nobody will embed them, and a dry run must not fill the memory.
            if job.is_dry_run:
                yield from self._flush(job)
        elif isinstance(outcome, Duplicate):
            if not job.is_dry_run:
                yield from self._set_aside(outcome.record)
            job.tally.duplicates += 1
        else:
            _count(outcome, job.tally)

    def _adopt(self, job: _Job) -> Flow[None]:
        """Read the duplicates whose twin has left or changed: they have to stand for themselves."""
        if job.twins is None or job.is_dry_run:
            return
        for key in (yield from offload(job.twins.orphans)):
            record = yield from offload(self._index.source, key)
            file = yield from offload(look, Path(os.fsdecode(key)))
            # What is gone leaves with the next run over its folder.
            if record is None or file.problem:
                continue
            if record.settings != job.examiner.settings:
                yield from offload(self._leave, job, record)
                continue
            yield from self._take(job, replace(file, name=record.label), is_named=True, force=True)
        yield from self._flush(job)

    def clear(self) -> Flow[None]:
        """Remove everything from the index and the store."""
        with self._index.writer():
            yield from offload(self._index.clear)
            store = self._store()
            if store is not None:
                yield from step(store.clear, store.aclear)

    def _leave(self, job: _Job, record: SourceRecord) -> None:
        """Say of a duplicate without a holder that this run must not read it as its own."""
        reason = "its twin was read with other settings or metadata; ingest it again with its own"
        self._index.note(replace(record, digest="", status="skipped", reason=reason))
        job.tally.skipped.append(
            SkippedFile(source=record.label, reason=reason, kind="DuplicateLeftAlone")
        )

    def _examiner(
        self, metadata: Mapping[str, Any], *, twins: Twins | None = None, writes: bool = True
    ) -> Examiner:
        return Examiner(
            self._index,
            self._reader,
            preparation=self._preparation,
            metadata=metadata,
            twins=twins,
            writes=writes,
        )

    def _describe(self) -> None:
        chunker = self._preparation.chunker
        size, overlap = getattr(chunker, "chunk_size", 0), getattr(chunker, "overlap", 0)
        self._index.describe_chunker(type(chunker).__name__, size, overlap)

    def _flush(self, job: _Job) -> Flow[None]:
        stored: list[Chunk] = []
        if not job.is_dry_run:
            stored = yield from self._store_batch(job.waiting)
        job.tally.chunks += job.texts()
        for entry in job.waiting:
            job.tally.added += entry.is_new
            job.tally.changed += not entry.is_new
            job.tally.bytes += entry.size
        if job.keep is not None:
            job.keep.extend(stored)
        job.waiting.clear()

    def _store_batch(self, prepared: Sequence[Prepared]) -> Flow[list[Chunk]]:
        """Embed the chunks of several sources together, then store each source by itself."""
        chunks = [chunk for entry in prepared for chunk in entry.chunks]
        if not chunks:
            return []
        vectors = yield from self._vectors.vectors(chunks)
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

    def _set_aside(self, record: SourceRecord) -> Flow[None]:
        """Keep a duplicate by its name only; passages that it had before go."""
        gone = yield from offload(self._index.replace, record, ())
        store = self._store()
        if store is not None and gone:
            yield from step(store.delete, store.adelete, gone)

    def _commit(self, entry: Prepared, chunks: list[Chunk]) -> Flow[None]:
        """Store a new version before the old one goes, so that no failure leaves neither."""
        record = entry.record
        store = self._store()
        if store is not None:
            yield from step(store.add, store.aadd, chunks)
            yield from self._drop_unknown(store, record, chunks)
        stale = yield from offload(self._index.replace, record, chunks, outline=entry.outline)
        yield from offload(self._index.paid.drop, [chunk.chunk_id for chunk in chunks])
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

    def _remove(self, job: _Job) -> Flow[None]:
        keys = job.selection.gone
        job.tally.removed += len(keys)
        if not keys or job.is_dry_run:
            return
        gone = yield from offload(self._index.remove, keys)
        store = self._store()
        if store is not None and gone:
            yield from step(store.delete, store.adelete, gone)


class _Batches:
    """The items of somebody's iterable some at a time, up to where it fails."""

    def __init__(self, items: Iterable[Document]) -> None:
        self._items = iter(items)
        self._failure: Exception | None = None

    def next(self) -> list[Document]:
        batch: list[Document] = []
        # An iterator that failed could be asked again, and would seem to have lost nothing.
        if self._failure is not None:
            return batch
        try:
            batch.extend(islice(self._items, _FILES_AT_ONCE))
        except Exception as error:
            self._failure = error
        return batch

    def raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


@dataclass(slots=True, kw_only=True)
class _Job:
    """One run over a selection, and how far it is."""

    selection: Selection
    examiner: Examiner
    twins: Twins | None = None
    progress: ProgressCallback | None = None
    is_dry_run: bool = False
    keep: list[Chunk] | None = None
    tally: Tally = field(default_factory=Tally)
    waiting: list[Prepared] = field(default_factory=list)

    def texts(self) -> int:
        """How many chunks wait for their vectors."""
        return sum(len(entry.chunks) for entry in self.waiting)


def _count(outcome: Unchanged | Ignored | SkippedFile, tally: Tally) -> None:
    if isinstance(outcome, SkippedFile):
        tally.skipped.append(outcome)
    elif isinstance(outcome, Ignored):
        tally.ignored[outcome.extension] += 1
    else:
        tally.unchanged += 1
