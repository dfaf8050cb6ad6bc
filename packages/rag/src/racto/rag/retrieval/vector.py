"""Retrieval by meaning: the question's vector against those of a vector store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.embeddings import Vector
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder, QueryEmbedder
from racto.core.protocols.stores import VectorStore
from racto.rag.ingestion.vectors import embed


class VectorRetriever:
    """Finds the chunks nearest to a question.

    Args:
        store: Any vector store.
        embedder: The embedder whose vectors it holds; its power to embed questions apart from
            documents is used where it has it.
    """

    def __init__(self, store: VectorStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Embed the question and find the nearest chunks; ranks from 1.

        Raises:
            EmbeddingError: If the embedder returns no vector, or several.
            DimensionMismatchError: If the store holds vectors of another length.
        """
        return run(self._retrieve(query, top_k, filters))

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`retrieve`."""
        return await arun(self._retrieve(query, top_k, filters))

    def _retrieve(
        self, query: str, top_k: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[RetrievalResult]]:
        vector = yield from embed_question(self._embedder, query)
        return (yield from step(self._store.search, self._store.asearch, vector, top_k, filters))


def embed_question(embedder: Embedder, question: str) -> Flow[Vector]:
    """The vector of a question, by the embedder's own way for questions where it has one."""
    # Asymmetric models find little when a question is embedded as if it were a document.
    if isinstance(embedder, QueryEmbedder):
        return (yield from step(embedder.embed_query, embedder.aembed_query, question))
    vectors = yield from embed(embedder, [question])
    vector: Vector = vectors[0]
    return vector
