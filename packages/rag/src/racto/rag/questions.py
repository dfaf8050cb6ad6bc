"""From a question to passages, and from passages to an answer, as flows for both voices."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from racto.core.answers import Citation, RAGResponse
from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, step
from racto.core.prompts import RactoPrompt
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.retrievers import Retriever
from racto.core.responses import LLMResponse
from racto.core.usage import Usage

from .answers.citations import place_citations
from .answers.context import pack, token_counter
from .answers.extractive import ExtractiveAnswerer
from .answers.generated import GeneratedAnswerer
from .index import DocumentIndex
from .index.words import content_words
from .ingestion.preparation import without_surrogates
from .offload import offload
from .retrieval.hybrid import HybridRetriever
from .retrieval.keywords import KeywordRetriever
from .retrieval.vector import VectorRetriever
from .shelf import Shelf

RetrievalMode: TypeAlias = Literal["hybrid", "vector", "keywords"]
"""How chunks are found: by meaning, by words, or by both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """How a kit is to write one answer; see :meth:`RactoRAG.query`."""

    prompt: RactoPrompt | None = None
    temperature: float | None = None
    max_tokens: int = 2048


class Finder:
    """Finds passages by the mode that was chosen.

    Args:
        index: Searched for words.
        embedder: Embeds questions.
        shelf: Gives the vector store.
        mode: How chunks are found.
        weights: How much each ranking counts in ``hybrid`` mode.
    """

    def __init__(
        self,
        index: DocumentIndex,
        embedder: Embedder,
        *,
        shelf: Shelf,
        mode: RetrievalMode,
        weights: Mapping[str, float],
    ) -> None:
        if mode not in ("hybrid", "vector", "keywords"):
            raise ConfigurationError(f"mode is hybrid, vector or keywords, not {mode!r}")
        if unknown := weights.keys() - {"vector", "keywords"}:
            raise ConfigurationError(f"weights are for vector and keywords, not {sorted(unknown)}")
        self._index = index
        self._embedder = embedder
        self._shelf = shelf
        self._mode = mode
        self._weights = weights

    def flow(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        """The steps of one retrieval."""
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        retriever = yield from self._retriever()
        return (yield from step(retriever.retrieve, retriever.aretrieve, query, top_k, filters))

    def _retriever(self) -> Flow[Retriever]:
        keywords = KeywordRetriever(self._index)
        if self._mode == "keywords":
            return keywords
        # Vectors of another model give an answer too, only a wrong one.
        yield from offload(self._index.check_embedder, self._embedder)
        store = yield from self._shelf.opened()
        vector = VectorRetriever(store, self._embedder)
        if self._mode == "vector":
            return vector
        rankings: dict[str, Retriever] = {"vector": vector, "keywords": keywords}
        return HybridRetriever(rankings, weights=self._weights)


class Respondent:
    """Answers questions from what a finder finds.

    Args:
        finder: Finds passages; any retriever will do.
        index: Tells how rare words are.
        extractive: Answers when there is no kit.
        generated: Answers with a kit.
        budget: Most tokens of the context.
    """

    def __init__(
        self,
        finder: Finder | Retriever,
        index: DocumentIndex,
        *,
        extractive: ExtractiveAnswerer,
        generated: GeneratedAnswerer | None,
        budget: int,
    ) -> None:
        self._finder = finder
        self._index = index
        self._extractive = extractive
        self._generated = generated
        self._budget = budget

    def retrieve(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        """The steps of one retrieval."""
        query = without_surrogates(query)
        if isinstance(self._finder, Finder):
            return self._finder.flow(query, top_k, filters)
        return step(self._finder.retrieve, self._finder.aretrieve, query, top_k, filters)

    def query(
        self,
        question: str,
        top_k: int,
        filters: Mapping[str, Any] | None,
        settings: GenerationSettings,
    ) -> Flow[RAGResponse]:
        """The steps of one answer."""
        question = without_surrogates(question)
        began = time.perf_counter()
        results = yield from self.retrieve(question, top_k, filters)
        found = time.perf_counter()
        # Asking a model about no sources at all would only invite it to invent some.
        if self._generated is not None and results:
            response = yield from self._write(self._generated, question, results, settings)
        else:
            response = yield from self._quote(question, results)
        timings = {"search": found - began, "answer": time.perf_counter() - found}
        return replace(response, timings=timings)

    def _write(
        self,
        answerer: GeneratedAnswerer,
        question: str,
        results: list[RetrievalResult],
        settings: GenerationSettings,
    ) -> Flow[RAGResponse]:
        written = yield from answerer.flow(
            question,
            results,
            prompt=settings.prompt,
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
        )
        citations = yield from self._placed(written.citations, results)
        return RAGResponse(
            answer=written.response,
            sources=results,
            query=question,
            context_used=written.context,
            citations=citations,
            is_grounded=written.is_grounded,
        )

    def _quote(self, question: str, results: list[RetrievalResult]) -> Flow[RAGResponse]:
        words = content_words(question)
        counts = yield from offload(self._index.chunks.frequencies, words)
        total = yield from offload(self._index.count)
        quoted = yield from self._extractive.flow(question, results, counts=counts, total=total)
        citations = yield from self._placed(quoted.citations, results)
        answer = LLMResponse(
            content=quoted.text, usage=Usage.nothing(), provider="racto", model="extractive"
        )
        return RAGResponse(
            answer=answer,
            sources=results,
            query=question,
            context_used=pack(results, self._budget, token_counter(None)).text,
            citations=citations,
            is_grounded=quoted.is_grounded,
        )

    def _placed(
        self, citations: tuple[Citation, ...], results: list[RetrievalResult]
    ) -> Flow[tuple[Citation, ...]]:
        if not citations:
            return ()
        return (yield from offload(place_citations, citations, results, self._index.outline))
