"""A retriever over any keyword index, so that it can be fused with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from racto.core.documents import RetrievalResult
from racto.core.flows import threaded


class Searchable(Protocol):
    """What has a keyword search: a :class:`~racto.core.protocols.KeywordIndex` or an index."""

    def search(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks for these words."""
        ...


class KeywordRetriever:
    """Finds chunks by the words they share with the question.

    Args:
        index: Where to search.
    """

    def __init__(self, index: Searchable) -> None:
        self._index = index

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks by BM25 among those that satisfy the filter; ranks from 1."""
        return self._index.search(query, top_k, filters)

    aretrieve = threaded(retrieve)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order; the async twin takes one thread for all."""
        return [self.retrieve(query, top_k, filters) for query in queries]

    aretrieve_batch = threaded(retrieve_batch)
