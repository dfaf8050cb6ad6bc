"""Finder: from a question to passages, by the mode that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.retrievers import Retriever

from .index import DocumentIndex
from .offload import offload
from .retrieval.flow_retriever import (
    Filters,
    FlowRetriever,
    Results,
    retrieve_all,
    retrieve_one,
)
from .retrieval.hybrid import HybridRetriever
from .retrieval.keywords import KeywordRetriever
from .retrieval.vector import VectorRetriever
from .shelf import Shelf

RetrievalMode: TypeAlias = Literal["hybrid", "vector", "keywords"]
"""How chunks are found: by meaning, by words, or by both."""

USUAL_WEIGHTS: Mapping[str, float] = {"vector": 1.0, "keywords": 1.5}
"""How much each ranking counts unless the caller says so. Words count for more: what they find
holds what was asked for, while how good vectors are depends on the embedder."""


class Finder(FlowRetriever):
    """Finds passages by the mode that was chosen.

    Args:
        index: Searched for words.
        embedder: Embeds questions.
        shelf: Gives the vector store.
        mode: How chunks are found.
        weights: How much each ranking counts in ``hybrid`` mode, where it is not to be
            :data:`USUAL_WEIGHTS`.
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
        self._weights = {**USUAL_WEIGHTS, **weights}

    @property
    def embedder(self) -> Embedder:
        """What made the vectors of the chunks, for a retriever around this one."""
        return self._embedder

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """The steps of one retrieval."""
        retriever = yield from self._retriever()
        return (yield from retrieve_one(retriever, query, top_k, filters))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """The steps of many: one call of the embedder, one pass of the store where it can."""
        retriever = yield from self._retriever()
        return (yield from retrieve_all(retriever, queries, top_k, filters))

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
