"""From a question to an answer, whole or piece by piece, as flows for both voices."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from racto.core.answers import Citation, RAGResponse
from racto.core.documents import RetrievalResult
from racto.core.errors import StreamTruncatedError
from racto.core.flows import Flow, arun, run, step
from racto.core.messages import Message
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit
from racto.core.protocols.retrievers import Retriever
from racto.core.responses import LLMResponse
from racto.core.usage import Usage

from .answers.citations import place_citations
from .answers.context import pack, token_counter
from .answers.conversations import Conversations
from .answers.extractive import ExtractiveAnswerer
from .answers.generated import GeneratedAnswerer, Task, read_answer
from .answers.streaming import RAGStreamChunk
from .index import DocumentIndex
from .index.words import content_words
from .ingestion.preparation import without_surrogates
from .offload import offload
from .retrieval.flow_retriever import check_request, retrieve_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question and how it is to be answered; see :meth:`RactoRAG.query`."""

    question: str
    top_k: int = 5
    filters: Mapping[str, Any] | None = None
    prompt: RactoPrompt | None = None
    temperature: float | None = None
    max_tokens: int = 2048
    conversation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found for a question, and what a model is to be asked about it, if any is."""

    inquiry: Inquiry
    results: list[RetrievalResult]
    task: Task | None
    began: float
    seconds: float

    def timings(self) -> dict[str, float]:
        elapsed = time.perf_counter() - self.began
        return {"search": self.seconds, "answer": elapsed - self.seconds}


class Respondent:
    """Answers questions from what a retriever finds.

    Args:
        retriever: Finds passages.
        index: Tells how rare words are, and where pages and sections begin.
        extractive: Answers when there is no kit.
        generated: Answers with a kit.
        conversations: Remembers what was said before.
        budget: Most tokens of the context.
    """

    def __init__(
        self,
        retriever: Retriever,
        index: DocumentIndex,
        *,
        extractive: ExtractiveAnswerer,
        generated: GeneratedAnswerer | None,
        conversations: Conversations,
        budget: int,
    ) -> None:
        self._retriever = retriever
        self._index = index
        self._extractive = extractive
        self._generated = generated
        self._conversations = conversations
        self._budget = budget

    def retrieve(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        """The steps of one retrieval."""
        find, afind = self._retriever.retrieve, self._retriever.aretrieve
        return step(find, afind, without_surrogates(query), top_k, filters)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[list[RetrievalResult]]]:
        """The steps of many retrievals."""
        check_request(top_k, filters)
        wanted = [without_surrogates(query) for query in queries]
        return (yield from retrieve_all(self._retriever, wanted, top_k, filters))

    def query(self, inquiry: Inquiry) -> Flow[RAGResponse]:
        """The steps of one answer."""
        found = yield from self.find(inquiry)
        if found.task is None or self._generated is None:
            return (yield from self._quote(found))
        kit = self._generated.kit
        response = yield from step(kit.chat, kit.achat, found.task.config)
        return (yield from self._written(found, found.task, response))

    def stream(self, inquiry: Inquiry) -> Generator[RAGStreamChunk, None, None]:
        """The answer piece by piece; leaving early hangs up."""
        found = run(self.find(inquiry))
        yield RAGStreamChunk(sources=found.results)
        if found.task is None or self._generated is None:
            quoted = run(self._quote(found))
            yield RAGStreamChunk(text=quoted.answer.content or "")
            yield RAGStreamChunk(response=quoted)
            return
        kit, last = self._generated.kit, None
        pieces = kit.stream(found.task.config)
        try:
            for piece in pieces:
                if piece.delta.text:
                    yield RAGStreamChunk(text=piece.delta.text)
                last = piece.response or last
        finally:
            if close := getattr(pieces, "close", None):
                close()
        yield RAGStreamChunk(response=run(self._written(found, found.task, _whole(last, kit))))

    async def astream(self, inquiry: Inquiry) -> AsyncGenerator[RAGStreamChunk, None]:
        """Async twin of :meth:`stream`."""
        found = await arun(self.find(inquiry))
        yield RAGStreamChunk(sources=found.results)
        if found.task is None or self._generated is None:
            quoted = await arun(self._quote(found))
            yield RAGStreamChunk(text=quoted.answer.content or "")
            yield RAGStreamChunk(response=quoted)
            return
        kit, last = self._generated.kit, None
        pieces = kit.astream(found.task.config)
        try:
            async for piece in pieces:
                if piece.delta.text:
                    yield RAGStreamChunk(text=piece.delta.text)
                last = piece.response or last
        finally:
            if aclose := getattr(pieces, "aclose", None):
                await aclose()
        yield RAGStreamChunk(
            response=await arun(self._written(found, found.task, _whole(last, kit)))
        )

    def find(self, inquiry: Inquiry) -> Flow[_Found]:
        """Find passages, and write down what the kit is to be asked about them."""
        began = time.perf_counter()
        question = without_surrogates(inquiry.question)
        inquiry = replace(inquiry, question=question)
        history: list[Message] = yield from self._conversations.history(inquiry.conversation)
        wanted = yield from self._conversations.standalone(question, history)
        results = yield from self.retrieve(wanted, inquiry.top_k, inquiry.filters)
        task = None
        # Asking a model about no sources at all would only invite it to invent some.
        if self._generated is not None and results:
            task = self._generated.task(
                question,
                results,
                history=history,
                prompt=inquiry.prompt,
                temperature=inquiry.temperature,
                max_tokens=inquiry.max_tokens,
            )
        return _Found(
            inquiry=inquiry,
            results=results,
            task=task,
            began=began,
            seconds=time.perf_counter() - began,
        )

    def _written(self, found: _Found, task: Task, response: LLMResponse) -> Flow[RAGResponse]:
        written = read_answer(response, task)
        citations = yield from self._placed(written.citations, found.results)
        yield from self._keep(found, response.content or "")
        return RAGResponse(
            answer=written.response,
            sources=found.results,
            query=found.inquiry.question,
            context_used=written.context,
            citations=citations,
            is_grounded=written.is_grounded,
            timings=found.timings(),
        )

    def _quote(self, found: _Found) -> Flow[RAGResponse]:
        question, results = found.inquiry.question, found.results
        words = content_words(question)
        counts = yield from offload(self._index.chunks.frequencies, words)
        total = yield from offload(self._index.count)
        quoted = yield from self._extractive.flow(question, results, counts=counts, total=total)
        citations = yield from self._placed(quoted.citations, results)
        yield from self._keep(found, quoted.text)
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
            timings=found.timings(),
        )

    def _keep(self, found: _Found, answer: str) -> Flow[None]:
        inquiry = found.inquiry
        # A turn without words would only confuse the model the next time.
        if not answer.strip():
            return
        yield from self._conversations.keep(inquiry.conversation, inquiry.question, answer)

    def _placed(
        self, citations: tuple[Citation, ...], results: list[RetrievalResult]
    ) -> Flow[tuple[Citation, ...]]:
        if not citations:
            return ()
        return (yield from offload(place_citations, citations, results, self._index.outline))


def _whole(response: LLMResponse | None, kit: ChatKit) -> LLMResponse:
    if response is None:
        raise StreamTruncatedError(
            f"{type(kit).__name__} ended its stream without a final response"
        )
    return response
