"""RactoRAG: documents in, cited answers out, with every part exchangeable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from racto.core import discovery
from racto.core.answers import RAGResponse as RAGResponse
from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, threaded
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit
from racto.core.protocols.chunkers import Chunker
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.processors import TextProcessor
from racto.core.protocols.retrievers import Retriever
from racto.core.protocols.stores import VectorStore
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry import NOOP_TRACER

from .answers.context import DEFAULT_TEMPLATE, check_template
from .answers.extractive import ExtractiveAnswerer
from .answers.generated import GeneratedAnswerer
from .chunkers import RecursiveChunker
from .index import DocumentIndex
from .ingestion.examination import DocumentReader
from .ingestion.folders import EVERYTHING
from .ingestion.ingestor import Ingestor
from .ingestion.preparation import Preparation
from .ingestion.report import IngestedChunks, IngestionReport, ProgressCallback
from .processors import TextCleaner
from .questions import Finder, GenerationSettings, Respondent, RetrievalMode
from .readers import FileReaderRegistry
from .shelf import Shelf

T = TypeVar("T")

DEFAULT_EMBEDDER = "local"
"""The entry point, in the group ``racto.embedders``, that is used when no embedder is given."""


class RactoRAG:
    """Ingests documents, finds passages, and answers questions with citations.

    Every part comes in by protocol; what is left out is found among the installed racto
    packages: the memory store, the local embedder. Without ``llm_kit`` questions are answered
    by quoting the documents (the reference package raises RuntimeError). Safe to share between
    threads and tasks.

    Args:
        vector_store: Any vector store.
        embedder: Any embedder.
        store: Another name of ``vector_store``.
        chunker: Cuts documents; ``RecursiveChunker(chunk_size=512, overlap=50)`` by default.
        processors: Rewrite each chunk before it is embedded; ``[TextCleaner()]`` by default.
            With an empty list citations quote the documents character by character.
        llm_kit: A chat kit that writes the answers.
        context_template: Text with ``{context}`` and ``{question}`` that the kit gets.
        reader_registry: Reads files; by default with all built-in readers.
        default_prompt: System prompt of the answers.
        index: Folder, or an open index, that keeps everything on disk; in memory when None. A
            folder is made when missing.
        mode: How chunks are found. The reference package knows ``vector`` only.
        weights: How much the rankings ``vector`` and ``keywords`` count in ``hybrid`` mode.
        retriever: Replaces the built-in retrieval altogether.
        answerer: Answers when there is no kit.
        batch_size: Texts that are embedded in one call.
        context_tokens: Most tokens of the context that the kit gets.
        tracer: Gets a span for each ingestion, retrieval and answer.

    Raises:
        ConfigurationError: If two different stores are given, or the template lacks a placeholder.
        PluginNotFoundError: If a part is left out and none is installed; the message holds the
            install line.
    """

    def __init__(
        self,
        vector_store: VectorStore | None = None,
        embedder: Embedder | None = None,
        *,
        store: VectorStore | None = None,
        chunker: Chunker | None = None,
        processors: Sequence[TextProcessor] | None = None,
        llm_kit: ChatKit | None = None,
        context_template: str | None = None,
        reader_registry: DocumentReader | None = None,
        default_prompt: RactoPrompt | None = None,
        index: DocumentIndex | str | Path | None = None,
        mode: RetrievalMode = "hybrid",
        weights: Mapping[str, float] | None = None,
        retriever: Retriever | None = None,
        answerer: ExtractiveAnswerer | None = None,
        batch_size: int = 256,
        context_tokens: int = 6000,
        tracer: Tracer = NOOP_TRACER,
    ) -> None:
        if vector_store is not None and store is not None and vector_store is not store:
            raise ConfigurationError("give vector_store or store, which are one parameter, once")
        # Checked even when no kit would use it: the mistake is the caller's today.
        check_template(context_template or DEFAULT_TEMPLATE)
        self._embedder: Embedder = embedder or discovery.create("racto.embedders", DEFAULT_EMBEDDER)
        self._own_index = not isinstance(index, DocumentIndex)
        self._index = (
            index if isinstance(index, DocumentIndex) else DocumentIndex(index, create=True)
        )
        self._shelf = Shelf(self._index, vector_store if vector_store is not None else store)
        self._tracer = tracer
        # Only the embedder that runs in this process is free to compare sentences with.
        cheap = self._embedder if embedder is None else None
        self._respondent = Respondent(
            retriever
            or Finder(
                self._index, self._embedder, shelf=self._shelf, mode=mode, weights=weights or {}
            ),
            self._index,
            extractive=answerer or ExtractiveAnswerer(cheap),
            generated=GeneratedAnswerer(
                llm_kit, template=context_template, prompt=default_prompt, budget=context_tokens
            )
            if llm_kit is not None
            else None,
            budget=context_tokens,
        )
        self._ingestor = Ingestor(
            self._index,
            self._embedder,
            reader=reader_registry or FileReaderRegistry(),
            preparation=Preparation(
                chunker or RecursiveChunker(chunk_size=512, overlap=50),
                [TextCleaner()] if processors is None else processors,
            ),
            store=self._shelf.current,
            batch_size=batch_size,
        )

    @property
    def store(self) -> VectorStore:
        """The vector store; the first look at it may fill it from the index."""
        return self._shelf.open()

    @property
    def embedder(self) -> Embedder:
        """The embedder."""
        return self._embedder

    @property
    def index(self) -> DocumentIndex:
        """The index of words and sources; in a folder also of the vectors."""
        return self._index

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

    def update(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        include: Iterable[str] = EVERYTHING,
        exclude: Iterable[str] = (),
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
            progress: Told after each file.

        Raises:
            ConfigurationError: If a path does not exist, or the index holds vectors of another
                embedder.
            DimensionMismatchError: If it holds vectors of another length.
            IndexLockedError: If another process is writing to the index.
            EmbeddingError: If the embedder fails; the files before it are stored.
        """
        return run(self._updated(paths, include, exclude, progress))

    async def aupdate(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        include: Iterable[str] = EVERYTHING,
        exclude: Iterable[str] = (),
        progress: ProgressCallback | None = None,
    ) -> IngestionReport:
        """Async twin of :meth:`update`."""
        return await arun(self._updated(paths, include, exclude, progress))

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the passages that fit a question best.

        Args:
            query: The question, or keywords.
            top_k: Most results, at least 1.
            filters: Metadata filter as :mod:`racto.core.filters` defines it.

        Returns:
            Best first, ranks from 1. In ``hybrid`` mode a score of 1.0 means first in both
            rankings, and ``scores`` holds each ranking's own.
        """
        return run(self._retrieve(query, top_k, filters))

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`retrieve`."""
        return await arun(self._retrieve(query, top_k, filters))

    def query(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
    ) -> RAGResponse:
        """Answer a question from the documents.

        Args:
            question: The question.
            top_k: Most passages to answer from.
            filters: Metadata filter for the passages.
            prompt: System prompt for this answer.
            temperature: Sampling temperature. None, the default, leaves it to the model: several
                of today's providers refuse the reference package's 0.0.
            max_tokens: Most tokens of the answer.

        Returns:
            The answer with its sources and checked citations. ``is_grounded`` is false when the
            documents do not hold the answer.
        """
        settings = GenerationSettings(prompt=prompt, temperature=temperature, max_tokens=max_tokens)
        return run(self._query(question, top_k, filters, settings))

    async def aquery(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
    ) -> RAGResponse:
        """Async twin of :meth:`query`."""
        settings = GenerationSettings(prompt=prompt, temperature=temperature, max_tokens=max_tokens)
        return await arun(self._query(question, top_k, filters, settings))

    def _updated(
        self,
        paths: str | Path | Iterable[str | Path],
        include: Iterable[str],
        exclude: Iterable[str],
        progress: ProgressCallback | None,
    ) -> Flow[IngestionReport]:
        flow = self._ingestor.update(paths, include=include, exclude=exclude, progress=progress)
        return self._traced("update", flow)

    def _retrieve(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        return self._traced("retrieve", self._respondent.retrieve(query, top_k, filters))

    def _query(
        self,
        question: str,
        top_k: int,
        filters: Mapping[str, Any] | None,
        settings: GenerationSettings,
    ) -> Flow[RAGResponse]:
        return self._traced("query", self._respondent.query(question, top_k, filters, settings))

    def _traced(self, name: str, flow: Flow[T]) -> Flow[T]:
        with self._tracer.span(f"rag {name}", kind="internal"):
            return (yield from flow)

    def count(self) -> int:
        """How many chunks are stored."""
        store = self._shelf.current()
        return self._index.count() if store is None else store.count()

    acount = threaded(count)

    def clear(self) -> None:
        """Remove everything that was ingested."""
        run(self._ingestor.clear())

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        await arun(self._ingestor.clear())

    def close(self) -> None:
        """Give back the index and the store, unless they were handed in; twice is fine."""
        self._shelf.close()
        if self._own_index:
            self._index.close()

    aclose = threaded(close)

    def __enter__(self) -> RactoRAG:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
