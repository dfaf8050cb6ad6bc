"""Retrieval by meaning: the question's vector against those of a vector store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from racto.core.embeddings import Matrix, Vector
from racto.core.errors import EmbeddingError
from racto.core.flows import Flow, gather, step
from racto.core.protocols.embedders import Embedder, QueryEmbedder
from racto.core.protocols.stores import BatchSearch, VectorStore
from racto.rag.ingestion.vectors import embed

from .flow_retriever import WIDTH, Filters, FlowRetriever, Results


@runtime_checkable
class QuestionsEmbedder(Protocol):
    """The power to embed many questions in one call, by an asymmetric model's way for questions."""

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Embed questions, in order; shape (n, d)."""
        ...

    async def aembed_queries(self, texts: Sequence[str]) -> Matrix:
        """Async twin of :meth:`embed_queries`."""
        ...


class VectorRetriever(FlowRetriever):
    """Finds the chunks nearest to a question.

    A batch of questions is embedded in one call where the embedder can, and searched in one pass
    where the store can.

    Args:
        store: Any vector store.
        embedder: The embedder whose vectors it holds; its power to embed questions apart from
            documents is used where it has it. A call raises EmbeddingError when it returns no
            vector, or several.
    """

    def __init__(self, store: VectorStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """Embed the question and find the nearest chunks."""
        vector = yield from embed_question(self._embedder, query)
        return (yield from step(self._store.search, self._store.asearch, vector, top_k, filters))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """Embed all questions, then search for all."""
        vectors = yield from embed_questions(self._embedder, queries)
        return (yield from search_all(self._store, vectors, top_k, filters))


def embed_question(embedder: Embedder, question: str) -> Flow[Vector]:
    """The vector of a question, by the embedder's own way for questions where it has one."""
    # Asymmetric models find little when a question is embedded as if it were a document.
    if isinstance(embedder, QueryEmbedder):
        return (yield from step(embedder.embed_query, embedder.aembed_query, question))
    vectors = yield from embed(embedder, [question])
    vector: Vector = vectors[0]
    return vector


def embed_questions(embedder: Embedder, questions: Sequence[str]) -> Flow[Matrix]:
    """The vectors of many questions, in as few calls as the embedder allows.

    Raises:
        EmbeddingError: If another number of vectors comes back.
    """
    if isinstance(embedder, QuestionsEmbedder):
        made = yield from step(embedder.embed_queries, embedder.aembed_queries, questions)
        if len(made) != len(questions):
            raise EmbeddingError(
                f"{type(embedder).__name__} returned {len(made)} vectors for "
                f"{len(questions)} questions"
            )
        return made
    # The embedder's batch call is for documents, and questions are not embedded as such.
    if isinstance(embedder, QueryEmbedder):
        flows = [embed_question(embedder, question) for question in questions]
        return (yield from gather(flows, width=WIDTH))
    return (yield from embed(embedder, questions))


def search_all(
    store: VectorStore, vectors: Matrix, top_k: int, filters: Filters
) -> Flow[list[Results]]:
    """The nearest chunks of each vector: in one pass where the store can, else several at a time."""
    if isinstance(store, BatchSearch):
        return (yield from step(store.search_batch, store.asearch_batch, vectors, top_k, filters))
    flows = [
        step(store.search, store.asearch, vectors[row], top_k, filters)
        for row in range(len(vectors))
    ]
    return (yield from gather(flows, width=WIDTH))
