"""What a pipeline takes in: files, folders, texts, each replacing its earlier version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from racto.core.documents import Chunk, Document
from racto.core.flows import arun, run

from .ingestion.folders import EVERYTHING
from .ingestion.ingestor import Ingestor
from .ingestion.report import IngestedChunks, IngestionReport, ProgressCallback
from .spans import Traced


class DocumentIntake(Traced):
    """The methods of :class:`~racto.rag.RactoRAG` that put documents into it."""

    _ingestor: Ingestor

    def ingest(self, path: str | Path, **metadata: Any) -> list[Chunk]:
        """Read, cut, embed and store one file; its earlier version is replaced.

        Args:
            path: The file.
            **metadata: Facts kept in every chunk's ``metadata.extra``, to filter by.

        Returns:
            The chunks as stored.

        Raises:
            FileNotFoundError: If there is no such file.
            ReadError: If it cannot be read; the subclass says why. Nothing is changed then.
            EmbeddingError: If the embedder fails or returns another number of vectors.
            IndexLockedError: If another process is writing to the index.
        """
        return run(self._traced("ingest", self._ingestor.file(Path(path), metadata)))

    async def aingest(self, path: str | Path, **metadata: Any) -> list[Chunk]:
        """Async twin of :meth:`ingest`."""
        return await arun(self._traced("ingest", self._ingestor.file(Path(path), metadata)))

    def ingest_dir(
        self, directory: str | Path, pattern: str = "**/*", **metadata: Any
    ) -> IngestedChunks:
        """Ingest all files of a folder that a reader exists for.

        Hidden files are left out. A file that cannot be read does not stop the others (the
        reference package either stops or forgets it): it stands in ``report.skipped``.

        Args:
            directory: The folder.
            pattern: Glob of the files to take, relative to the folder.
            **metadata: Facts kept in every chunk's ``metadata.extra``.

        Returns:
            The chunks as a list, with the attribute ``report``.

        Raises:
            ConfigurationError: If there is no such folder.
            EmbeddingError: As :meth:`ingest` does; the files before it are stored.
        """
        flow = self._ingestor.folder(Path(directory), pattern, metadata)
        return run(self._traced("ingest_dir", flow))

    async def aingest_dir(
        self, directory: str | Path, pattern: str = "**/*", **metadata: Any
    ) -> IngestedChunks:
        """Async twin of :meth:`ingest_dir`."""
        flow = self._ingestor.folder(Path(directory), pattern, metadata)
        return await arun(self._traced("ingest_dir", flow))

    def ingest_text(self, text: str, source: str = "manual", **metadata: Any) -> list[Chunk]:
        """Ingest a text.

        Args:
            text: The text.
            source: Its name in citations. Another text with the same name replaces it, except
                under the default name, where texts are told apart by their content.
            **metadata: Facts kept in every chunk's ``metadata.extra``.

        Returns:
            The chunks as stored.

        Raises:
            EmptyDocumentError: If the text holds nothing but white space.
            EmbeddingError: As :meth:`ingest` does.
        """
        return run(self._traced("ingest_text", self._ingestor.text(text, source, metadata)))

    async def aingest_text(self, text: str, source: str = "manual", **metadata: Any) -> list[Chunk]:
        """Async twin of :meth:`ingest_text`."""
        return await arun(self._traced("ingest_text", self._ingestor.text(text, source, metadata)))

    def ingest_documents(self, documents: Iterable[Document], **metadata: Any) -> IngestionReport:
        """Ingest documents from elsewhere: a database, an API, a reader of your own.

        Each is known by its ``source`` and replaces the one with that source; one that is the
        same as before is not embedded again. Texts of several documents are embedded together,
        and documents may come from a generator: no more are held than a batch takes.

        Args:
            documents: Any number of them.
            **metadata: Facts kept in every chunk's ``metadata.extra``, beside the documents' own.

        Returns:
            What was done; documents without text are skipped, with their reason.

        Raises:
            EmbeddingError: As :meth:`ingest` does; the documents before it are stored.
            IndexLockedError: If another process is writing to the index.
        """
        flow = self._ingestor.documents(documents, metadata)
        return run(self._traced("ingest_documents", flow))

    async def aingest_documents(
        self, documents: Iterable[Document], **metadata: Any
    ) -> IngestionReport:
        """Async twin of :meth:`ingest_documents`."""
        flow = self._ingestor.documents(documents, metadata)
        return await arun(self._traced("ingest_documents", flow))

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
    ) -> IngestionReport:
        """Bring the index up to date with files and folders, reading only what changed.

        A file with the size and time of its last ingestion is not opened; one whose content is
        the same is not embedded again. Sources whose files are gone, or are left out by the
        patterns now, are removed. Every file is finished or untouched: after an interruption the
        same call goes on where it ended.

        Args:
            paths: Files and folders, or one of them.
            include: Globs of files to take, relative to each folder.
            exclude: Globs of files and folders to leave out.
            metadata: Facts kept in every chunk's ``metadata.extra``, to filter by. Other facts
                than the last time make all files be read again.
            keep_duplicates: Whether to ingest every one of several files with the same bytes
                (and extension). Otherwise the first stands for all; should it leave or change,
                another takes its place.
            dry_run: Whether to read and cut only, and report what would be done.
            progress: Told after each file.

        Raises:
            ConfigurationError: If a path does not exist, or the index holds vectors of another
                embedder.
            DimensionMismatchError: If it holds vectors of another length.
            IndexLockedError: If another process is writing to the index.
            EmbeddingError: If the embedder fails; the files before it are stored.
        """
        flow = self._ingestor.update(
            paths,
            include=include,
            exclude=exclude,
            metadata=metadata,
            keep_duplicates=keep_duplicates,
            dry_run=dry_run,
            progress=progress,
        )
        return run(self._traced("update", flow))

    async def aupdate(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        include: Iterable[str] = EVERYTHING,
        exclude: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        keep_duplicates: bool = False,
        dry_run: bool = False,
        progress: ProgressCallback | None = None,
    ) -> IngestionReport:
        """Async twin of :meth:`update`."""
        flow = self._ingestor.update(
            paths,
            include=include,
            exclude=exclude,
            metadata=metadata,
            keep_duplicates=keep_duplicates,
            dry_run=dry_run,
            progress=progress,
        )
        return await arun(self._traced("update", flow))
