"""PageIndexRAG: documents in, cited answers out, found by words alone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from racto.core.answers import RAGResponse
from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, threaded
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit
from racto.rag.answers.context import DEFAULT_TEMPLATE, check_template
from racto.rag.answers.extractive import ExtractiveAnswerer
from racto.rag.answers.generated import GeneratedAnswerer
from racto.rag.ingestion.examination import DocumentReader
from racto.rag.ingestion.preparation import without_surrogates
from racto.rag.ingestion.report import IngestedChunks
from racto.rag.offload import offload
from racto.rag.readers import FileReaderRegistry

from . import snapshots
from .intake import PageIntake
from .page_chunker import PageChunker
from .page_index import PageIndex
from .responses import PageAnswers


class PageIndexRAG:
    """Ingests documents page by page, finds pages by BM25, and answers with citations.

    It needs no embedder and no vector store, and everything is in memory: right for a few
    thousand documents whose words are known to those who ask. :meth:`save` keeps it in a file.
    The reference package looks a question up among each page's top keywords only; here every word
    of a page counts, and the keywords are kept as facts. Safe to share between threads and tasks.

    Args:
        llm_kit: A chat kit that writes the answers; without one the pages are quoted.
        page_size: Most characters of a page; a document's own pages are kept, and cut when longer.
        overlap: Characters that two windows of one page or document share.
        top_keywords: Most keywords that are kept for each page, in
            ``metadata.extra["top_keywords"]``, for filters and people; 0 keeps none.
        k1: BM25's constant for repetitions.
        b: BM25's constant for lengths.
        reader_registry: Reads files; by default with all built-in readers.
        context_template: Text with ``{context}`` and ``{question}`` that the kit gets.
        default_prompt: System prompt of the answers.
        answerer: Answers when there is no kit.
        context_tokens: Most tokens of the context that the kit gets.

    Raises:
        ConfigurationError: If a number is out of its range, or the template lacks a placeholder.
    """

    def __init__(
        self,
        llm_kit: ChatKit | None = None,
        *,
        page_size: int = 1000,
        overlap: int = 100,
        top_keywords: int = 20,
        k1: float = 1.5,
        b: float = 0.75,
        reader_registry: DocumentReader | None = None,
        context_template: str | None = None,
        default_prompt: RactoPrompt | None = None,
        answerer: ExtractiveAnswerer | None = None,
        context_tokens: int = 6000,
    ) -> None:
        # Before the index: a mistake is told at once, and not at the first file.
        if top_keywords < 0:
            raise ConfigurationError(f"top_keywords must be 0 or more, not {top_keywords}")
        self._index = PageIndex(k1=k1, b=b)
        self._intake = PageIntake(
            self._index,
            reader_registry or FileReaderRegistry(),
            chunker=PageChunker(page_size, overlap),
            top_keywords=top_keywords,
        )
        # Checked even when no kit would use it: the mistake is the caller's today.
        check_template(context_template or DEFAULT_TEMPLATE)
        generated = None
        if llm_kit is not None:
            generated = GeneratedAnswerer(
                llm_kit, template=context_template, prompt=default_prompt, budget=context_tokens
            )
        self._answers = PageAnswers(
            self._index,
            generated,
            extractive=answerer or ExtractiveAnswerer(),
            budget=context_tokens,
        )

    @property
    def index(self) -> PageIndex:
        """The index of pages, which is a retriever to combine with others."""
        return self._index

    def ingest(self, path: str | Path, **metadata: Any) -> list[Chunk]:
        """Read a file and index its pages; its earlier version is replaced.

        Args:
            path: The file.
            **metadata: Facts kept in every page's ``metadata.extra``, to filter by.

        Returns:
            The pages as stored.

        Raises:
            FileNotFoundError: If there is no such file.
            ReadError: If it cannot be read or holds no text. Nothing is changed then.
            ConfigurationError: If the metadata holds what JSON cannot express.
        """
        return run(offload(self._intake.file, Path(path), metadata))

    async def aingest(self, path: str | Path, **metadata: Any) -> list[Chunk]:
        """Async twin of :meth:`ingest`."""
        return await arun(offload(self._intake.file, Path(path), metadata))

    def ingest_dir(
        self, directory: str | Path, pattern: str = "**/*", **metadata: Any
    ) -> IngestedChunks:
        """Ingest all files of a folder that a reader exists for.

        Hidden files are left out. A file that cannot be read stands in ``report.skipped`` and
        does not stop the others.

        Args:
            directory: The folder.
            pattern: Glob of the files to take, relative to the folder.
            **metadata: Facts kept in every page's ``metadata.extra``.

        Returns:
            The pages as a list, with the attribute ``report``.

        Raises:
            ConfigurationError: If there is no such folder.
        """
        return run(offload(self._intake.folder, Path(directory), pattern, metadata))

    async def aingest_dir(
        self, directory: str | Path, pattern: str = "**/*", **metadata: Any
    ) -> IngestedChunks:
        """Async twin of :meth:`ingest_dir`."""
        return await arun(offload(self._intake.folder, Path(directory), pattern, metadata))

    def ingest_text(self, text: str, source: str = "manual", **metadata: Any) -> list[Chunk]:
        """Ingest a text.

        Args:
            text: The text.
            source: Its name in citations. Another text with the same name replaces it, except
                under the default name, where texts are told apart by their content.
            **metadata: Facts kept in every page's ``metadata.extra``.

        Returns:
            The pages as stored.

        Raises:
            EmptyDocumentError: If the text holds nothing but white space.
        """
        return run(offload(self._intake.text, text, source, metadata))

    async def aingest_text(self, text: str, source: str = "manual", **metadata: Any) -> list[Chunk]:
        """Async twin of :meth:`ingest_text`."""
        return await arun(offload(self._intake.text, text, source, metadata))

    def remove(self, source: str | Path) -> int:
        """Forget a file, by its path, or a text, by its name; returns how many pages went."""
        return self._intake.remove(source)

    aremove = threaded(remove)

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the pages that fit a question best.

        Args:
            query: The question, or keywords.
            top_k: Most results, at least 1.
            filters: Metadata filter as :mod:`racto.core.filters` defines it.

        Returns:
            A :class:`~racto.rag.pages.PageResult` each, with ``matched_terms`` and
            ``section_title``; best first, ranks from 1.
        """
        return self._index.retrieve(without_surrogates(query), top_k, filters)

    aretrieve = threaded(retrieve)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order."""
        return [self.retrieve(query, top_k, filters) for query in queries]

    aretrieve_batch = threaded(retrieve_batch)

    def query(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
    ) -> RAGResponse:
        """Answer a question from the pages.

        Args:
            question: The question.
            top_k: Most pages to answer from.
            filters: Metadata filter for the pages.
            prompt: System prompt for this answer.
            temperature: Sampling temperature; None leaves it to the model.
            max_tokens: Most tokens of the answer.

        Returns:
            The answer with its sources and checked citations. ``is_grounded`` is false when the
            pages do not hold the answer.
        """
        options = {"prompt": prompt, "temperature": temperature, "max_tokens": max_tokens}
        return run(self._queried(question, top_k, filters, options))

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
        options = {"prompt": prompt, "temperature": temperature, "max_tokens": max_tokens}
        return await arun(self._queried(question, top_k, filters, options))

    def save(self, path: str | Path) -> None:
        """Write the pages to a file of JSON lines, in one step.

        Raises:
            StoreError: If it cannot be written; the old file is as it was.
        """
        snapshots.save(Path(path), self._index.sources())

    asave = threaded(save)

    def load(self, path: str | Path, *, max_bytes: int = snapshots.MAX_BYTES) -> None:
        """Hold what a file holds, instead of what is held now.

        Args:
            path: What :meth:`save` wrote.
            max_bytes: Largest file to read, in bytes.

        Raises:
            ConfigurationError: If there is no such file.
            IndexCorruptError: If it is damaged, too large, or something else. Nothing is changed.
            StoreError: If it cannot be read.
        """
        self._index.replace_all(snapshots.load(Path(path), max_bytes))

    aload = threaded(load)

    def count(self) -> int:
        """How many pages are indexed."""
        return self._index.count()

    acount = threaded(count)

    def clear(self) -> None:
        """Forget everything that was ingested."""
        self._index.clear()

    aclear = threaded(clear)

    def _queried(
        self,
        question: str,
        top_k: int,
        filters: Mapping[str, Any] | None,
        options: Mapping[str, Any],
    ) -> Flow[RAGResponse]:
        question = without_surrogates(question)
        began = time.perf_counter()
        results = yield from offload(self._index.retrieve, question, top_k, filters)
        found = time.perf_counter()
        response = yield from self._answers.flow(question, results, options)
        timings = {"search": found - began, "answer": time.perf_counter() - found}
        return replace(response, timings=timings)
