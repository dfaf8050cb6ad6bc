"""Answers from pages: written by a kit, or quoted, with citations placed in their documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.answers import Citation, RAGResponse
from racto.core.documents import RetrievalResult
from racto.core.flows import Flow
from racto.core.responses import LLMResponse
from racto.core.usage import Usage
from racto.rag.answers.citations import place_citations
from racto.rag.answers.context import pack, token_counter
from racto.rag.answers.extractive import ExtractiveAnswerer
from racto.rag.answers.generated import GeneratedAnswerer
from racto.rag.index.words import content_words
from racto.rag.offload import offload

from .page_index import PageIndex


class PageAnswers:
    """Answers questions from found pages.

    Args:
        index: Where the pages were found.
        generated: Answers with a kit.
        extractive: Answers when there is no kit.
        budget: Most tokens of the context.
    """

    def __init__(
        self,
        index: PageIndex,
        generated: GeneratedAnswerer | None,
        *,
        extractive: ExtractiveAnswerer,
        budget: int,
    ) -> None:
        self._index = index
        self._generated = generated
        self._extractive = extractive
        self._budget = budget

    def flow(
        self, question: str, results: list[RetrievalResult], options: Mapping[str, Any]
    ) -> Flow[RAGResponse]:
        """The steps of one answer.

        Args:
            question: The question.
            results: Pages, best first.
            options: ``prompt``, ``temperature`` and ``max_tokens`` for the kit.
        """
        # Asking a model about no pages at all would only invite it to invent some.
        if self._generated is None or not results:
            return (yield from self._quoted(question, results))
        written = yield from self._generated.flow(question, results, **options)
        return RAGResponse(
            answer=written.response,
            sources=results,
            query=question,
            context_used=written.context,
            citations=self._placed(written.citations, results),
            is_grounded=written.is_grounded,
        )

    def _quoted(self, question: str, results: list[RetrievalResult]) -> Flow[RAGResponse]:
        counts = yield from offload(self._index.frequencies, content_words(question))
        total = self._index.count()
        quoted = yield from self._extractive.flow(question, results, counts=counts, total=total)
        return RAGResponse(
            answer=LLMResponse(
                content=quoted.text, usage=Usage.nothing(), provider="racto", model="extractive"
            ),
            sources=results,
            query=question,
            context_used=pack(results, self._budget, token_counter(None)).text,
            citations=self._placed(quoted.citations, results),
            is_grounded=quoted.is_grounded,
        )

    def _placed(
        self, citations: tuple[Citation, ...], results: list[RetrievalResult]
    ) -> tuple[Citation, ...]:
        return place_citations(citations, results, self._index.outline)
