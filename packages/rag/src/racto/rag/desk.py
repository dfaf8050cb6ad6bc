"""What a pipeline is asked: for passages, for answers, for answers piece by piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from typing import Any

from racto.core.answers import RAGResponse
from racto.core.documents import RetrievalResult
from racto.core.flows import arun, run
from racto.core.prompts import RactoPrompt

from .answers.streaming import RAGStreamChunk
from .respondent import Inquiry, Respondent
from .spans import Traced


class QuestionDesk(Traced):
    """The methods of :class:`~racto.rag.RactoRAG` that ask it something."""

    _respondent: Respondent

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
        flow = self._respondent.retrieve(query, top_k, filters)
        return run(self._traced("retrieve", flow))

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`retrieve`."""
        flow = self._respondent.retrieve(query, top_k, filters)
        return await arun(self._traced("retrieve", flow))

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Find the passages for many questions, embedded together and searched in one pass.

        Args:
            queries: The questions.
            top_k: Most results a question, at least 1.
            filters: Metadata filter of all of them.

        Returns:
            One list a question, in order; see :meth:`retrieve`.
        """
        flow = self._respondent.retrieve_batch(queries, top_k, filters)
        return run(self._traced("retrieve_batch", flow))

    async def aretrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`retrieve_batch`."""
        flow = self._respondent.retrieve_batch(queries, top_k, filters)
        return await arun(self._traced("retrieve_batch", flow))

    def query(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
        conversation_id: str | None = None,
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
            conversation_id: Conversation that the question belongs to. What was said in it is
                put before the model, and a question that leans on it is rewritten before it is
                searched for, which takes a second call; question and answer are added to it.

        Returns:
            The answer with its sources and checked citations. ``is_grounded`` is false when the
            documents do not hold the answer.
        """
        inquiry = Inquiry(
            question=question,
            top_k=top_k,
            filters=filters,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            conversation=conversation_id,
        )
        return run(self._traced("query", self._respondent.query(inquiry)))

    async def aquery(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
        conversation_id: str | None = None,
    ) -> RAGResponse:
        """Async twin of :meth:`query`."""
        inquiry = Inquiry(
            question=question,
            top_k=top_k,
            filters=filters,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            conversation=conversation_id,
        )
        return await arun(self._traced("query", self._respondent.query(inquiry)))

    def stream_query(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
        conversation_id: str | None = None,
    ) -> Generator[RAGStreamChunk, None, None]:
        """Answer piece by piece; takes what :meth:`query` takes.

        Yields:
            First the sources, then text as the model writes it, last the whole response with its
            checked citations. Closing the generator early hangs up.
        """
        inquiry = Inquiry(
            question=question,
            top_k=top_k,
            filters=filters,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            conversation=conversation_id,
        )
        return self._respondent.stream(inquiry)

    def astream_query(
        self,
        question: str,
        top_k: int = 5,
        filters: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        temperature: float | None = None,
        max_tokens: int = 2048,
        conversation_id: str | None = None,
    ) -> AsyncGenerator[RAGStreamChunk, None]:
        """Async twin of :meth:`stream_query`."""
        inquiry = Inquiry(
            question=question,
            top_k=top_k,
            filters=filters,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            conversation=conversation_id,
        )
        return self._respondent.astream(inquiry)
