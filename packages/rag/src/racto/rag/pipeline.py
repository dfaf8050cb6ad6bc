"""RactoRAG: documents in, cited answers out, with every part exchangeable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from racto.core import discovery
from racto.core.answers import RAGResponse as RAGResponse
from racto.core.errors import ConfigurationError
from racto.core.flows import arun, run, threaded
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit
from racto.core.protocols.chunkers import Chunker
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.memories import ChatMemory
from racto.core.protocols.processors import TextProcessor
from racto.core.protocols.retrievers import Retriever
from racto.core.protocols.stores import VectorStore
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry import NOOP_TRACER

from .answers.context import DEFAULT_TEMPLATE, check_template
from .answers.conversations import Conversations
from .answers.extractive import ExtractiveAnswerer
from .answers.generated import GeneratedAnswerer
from .chunkers import RecursiveChunker
from .desk import QuestionDesk
from .index import DocumentIndex
from .ingestion.examination import DocumentReader
from .ingestion.ingestor import Ingestor
from .ingestion.preparation import Preparation
from .intake import DocumentIntake
from .processors import TextCleaner
from .questions import Finder, RetrievalMode
from .readers import FileReaderRegistry
from .respondent import Respondent
from .shelf import Shelf

DEFAULT_EMBEDDER = "local"
"""The entry point, in the group ``racto.embedders``, that is used when no embedder is given."""


class RactoRAG(DocumentIntake, QuestionDesk):
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
        weights: How much the rankings ``vector`` and ``keywords`` count in ``hybrid`` mode: 1.0
            and 1.5 unless given.
        retriever: Replaces the built-in retrieval altogether, or, when it is a function, gets
            the built-in retriever and returns one around it: ``lambda found:
            RerankingRetriever(found, reranker)``.
        answerer: Answers when there is no kit.
        memory: Keeps conversations, for questions with a ``conversation_id``.
        batch_size: Texts that are embedded in one call.
        concurrency: Calls of the embedder that an ingestion has under way at once. Services are
            ingested into much faster with 4 to 16; an embedder in this process gains nothing.
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
        retriever: Retriever | Callable[[Retriever], Retriever] | None = None,
        answerer: ExtractiveAnswerer | None = None,
        memory: ChatMemory | None = None,
        batch_size: int = 256,
        concurrency: int = 1,
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
        finder = Finder(
            self._index, self._embedder, shelf=self._shelf, mode=mode, weights=weights or {}
        )
        self._retriever = _chosen(retriever, finder)
        self._respondent = Respondent(
            self._retriever,
            self._index,
            extractive=answerer or ExtractiveAnswerer(cheap),
            generated=GeneratedAnswerer(
                llm_kit, template=context_template, prompt=default_prompt, budget=context_tokens
            )
            if llm_kit is not None
            else None,
            conversations=Conversations(memory, llm_kit),
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
            concurrency=concurrency,
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
    def retriever(self) -> Retriever:
        """What finds the passages, for an evaluation or another pipeline."""
        return self._retriever

    @property
    def index(self) -> DocumentIndex:
        """The index of words and sources; in a folder also of the vectors."""
        return self._index

    def count(self) -> int:
        """How many chunks are stored."""
        if self._index.is_durable:
            return self._index.count()
        return self._shelf.open().count()

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


def _chosen(
    given: Retriever | Callable[[Retriever], Retriever] | None, finder: Retriever
) -> Retriever:
    if given is None:
        return finder
    # A class has a retriever's methods too, and is a function that makes one.
    is_made = isinstance(given, Retriever) and not isinstance(given, type)
    return given if is_made else given(finder)  # type: ignore[return-value, operator]
